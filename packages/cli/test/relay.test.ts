// A relayed endpoint, end to end: real engine and store, real server, the client's `listen`, and everything going away in between.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Waxwing } from '@waxwing/client';
import type { RelayAnswer } from '@waxwing/client';
import { createEngine, sqlite } from '@waxwing/engine';
import type { Engine } from '@waxwing/engine';
import type { RelayedMessage } from '@waxwing/protocol';
import { createServer } from '@waxwing/server';
import type { WaxwingServer } from '@waxwing/server';

/** Engine and server on one folder and one port, which go down and come back. */
class House {
  readonly #folder: string;
  #engine: Engine | null = null;
  #server: WaxwingServer | null = null;
  #port = 0;
  key = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  get engine(): Engine {
    assert.ok(this.#engine !== null);
    return this.#engine;
  }

  get client(): Waxwing {
    return new Waxwing({ url: `http://127.0.0.1:${this.#port}`, key: this.key });
  }

  async up(): Promise<void> {
    this.#engine = await createEngine({ store: sqlite(this.#folder) });
    if (this.key === '') this.key = (await this.#engine.keys.create({ scope: 'admin' })).key;
    this.#server = await createServer({ engine: this.#engine, version: '0.1.0-test', consoleFolder: null });
    this.#port = (await this.#server.listen({ host: '127.0.0.1', port: this.#port })).port;
  }

  async down(): Promise<void> {
    await this.#server?.close();
    await this.#engine?.close();
  }
}

async function houseFor(t: TestContext): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'waxwing-relay-'));
  const house = new House(folder);
  t.after(async () => {
    await house.down();
    await rm(folder, { recursive: true, force: true });
  });
  await house.up();
  return house;
}

const OK: RelayAnswer = { url: 'http://localhost:3000/', durationMs: 1, response: { status: 200, headers: [], body: '' } };

async function publish({ engine }: House, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) await engine.publish('acme', { type: 'meeting.completed', data: { n }, id: `e${n}` });
}

/** Ends what is under way with the test, however that ends. */
function stopper(t: TestContext): AbortController {
  const stop = new AbortController();
  t.after(() => stop.abort());
  return stop;
}

async function waitFor(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await holds()); turn++) {
    assert.ok(turn < 3_000, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('through restarts of the server, of the listener and of the local app, every event arrives, in order, and is recorded', async (t) => {
  const house = await houseFor(t);
  const endpoint = await house.client.tenant('acme').listeners.create({ name: 'here' });
  assert.equal(endpoint.url, 'relay:listener');
  assert.match(endpoint.secret, /^whsec_/);
  const received: string[] = [];
  let isAppUp = true;
  let lost = 0;
  const receive = async ({ event }: RelayedMessage): Promise<RelayAnswer> => {
    if (!isAppUp) return { notTried: { retryInMs: 100 } };
    received.push(event);
    return OK;
  };
  const listenWith = (stop: AbortController): Promise<unknown> =>
    house.client
      .tenant('acme')
      .listen({ listener: endpoint.id, receive, signal: stop.signal, onLost: () => (lost += 1) })
      .catch((error: unknown) => error);

  const first = stopper(t);
  const listening = listenWith(first);
  await publish(house, 0, 10);
  await waitFor('the first ten', () => received.length === 10);

  await house.down(); // the server goes and comes back; the listener connects again by itself
  await house.up();
  await publish(house, 10, 20);
  await waitFor('the next ten', () => received.length === 20);
  assert.ok(lost > 0);

  first.abort(); // the listener goes, and its like comes later
  await listening;
  await publish(house, 20, 30);
  const why = await house.client.tenant('acme').events.explain('e20', endpoint.id);
  assert.equal(why.reason, 'held');
  const second = stopper(t);
  const again = listenWith(second);
  await waitFor('what came meanwhile', () => received.length === 30);

  isAppUp = false; // the local app goes and comes back
  await publish(house, 30, 40);
  await new Promise((resolve) => setTimeout(resolve, 150));
  isAppUp = true;
  await waitFor('the last ten', () => received.length === 40);
  assert.deepEqual(
    received,
    Array.from({ length: 40 }, (_, n) => `e${n}`),
  );
  const acme = house.client.tenant('acme');
  await waitFor(
    'every outcome',
    async () => (await acme.deliveries.list({ endpoint: endpoint.id, state: 'delivered', limit: 50 }).page()).data.length === 40,
  );
  for await (const delivery of acme.deliveries.list({ endpoint: endpoint.id })) assert.equal(delivery.attempts, 1);
  second.abort();
  await again;
});

test('a second listener takes over, and the first one ends; deleting the endpoint ends the second', async (t) => {
  const house = await houseFor(t);
  const acme = house.client.tenant('acme');
  const { id } = await acme.listeners.create();
  let ready = 0;
  const options = { listener: id, receive: async () => OK, onReady: () => (ready += 1), signal: stopper(t).signal };
  const first = acme.listen(options);
  await waitFor('the first', () => ready === 1);
  const second = acme.listen(options);
  assert.equal(await first, 'replaced');
  await waitFor('the second', () => ready === 2);
  await acme.endpoints.delete(id);
  assert.equal(await second, 'deleted');
});

test('an answer that could not be sent is sent again, and nothing is received twice', async (t) => {
  const house = await houseFor(t);
  const { id } = await house.client.tenant('acme').listeners.create();
  const received: string[] = [];
  const stop = stopper(t);
  const going = Promise.withResolvers<void>();
  const listening = house.client
    .tenant('acme')
    .listen({
      listener: id,
      signal: stop.signal,
      receive: async ({ event }) => {
        received.push(event);
        if (event === 'e0') await going.promise;
        return OK;
      },
    })
    .catch(() => undefined);
  await publish(house, 0, 2);
  await waitFor('the first', () => received.length === 1);
  await house.down();
  going.resolve();
  await house.up();
  await waitFor('the second', () => received.includes('e1'));
  assert.deepEqual(received, ['e0', 'e1']);
  stop.abort();
  await listening;
});
