// `waxwing serve` on PostgreSQL: one node acts, the others stand by and take over.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';

import { Waxwing } from '@waxwing/client';
import { WebhookServer } from '@waxwing/receiver';
import { startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { run, startWaxwing, temporaryFolder, waxwing, type Running } from './waxwing-process.ts';

const KEY = 'an-admin-key-of-24-bytes-or-more';
const SECRET = 'a-secret-of-mine-16';
const STARTED = /(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Admin key: as WAXWING_ADMIN_KEY/;
const STANDING_BY = /(http:\/\/127\.0\.0\.1:\d+).*standing by: another node is active/;

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

function environment(url: string): { readonly [name: string]: string } {
  return { WAXWING_DATABASE_URL: url, WAXWING_MASTER_KEY: 'm'.repeat(40), WAXWING_ADMIN_KEY: KEY };
}

function node(t: TestContext, url: string): Running {
  return startWaxwing(t, ['serve', '--port', '0', '--allow-http', '--allow-private-networks'], environment(url));
}

async function started(running: Running): Promise<Waxwing> {
  return new Waxwing({ url: (await running.saw(STARTED))[1] ?? '', key: KEY });
}

interface Receiver {
  readonly url: string;
  readonly ids: string[];
  /** Resolves when the event has arrived. */
  got(id: string): Promise<void>;
}

async function receiver(t: TestContext): Promise<Receiver> {
  const ids: string[] = [];
  const waiting = new Map<string, () => void>();
  const hooks = new WebhookServer({ profile: 'humanconnection', secret: SECRET, host: '127.0.0.1', port: 0 });
  hooks.on('meeting.completed', (event) => {
    ids.push(event.data.meeting_id);
    waiting.get(event.data.meeting_id)?.();
  });
  await hooks.start();
  t.after(() => hooks.stop());
  return {
    url: hooks.url ?? '',
    ids,
    got: (id) => (ids.includes(id) ? Promise.resolve() : new Promise((resolve) => waiting.set(id, resolve))),
  };
}

function meeting(id: string): { readonly type: string; readonly data: { readonly [member: string]: unknown } } {
  return { type: 'meeting.completed', data: { meeting_id: id, request_id: 'r', human_id: 'h' } };
}

async function untilReady(url: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const ready = await fetch(`${url}/readyz`).catch(() => null);
    await ready?.body?.cancel();
    if (ready?.status === 200) return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('serve on PostgreSQL', () => {
  test('a second node stands by, says so, and takes over when the first is killed, leaves, or is frozen past its lease', async (t) => {
    const url = await server.newDatabase();
    const got = await receiver(t);
    const first = node(t, url);
    const firstApi = await started(first);
    await firstApi.tenants.put('acme', { profile: 'humanconnection' });
    await firstApi.tenant('acme').endpoints.create({ url: got.url, eventTypes: ['meeting.*'], secret: SECRET });
    await firstApi.tenant('acme').publish(meeting('one'));
    await got.got('one');

    const second = node(t, url);
    const [, secondUrl = ''] = await second.saw(STANDING_BY);
    const ready = await fetch(`${secondUrl}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /"code":"not_ready".*standing by: another node is active/);
    assert.equal(ready.headers.get('retry-after'), '1');
    assert.equal((await fetch(`${secondUrl}/healthz`)).status, 200);
    const { nodes, store } = await firstApi.cluster();
    assert.deepEqual(
      nodes.map(({ state, shards }) => [state, shards]),
      [
        ['running', 1],
        ['standby', 0],
      ],
    );
    assert.equal(store.kind, 'postgres');

    first.child.kill('SIGKILL');
    assert.ok((await untilReady(secondUrl)) < 5_000, 'within five seconds');
    const secondApi = await started(second);
    await secondApi.tenant('acme').publish(meeting('two'));
    await got.got('two');

    const third = node(t, url);
    const [, thirdUrl = ''] = await third.saw(STANDING_BY);
    second.child.kill('SIGSTOP');
    assert.ok((await untilReady(thirdUrl)) < 5_000, 'within five seconds');
    const thirdApi = await started(third);
    await thirdApi.tenant('acme').publish(meeting('three'));
    await got.got('three');
    second.child.kill('SIGCONT');
    await second.saw(/Admin key[\s\S]*standing by: another node is active/);

    third.child.kill('SIGTERM');
    await untilReady(secondUrl);
    assert.equal((await third.ended).status, 0);
    await new Waxwing({ url: secondUrl, key: KEY }).tenant('acme').publish(meeting('four'));
    await got.got('four');
    assert.deepEqual(got.ids, ['one', 'two', 'three', 'four'], 'each once');
    const fourth = node(t, url);
    await fourth.saw(STANDING_BY);
    fourth.child.kill('SIGTERM');
    assert.equal((await fourth.ended).status, 0, 'who stands by ends politely too');
    second.child.kill('SIGTERM');
    assert.equal((await second.ended).status, 0);
  });

  test('the transactional-publish example’s orders arrive, save the one that was rolled back; and a store is moved', async (t) => {
    const url = await server.newDatabase();
    const folder = await temporaryFolder(t);
    const env = { WAXWING_MASTER_KEY: 'm'.repeat(40), WAXWING_ADMIN_KEY: KEY };
    const embedded = startWaxwing(t, ['serve', '--port', '0', '--data', folder], env);
    const api = await started(embedded);
    await api.tenants.put('acme', {});
    embedded.child.kill('SIGTERM');
    await embedded.ended;
    const moved = await waxwing(['migrate', '--from', folder, '--to', url]);
    assert.equal(moved.status, 0, moved.stderr);
    assert.match(moved.stdout, /^tenants +2 /m);
    assert.match(moved.stdout, /every table has the same rows on both sides[\s\S]*WAXWING_MASTER_KEY/);

    const example = join(import.meta.dirname, '../../../examples/transactional-publish/main.ts');
    const running = node(t, url);
    const movedApi = await started(running);
    const { status, stdout, stderr } = await run(process.execPath, [example], { DATABASE_URL: url });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /order 1002 was refused .*: it has no event/);
    const acme = movedApi.tenant('acme');
    const ids = async (): Promise<string[]> => (await acme.events.list().page()).data.map(({ id }) => id);
    while ((await ids()).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await ids(), ['order-1003', 'order-1001']);
    assert.deepEqual((await acme.events.rejected().page()).data, []);
  });

  test('a database that cannot be opened is said with what to do, and never its password', async () => {
    const closed = new URL(await server.newDatabase());
    closed.port = '1';
    closed.password = 'p4ssw0rd';
    const { status, stderr } = await waxwing(['serve', '--port', '0'], { env: environment(closed.href) });
    assert.equal(status, 1);
    assert.match(stderr, /127\.0\.0\.1:1\/t\d+ cannot be opened.*ECONNREFUSED.* Nothing listens there/);
    assert.doesNotMatch(stderr, /p4ssw0rd/);
  });
});
