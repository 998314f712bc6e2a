// Explain: every reason there is for an endpoint to have got an event or not, each with its sentence.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXPLANATION_REASONS, type Explanation, type ExplanationReason } from '@waxwing/protocol';
import { DOWN, houses, OK, rejects, URL_OK } from './house.ts';

const house = houses();
const seen = new Set<ExplanationReason>();

function said(explanation: Explanation, reason: ExplanationReason, sentence: RegExp): Explanation {
  assert.equal(explanation.reason, reason, explanation.sentence);
  assert.match(explanation.sentence, sentence);
  seen.add(reason);
  return explanation;
}

describe('an explanation', () => {
  it('of a delivered event says when, and after how many attempts', async () => {
    const { engine, clock } = await house();
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const event = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const why = said(await engine.events.explain('acme', event.id, id), 'delivered', /delivered on 2026-01-01T.* after 1 attempt\./);
    assert.deepEqual([why.event, why.eventType, why.endpoint, why.lastError, why.behind], [event.id, 'a.b', id, null, null]);
    assert.equal(why.delivery?.state, 'delivered');
  });

  it('of a pending one says whether it is under way, retried, held, resting or at its rate, with the last error', async () => {
    const { engine, clock, sender } = await house({}, () => ({ ...DOWN, afterMs: 100 }));
    const { id } = await engine.endpoints.create('acme', { url: URL_OK, maxRetries: 1, retryScheduleSeconds: [600] });
    const { id: event } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(50);
    said(await engine.events.explain('acme', event, id), 'in_flight', /Attempt 1 is under way/);
    await clock.advance(1_000);
    const retrying = said(await engine.events.explain('acme', event, id), 'retrying', /Attempt 1 failed; the next attempt is on 2026/);
    assert.match(retrying.lastError ?? '', /refused.*500/);
    await engine.endpoints.pause('acme', id);
    said(await engine.events.explain('acme', event, id), 'held', /waiting since .* paused since .*Resume it/);
    await engine.endpoints.disable('acme', id);
    said(await engine.events.explain('acme', event, id), 'held', /disabled since .*by a person.*Enable it/);
    await engine.endpoints.enable('acme', id);
    await clock.advance(700_000);
    said(await engine.events.explain('acme', event, id), 'failed', /failed on .* after 2 attempts: schedule exhausted/);

    const slow = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['slow.*'], rateLimitPerSecond: 0.1 });
    sender.answer = () => OK;
    await engine.publish('acme', { type: 'slow.a', data: {} });
    const second = await engine.publish('acme', { type: 'slow.a', data: {} });
    await clock.advance(1_000);
    said(await engine.events.explain('acme', second.id, slow.id), 'rate_limited', /takes 0\.1 a second, the next one on/);

    const busy = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['busy.*'], concurrency: 1 });
    sender.answer = () => 'hang';
    await engine.publish('acme', { type: 'busy.a', data: {} });
    const waiting = await engine.publish('acme', { type: 'busy.a', data: {} });
    await clock.advance(1_000);
    said(await engine.events.explain('acme', waiting.id, busy.id), 'waiting', /is due since .* has 1 attempts? under way/);

    const tired = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['tired.*'] });
    sender.answer = () => ({ outcome: { kind: 'refused', status: 429 }, retryAfterMs: 30_000 });
    await engine.publish('acme', { type: 'tired.a', data: {} });
    await clock.advance(100);
    const resting = await engine.publish('acme', { type: 'tired.a', data: {} });
    await clock.advance(100);
    said(await engine.events.explain('acme', resting.id, tired.id), 'resting', /asked for a rest, until 2026/);
  });

  it('of a FIFO endpoint names the delivery that goes first', async () => {
    const { engine, clock } = await house({}, () => DOWN);
    const { id } = await engine.endpoints.create('acme', { url: URL_OK, ordering: 'fifo', retryScheduleSeconds: [600] });
    const first = await engine.publish('acme', { type: 'a.b', data: {} });
    const second = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const ahead = said(await engine.events.explain('acme', first.id, id), 'retrying', /Attempt 1 failed/).delivery?.id;
    const why = said(
      await engine.events.explain('acme', second.id, id),
      'fifo_wait',
      /in the order of their publishing.*1 failed so far, next on/,
    );
    assert.ok(ahead !== undefined && why.behind === ahead && why.sentence.includes(ahead));
  });

  it('of a skipped, cancelled or expired one says so, and notes what a retry has made of it', async () => {
    const { engine, clock } = await house({ limits: { upkeepMs: 1e10 }, retentionDays: 2 });
    const { id } = await engine.endpoints.create('acme', { url: URL_OK, status: 'disabled' });
    const skipped = await engine.publish('acme', { type: 'a.b', data: {} });
    said(await engine.events.explain('acme', skipped.id, id), 'skipped', /skipped when it was published.*disabled.*replay/);
    await engine.endpoints.pause('acme', id);
    const held = await engine.publish('acme', { type: 'a.b', data: {} });
    const cancelled = await engine.publish('acme', { type: 'a.b', data: {} });
    const [delivery] = (await engine.events.get('acme', cancelled.id)).deliveries;
    await engine.deliveries.cancel('acme', delivery?.id ?? '');
    said(await engine.events.explain('acme', cancelled.id, id), 'cancelled', /cancelled on .*by a person/);
    await engine.deliveries.retry('acme', delivery?.id ?? '');
    const again = said(await engine.events.explain('acme', cancelled.id, id), 'held', /paused/);
    assert.deepEqual(again.notes.length, 2);
    assert.match(again.notes.join(), /made by a retry.*earlier delivery.*\(publish\), is cancelled/);
    await clock.advance(2.2 * 24 * 3_600_000);
    said(await engine.events.explain('acme', held.id, id), 'expired', /still pending when its retention ended/);
  });

  it('where there is no delivery says why: not subscribed, then or now, made later, deleted', async () => {
    const { engine, clock } = await house();
    const other = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['x.*', 'y.z'] });
    const edited = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['x.*'] });
    const gone = await engine.endpoints.create('acme', { url: URL_OK });
    await clock.advance(1_000);
    await engine.endpoints.delete('acme', gone.id);
    await clock.advance(1_000);
    const { id: event } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const later = await engine.endpoints.create('acme', { url: URL_OK });
    await engine.endpoints.update('acme', edited.id, { eventTypes: ['a.*'] });
    said(await engine.events.explain('acme', event, other.id), 'not_subscribed', /subscribes to x\.\*, y\.z, which does not take a\.b/);
    const why = said(await engine.events.explain('acme', event, edited.id), 'subscription_edited', /takes a\.b now.*did not take it then/);
    assert.match(why.notes.join(), /was edited on/);
    said(await engine.events.explain('acme', event, later.id), 'endpoint_newer', /was made on .*after the event/);
    said(await engine.events.explain('acme', event, gone.id), 'endpoint_deleted', /deleted on .*before the event/);
  });

  it('of an endpoint that was deleted says what it cancelled', async () => {
    const { engine, clock } = await house({}, () => DOWN);
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const { id: event } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    await engine.endpoints.delete('acme', id);
    const why = said(await engine.events.explain('acme', event, id), 'endpoint_deleted', /cancelled on .*because the endpoint was deleted/);
    assert.match(why.notes.join(), /The endpoint was deleted on/);
  });

  it('of a fan-out that is still being made says that it comes', async () => {
    const { engine, store } = await house({ limits: { fanOutAtOnceMax: 2 } });
    const endpoints = [];
    for (let i = 0; i < 3; i++) endpoints.push(await engine.endpoints.create('acme', { url: URL_OK }));
    const { commit } = store;
    Object.assign(store, {
      commit: (batch: Parameters<typeof commit>[0]) =>
        batch.groups.some(({ inserts }) => inserts.some(({ kind }) => kind === 'chunk'))
          ? new Promise(() => {}) // never comes back
          : commit.call(store, batch),
    });
    const { id: event } = await engine.publish('acme', { type: 'a.b', data: {} });
    said(await engine.events.explain('acme', event, endpoints[2]?.id ?? ''), 'not_made_yet', /still being made/);
  });

  it('of what retention has taken says that it is no longer kept', async () => {
    const { engine, clock } = await house({ limits: { upkeepMs: 1e10 }, retentionDays: 3 });
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const one = await engine.endpoints.create('acme', { url: URL_OK });
    const { id: event } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    await clock.advance(2 * 24 * 3_600_000);
    const [mine] = (await engine.deliveries.list('acme', { endpoint: one.id })).data;
    await engine.deliveries.retry('acme', mine?.id ?? ''); // keeps the event
    await clock.advance(1.5 * 24 * 3_600_000);
    said(await engine.events.explain('acme', event, id), 'no_longer_kept', /no longer kept/);
    said(await engine.events.explain('acme', event, one.id), 'delivered', /delivered/);
  });

  it('is refused for what does not exist or is another tenant’s', async () => {
    const { engine } = await house();
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const foreign = await engine.endpoints.create('other', { url: URL_OK });
    const { id: event } = await engine.publish('acme', { type: 'a.b', data: {} });
    await rejects(engine.events.explain('nobody', event, id), 'tenant_not_found');
    await rejects(engine.events.explain('acme', 'evt_none', id), 'event_not_found');
    await rejects(engine.events.explain('acme', event, 'ep_none'), 'endpoint_not_found');
    await rejects(engine.events.explain('acme', event, foreign.id), 'endpoint_not_found');
    await rejects(engine.events.explain('other', event, foreign.id), 'event_not_found');
  });

  it('was seen here for every reason there is', () => {
    assert.deepEqual([...seen].toSorted(), [...EXPLANATION_REASONS].toSorted());
  });
});
