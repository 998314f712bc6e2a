// The inbox behind a receiver, on a real file.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import { createReceiver, reject, WebhookServer } from '@waxwing/receiver';
import type { EventReceiver, ReceiverNotice, ReceiverOptions } from '@waxwing/receiver';
import { MemoryDedupe } from '@waxwing/receiver/dedupe';
import { openInbox } from '@waxwing/receiver/inbox';
import type { Inbox, InboxOptions } from '@waxwing/receiver/inbox';
import { SECRET, signedEvent, signedMessage } from '../adapters/signed-event.ts';

const folder = mkdtempSync(join(tmpdir(), 'waxwing-inbox-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = (): string => join(folder, `${++files}.db`);

interface Rig {
  readonly receiver: EventReceiver<'humanconnection'>;
  readonly inbox: Inbox;
  readonly notices: ReceiverNotice[];
}

function rig(path: string, options: InboxOptions = {}, more: Partial<ReceiverOptions<'humanconnection'>> = {}): Rig {
  const notices: ReceiverNotice[] = [];
  const inbox = openInbox(path, { retry: { firstDelayMs: 5, factor: 1 }, ...options });
  const log = (notice: ReceiverNotice): void => void notices.push(notice);
  return { receiver: createReceiver({ profile: 'humanconnection', secret: SECRET, inbox, log, ...more }), inbox, notices };
}

async function post(receiver: EventReceiver<'humanconnection'>, id: string): Promise<[status: number, body: unknown]> {
  const { status, body } = await receiver.receive(signedEvent('meeting.completed', { id }));
  return [status, JSON.parse(body)];
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('a receiver with an inbox', () => {
  test('answers 200 while the handler still runs, and hands it the event as it came', async () => {
    const { receiver } = rig(freshPath());
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    receiver.on('meeting.completed', async (event, { attempt, request }) => {
      await mayEnd;
      seen.push([event.id, event.data.meeting_id, attempt, typeof request.body]);
    });
    assert.deepEqual(await post(receiver, 'whevt_1'), [200, { ok: true }]);
    assert.deepEqual(seen, []);
    end();
    await receiver.stop();
    assert.deepEqual(seen, [['whevt_1', 'mtg_1', 1, 'object']]);
  });

  test('refuses what is not signed before anything is kept', async () => {
    const { receiver, inbox } = rig(freshPath());
    await receiver.start();
    assert.equal((await receiver.receive({ body: '{}', headers: {} })).status, 401);
    assert.deepEqual(inbox.counts(), { waiting: 0, failed: 0 });
    await receiver.stop();
  });

  test('tries a handler that throws again, until it succeeds', async () => {
    const { receiver, notices } = rig(freshPath());
    const attempts: number[] = [];
    receiver.onAny((_event, { attempt }) => {
      attempts.push(attempt);
      if (attempt < 4) throw new Error('down');
    });
    await post(receiver, 'whevt_1');
    await until(() => attempts.length === 4);
    await receiver.stop();
    assert.deepEqual(attempts, [1, 2, 3, 4]);
    assert.equal(notices.filter(({ kind }) => kind === 'handler_failed').length, 3);
  });

  test('gives up after the last try, keeps the event, and handles it when asked to', async () => {
    const { receiver, inbox, notices } = rig(freshPath(), { retry: { firstDelayMs: 1, attemptsMax: 2 } });
    let broken = true;
    let runs = 0;
    receiver.onAny(() => {
      runs += 1;
      if (broken) throw new Error('down');
    });
    await post(receiver, 'whevt_1');
    await until(() => notices.some(({ kind }) => kind === 'given_up'));
    await until(() => inbox.counts().failed === 1);
    const [failed] = inbox.failed();
    assert.deepEqual([failed?.key, failed?.attempts, failed?.error], ['humanconnection:whevt_1', 2, 'the handler threw']);
    broken = false;
    assert.equal(inbox.retryFailed(), 1);
    await until(() => inbox.counts().waiting === 0);
    assert.deepEqual([runs, inbox.counts().failed], [3, 0]);
    await receiver.stop();
  });

  test('handles an event that it gave up when the sender sends it again', async () => {
    const { receiver, inbox } = rig(freshPath());
    const results = [reject(), undefined];
    let runs = 0;
    receiver.onAny(() => results[runs++]);
    await post(receiver, 'whevt_1');
    await until(() => inbox.counts().failed === 1);
    assert.deepEqual(await post(receiver, 'whevt_1'), [200, { ok: true }]);
    await receiver.stop();
    assert.equal(runs, 2);
  });

  test('handles an event once, however often it is sent, also after a restart', async () => {
    const path = freshPath();
    let runs = 0;
    for (let round = 0; round < 2; round++) {
      const { receiver } = rig(path);
      receiver.onAny(() => void (runs += 1));
      const answers = await Promise.all([post(receiver, 'whevt_1'), post(receiver, 'whevt_1')]);
      assert.deepEqual(
        answers.map(([status]) => status),
        [200, 200],
      );
      assert.equal(answers.filter(([, body]) => JSON.stringify(body).includes('duplicate')).length, round + 1);
      await receiver.stop();
    }
    assert.equal(runs, 1);
  });

  test('forgets what was handled after a while, and keeps no body of it before', async () => {
    const path = freshPath();
    const clock = { nowMs: Date.now() };
    const { receiver, inbox } = rig(path, { keepMs: 120_000, now: () => clock.nowMs });
    let runs = 0;
    receiver.onAny(() => void (runs += 1));
    await post(receiver, 'whevt_1');
    await until(() => inbox.counts().waiting === 0);
    clock.nowMs += 120_001;
    await post(receiver, 'whevt_2'); // sweeps
    await post(receiver, 'whevt_1');
    await receiver.stop();
    assert.equal(runs, 3);
    const db = new DatabaseSync(path);
    assert.deepEqual(
      { ...db.prepare('select count(*) as rows, count(body) + count(headers) as kept from inbox').get() },
      { rows: 2, kept: 0 },
    );
    db.close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('handles everything that is due before it stops', async () => {
    const { receiver } = rig(freshPath(), { concurrency: 2 });
    let runs = 0;
    receiver.onAny(async () => {
      await new Promise(setImmediate);
      runs += 1;
    });
    await Promise.all(Array.from({ length: 50 }, (_, index) => post(receiver, `whevt_${index}`)));
    await receiver.stop();
    assert.equal(runs, 50);
  });

  test('leaves to the next start what a stop does not wait for', async () => {
    const path = freshPath();
    const first = rig(path, { concurrency: 2, drainTimeoutMs: 20 });
    first.receiver.onAny(() => new Promise(() => {})); // never ends
    await Promise.all(['whevt_1', 'whevt_2', 'whevt_3'].map((id) => post(first.receiver, id)));
    await first.receiver.stop();
    const second = rig(path);
    const seen = new Map<string | null, number>();
    second.receiver.onAny(({ id }, { attempt }) => void seen.set(id, attempt));
    await second.receiver.start();
    await until(() => seen.size === 3);
    await second.receiver.stop();
    assert.deepEqual(Object.fromEntries(seen), { whevt_1: 2, whevt_2: 2, whevt_3: 2 });
  });

  test('takes more events than it holds in memory, and handles each once', async () => {
    const { receiver } = rig(freshPath());
    const seen = new Map<string | null, number>();
    receiver.onAny(async ({ id }) => {
      await new Promise(setImmediate);
      seen.set(id, (seen.get(id) ?? 0) + 1);
    });
    await Promise.all(Array.from({ length: 1500 }, (_, index) => post(receiver, `whevt_${index}`)));
    await receiver.stop();
    assert.equal(seen.size, 1500);
    assert.ok([...seen.values()].every((runs) => runs === 1));
  });

  test('answers 503 when it holds as many unhandled events as it may, and after it was stopped', async () => {
    const { receiver } = rig(freshPath(), { waitingMax: 2, drainTimeoutMs: 1 });
    receiver.onAny(() => new Promise(() => {}));
    assert.equal((await post(receiver, 'whevt_1'))[0], 200);
    assert.equal((await post(receiver, 'whevt_2'))[0], 200);
    const { status, headers } = await receiver.receive(signedEvent('meeting.completed', { id: 'whevt_3' }));
    assert.deepEqual([status, headers['retry-after']], [503, '10']);
    await receiver.stop();
    assert.equal((await post(receiver, 'whevt_4'))[0], 503);
  });

  test('refuses a file that is open elsewhere, and a second receiver of its own', async () => {
    const path = freshPath();
    const { receiver, inbox } = rig(path);
    await receiver.start();
    await receiver.start();
    await assert.rejects(rig(path).receiver.start(), { code: 'data_folder_in_use', message: /is open already/ });
    const other = createReceiver({ profile: 'joai', secret: SECRET, inbox });
    await assert.rejects(other.start(), { code: 'invalid_setting', message: /another receiver/ });
    await receiver.stop();
    await assert.rejects(rig(join(folder, 'no', 'folder.db')).receiver.start(), { code: 'invalid_setting' });
  });

  test('keeps every delivery of events that cannot be told apart', async () => {
    const inbox = openInbox(freshPath());
    let runs = 0;
    const receiver = createReceiver({ profile: 'joai', secret: SECRET, inbox }).onAny(() => void (runs += 1));
    const { body, headers } = signedMessage('evt_1', 'hello');
    const { 'webhook-id': _, ...without } = headers;
    for (let index = 0; index < 2; index++) assert.equal((await receiver.receive({ body, headers: without })).status, 200);
    await receiver.stop();
    assert.equal(runs, 2);
  });

  test('shares a dedupe store with other machines: an event that runs elsewhere waits, one that is done is not repeated', async () => {
    const dedupe = new MemoryDedupe();
    const elsewhere = dedupe.begin('humanconnection:whevt_1', 30);
    assert.ok(elsewhere.kind === 'leased');
    const { receiver, inbox } = rig(freshPath(), {}, { dedupe });
    receiver.onAny(() => assert.fail('it was handled here too'));
    await post(receiver, 'whevt_1');
    dedupe.finish('humanconnection:whevt_1', elsewhere.token, 60_000);
    await until(() => inbox.counts().waiting === 0);
    assert.equal(inbox.counts().failed, 0);
    await receiver.stop();
  });
});

test('WebhookServer handles what its inbox kept when it starts, and drains it when it stops', async () => {
  const path = freshPath();
  const before = rig(path, { drainTimeoutMs: 1 });
  before.receiver.onAny(() => new Promise(() => {}));
  await post(before.receiver, 'whevt_1');
  await before.receiver.stop();

  const seen: (string | null)[] = [];
  const inbox = openInbox(path, { retry: { firstDelayMs: 1 } });
  const server = new WebhookServer({ profile: 'humanconnection', secret: SECRET, inbox, port: 0, host: '127.0.0.1' });
  server.onAny(async ({ id }) => {
    await new Promise(setImmediate);
    seen.push(id);
  });
  await server.start();
  await until(() => seen.length === 1);
  const { body, headers } = signedEvent('meeting.completed', { id: 'whevt_2' });
  assert.equal((await fetch(server.url ?? '', { method: 'POST', body, headers })).status, 200);
  await server.stop();
  assert.deepEqual(seen, ['whevt_1', 'whevt_2']);
});
