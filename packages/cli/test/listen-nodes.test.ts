// `waxwing listen` with several nodes behind a load balancer that gives each connection to the next of them.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Waxwing } from '@waxwing/client';
import { startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { ADMIN_KEY, listen, localApp, waitFor } from './listening-server.ts';
import { startWaxwing, temporaryFolder, type Ending, type Running } from './waxwing-process.ts';

const EVENTS = 12;
const LISTENERS = 5;

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

async function node(t: Ending, database: string): Promise<{ readonly process: Running; readonly port: number }> {
  const env = { WAXWING_DATABASE_URL: database, WAXWING_MASTER_KEY: 'm'.repeat(40), WAXWING_ADMIN_KEY: ADMIN_KEY };
  const process = startWaxwing(t, ['serve', '--port', '0'], env);
  const [, port = ''] = await process.saw(/http:\/\/127\.0\.0\.1:(\d+)/);
  return { process, port: Number(port) };
}

/** In turns; who takes no connection is left out. */
async function balancer(t: Ending, ports: readonly number[]): Promise<string> {
  let turn = 0;
  const sockets = new Set<Socket>();
  const kept = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  const lead = (from: Socket, tries = ports.length): void => {
    turn += 1;
    const to = kept(connect(ports[turn % ports.length] ?? 0, '127.0.0.1'));
    let isJoined = false;
    to.once('connect', () => {
      isJoined = true;
      from.pipe(to).pipe(from);
    });
    to.once('close', () => (isJoined || tries === 1 ? from.destroy() : lead(from, tries - 1)));
    from.once('close', () => to.destroy());
  };
  const listening = createServer({ allowHalfOpen: false }, (from) => lead(kept(from))).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  const address = listening.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

/** On a machine that is busy with other things a node may lose its lease, and opens anew. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

test('listeners behind a load balancer get every event once, in order, also when a node is killed', async (t) => {
  const database = await server.newDatabase();
  const first = await node(t, database);
  const second = await node(t, database);
  const url = await balancer(t, [first.port, second.port]);
  const client = new Waxwing({ url, key: ADMIN_KEY, retry: { attemptsMax: 100 } });
  const acme = client.tenant('acme');
  await patiently(() => client.tenants.put('acme'));
  await waitFor('both to have shards', async () => (await client.cluster()).nodes.every(({ shards }) => shards === 32));

  const app = await localApp(t);
  const env = { WAXWING_URL: url, WAXWING_KEY: ADMIN_KEY, XDG_STATE_HOME: join(await temporaryFolder(t), 'state') };
  const listener = listen(t, env, '--tenant', 'acme', '--forward-to', app.url);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const received = await Promise.all(
    Array.from({ length: LISTENERS }, async () => {
      const { id } = await patiently(() => acme.listeners.create({}));
      const attempts = new Map<string, string>();
      await new Promise<void>((resolve) => {
        const receive = async ({ attempt, event }: { readonly attempt: string; readonly event: string }) => {
          attempts.set(attempt, event);
          return { response: { status: 200, headers: [], body: '' } };
        };
        void acme.listen({ listener: id, signal: stop.signal, onReady: () => resolve(), receive }).catch(() => undefined);
      });
      return attempts;
    }),
  );
  await listener.heard('ready');
  const ids: string[] = [];
  const publish = async (): Promise<void> => {
    for (let i = 0; i < EVENTS / 2; i++) ids.push((await acme.publish({ type: 'a.b', data: { i } })).id);
  };
  const everywhere = (): boolean =>
    app.taken.length >= ids.length && received.every((attempts) => new Set(attempts.values()).size === ids.length);
  await publish();
  await waitFor('the first half', everywhere);
  second.process.child.kill('SIGKILL');
  await publish();
  await waitFor('the second half', everywhere);
  for (const attempts of received) assert.deepEqual([...new Set(attempts.values())], ids);
  const idsOf = app.taken.map(({ headers }) => headers['webhook-id']);
  assert.deepEqual(idsOf, ids, 'the app gets each once');
  const missed = listener.news().filter(({ kind }) => kind === 'gap' || kind === 'note');
  assert.deepEqual(missed, []);
  assert.equal(await listener.end(), 0);
});
