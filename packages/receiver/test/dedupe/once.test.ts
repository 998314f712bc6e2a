// Dedupe as receivers use it: what runs, what does not, and what the sender is answered.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createReceiver, retryAfter } from '@waxwing/receiver';
import type { Answer, DedupeStore, EventReceiver, ReceiverNotice } from '@waxwing/receiver';
import { MemoryDedupe } from '@waxwing/receiver/dedupe';
import { SECRET, signedEvent, signedMessage } from '../adapters/signed-event.ts';

const LATER = Date.parse('2026-05-12T15:30:00Z');

function receiverOf(dedupe: DedupeStore, log: (notice: ReceiverNotice) => void = () => {}): EventReceiver<'humanconnection'> {
  return createReceiver({ profile: 'humanconnection', secret: SECRET, dedupe, log });
}

const send = (receiver: EventReceiver<'humanconnection'>, id: string, data: object = {}): Promise<Answer> =>
  receiver.receive(signedEvent('meeting.completed', { id, data }));

describe('a receiver with dedupe', () => {
  test('handles an event once, and answers its second delivery 200 as a duplicate', async () => {
    let runs = 0;
    const receiver = receiverOf(new MemoryDedupe()).onAny(() => void (runs += 1));
    assert.deepEqual(JSON.parse((await send(receiver, 'whevt_1')).body), { ok: true });
    const second = await send(receiver, 'whevt_1');
    assert.deepEqual([second.status, JSON.parse(second.body)], [200, { ok: true, duplicate: true }]);
    await send(receiver, 'whevt_2');
    assert.equal(runs, 2);
  });

  test('answers 503 with Retry-After to a delivery that comes while the first is being handled', async () => {
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const receiver = receiverOf(new MemoryDedupe({ now: () => LATER })).onAny(() => mayEnd);
    const first = send(receiver, 'whevt_1');
    const second = await send(receiver, 'whevt_1');
    assert.deepEqual([second.status, second.headers['retry-after'], JSON.parse(second.body).code], [503, '60', 'event_in_progress']);
    end();
    assert.equal((await first).status, 200);
    assert.equal((await send(receiver, 'whevt_1')).status, 200);
  });

  test('handles an event again whose handler threw, or answered other than with nothing', async () => {
    const outcomes = [new Error('down'), retryAfter(5), undefined];
    let runs = 0;
    const receiver = receiverOf(new MemoryDedupe()).onAny(() => {
      const outcome = outcomes[runs++];
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    const statuses: number[] = [];
    for (let index = 0; index < 4; index++) statuses.push((await send(receiver, 'whevt_1')).status);
    assert.deepEqual(statuses, [500, 503, 200, 200]);
    assert.equal(runs, 3);
  });

  test('handles an event again when the process died before it was done', async () => {
    const clock = { nowMs: LATER };
    const dedupe = new MemoryDedupe({ now: () => clock.nowMs });
    dedupe.begin('humanconnection:whevt_1', 60_000); // by a process that is no more
    let runs = 0;
    const receiver = receiverOf(dedupe).onAny(() => void (runs += 1));
    assert.equal((await send(receiver, 'whevt_1')).status, 503);
    clock.nowMs += 60_001;
    assert.equal((await send(receiver, 'whevt_1')).status, 200);
    assert.equal(runs, 1);
  });

  test('keeps its lease for as long as the handler runs', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval', 'Date'], now: LATER });
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const receiver = receiverOf(new MemoryDedupe()).onAny(() => mayEnd);
    const first = send(receiver, 'whevt_1');
    await Promise.resolve();
    for (let minute = 0; minute < 10; minute++) {
      context.mock.timers.tick(60_000);
      assert.equal((await send(receiver, 'whevt_1')).status, 503, `after ${minute + 1} minutes`);
    }
    end();
    assert.equal((await first).status, 200);
  });

  test('tells events with unsigned ids apart by id and body, so that a forged id poisons nothing', async () => {
    const seen: string[] = [];
    const receiver = createReceiver({ profile: 'joai', secret: SECRET, dedupe: new MemoryDedupe() });
    receiver.on('agent.message', (event) => void seen.push(event.data.content));
    const captured = signedMessage('evt_old', 'old');
    const forged = { body: captured.body, headers: { ...captured.headers, 'webhook-id': 'evt_new' } };
    for (const request of [captured, forged, forged, signedMessage('evt_new', 'new'), signedMessage('evt_new', 'new')]) {
      assert.equal((await receiver.receive(request)).status, 200);
    }
    assert.deepEqual(seen, ['old', 'old', 'new']);
  });

  test('handles every delivery of events that have no id', async () => {
    let runs = 0;
    const receiver = createReceiver({ profile: 'joai', secret: SECRET, dedupe: new MemoryDedupe() }).onAny(() => void (runs += 1));
    const { body, headers } = signedMessage('evt_1', 'hello');
    const { 'webhook-id': _, ...without } = headers;
    for (let index = 0; index < 2; index++) await receiver.receive({ body, headers: without });
    assert.equal(runs, 2);
  });

  test('tells events apart by a key of the caller’s own', async () => {
    const seen: unknown[] = [];
    const receiver = createReceiver({
      profile: 'humanconnection',
      secret: SECRET,
      dedupe: { store: new MemoryDedupe(), key: (event) => JSON.stringify(event.data) },
    }).onAny((event, { lease }) => void seen.push([event.id, lease?.key]));
    for (const id of ['whevt_1', 'whevt_2']) await receiver.receive(signedEvent('meeting.completed', { id }));
    assert.deepEqual(seen, [['whevt_1', '{"meeting_id":"mtg_1"}']]);
  });

  test('handles nothing while the store is away, and answers 503', async () => {
    const notices: ReceiverNotice[] = [];
    const away: DedupeStore = { ...neverAsked(), begin: () => Promise.reject(new Error('ECONNREFUSED')) };
    const receiver = receiverOf(away, (notice) => void notices.push(notice)).onAny(() => assert.fail('it was handled'));
    const answer = await send(receiver, 'whevt_1');
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [503, 'store_unavailable']);
    assert.deepEqual(
      notices.map(({ kind }) => kind),
      ['store_failed'],
    );
  });

  test('answers 200 when the handler has finished although done could not be written', async () => {
    const notices: ReceiverNotice[] = [];
    const failing: DedupeStore = {
      ...neverAsked(),
      begin: () => ({ kind: 'leased', token: 't' }),
      finish: () => Promise.reject(new Error('ECONNREFUSED')),
    };
    assert.equal(
      (
        await send(
          receiverOf(failing, (notice) => void notices.push(notice)),
          'whevt_1',
        )
      ).status,
      200,
    );
    assert.equal(notices[0]?.kind, 'store_failed');
  });

  test('asks the store nothing about a request that is not signed', async () => {
    const receiver = receiverOf(neverAsked());
    assert.equal((await receiver.receive({ body: '{}', headers: {} })).status, 401);
  });
});

function neverAsked(): DedupeStore {
  const never = (): never => assert.fail('the store was asked');
  return { begin: never, renew: never, finish: never, release: never };
}
