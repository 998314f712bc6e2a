// `waxwing serve` on PostgreSQL: several nodes on one database.

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

/** Resolves when the nodes own so many shards each. */
async function shared(api: Waxwing, shards: readonly number[]): Promise<void> {
  for (;;) {
    const { nodes } = await api.cluster();
    if (JSON.stringify(nodes.map((each) => each.shards)) === JSON.stringify(shards)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('serve on PostgreSQL', () => {
  test('nodes share the work; one that is killed, frozen past its lease, or told to leave is made up for by the others', async (t) => {
    const url = await server.newDatabase();
    const got = await receiver(t);
    const first = node(t, url);
    const firstApi = await started(first);
    await firstApi.tenants.put('acme', { profile: 'humanconnection' });
    const second = node(t, url);
    const secondApi = await started(second);
    await firstApi.tenant('acme').endpoints.create({ url: got.url, eventTypes: ['meeting.*'], secret: SECRET });
    await secondApi.tenant('acme').publish(meeting('one'));
    await got.got('one');
    await shared(firstApi, [32, 32]);
    assert.equal((await firstApi.cluster()).store.kind, 'postgres');

    first.child.kill('SIGKILL');
    const killedMs = performance.now();
    await secondApi.tenant('acme').publish(meeting('two'));
    await got.got('two');
    await shared(secondApi, [64]);
    assert.ok(performance.now() - killedMs < 5_000, 'within five seconds');

    const third = node(t, url);
    const thirdApi = await started(third);
    await shared(thirdApi, [32, 32]);
    second.child.kill('SIGSTOP');
    const frozenMs = performance.now();
    await thirdApi.tenant('acme').publish(meeting('three'));
    await got.got('three');
    await shared(thirdApi, [64]);
    assert.ok(performance.now() - frozenMs < 5_000, 'within five seconds');
    second.child.kill('SIGCONT');
    await second.saw(/Admin key[\s\S]*ended this one’s lease[\s\S]*Admin key/);
    await shared(thirdApi, [32, 32]);

    third.child.kill('SIGTERM');
    assert.equal((await third.ended).status, 0);
    const [, secondUrl = ''] = await second.saw(STARTED);
    const again = new Waxwing({ url: secondUrl, key: KEY });
    await shared(again, [64]);
    await again.tenant('acme').publish(meeting('four'));
    await got.got('four');
    assert.deepEqual(got.ids, ['one', 'two', 'three', 'four'], 'each once');
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
