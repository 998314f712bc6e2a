// Listeners among nodes: attached anywhere, answering anywhere, whoever works for their endpoints.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListenerMessage, RelayedMessage } from '@waxwing/protocol';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import { ModelDisk } from '../../src/store/model-disk.ts';
import { modelStore } from '../../src/store/model.ts';
import { shardOf } from '../../src/store/sharing.ts';
import { OK } from '../house.ts';
import { ManualClock, ScriptedSender, seededRandomness, turns } from '../manual-ports.ts';

type Ending = { after(end: () => Promise<void>): void };

class Nodes {
  readonly clock = new ManualClock();
  readonly disk = new ModelDisk();
  readonly #open = new Set<Engine>();
  #seed = 0;

  constructor(t: Ending) {
    t.after(async () => {
      for (const engine of this.#open) await this.close(engine);
    });
  }

  async node(): Promise<Engine> {
    const { clock, disk } = this;
    const engine = await createEngine({
      store: modelStore(disk, { shared: { clock } }),
      masterKey: 'm'.repeat(40),
      clock,
      randomness: seededRandomness((this.#seed += 1)),
      sender: new ScriptedSender(clock, () => OK),
    });
    this.#open.add(engine);
    await clock.advance(3_000);
    return engine;
  }

  async close(engine: Engine): Promise<void> {
    this.#open.delete(engine);
    await this.during(engine.close({ graceMs: 0 }));
  }

  async during<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    void work.finally(() => (isOver = true)).catch(() => undefined);
    for (let i = 0; i < 400 && !isOver; i++) {
      await this.clock.advance(5);
      await turns();
    }
    return work;
  }

  /** A relayed endpoint for each node, which works for it; in their order. */
  async endpoints(...nodes: readonly Engine[]): Promise<readonly string[]> {
    const [first] = nodes;
    assert.ok(first !== undefined);
    await this.during(first.tenants.put('acme', {}));
    const found = new Map<number, string>();
    while (found.size < nodes.length) {
      const { id } = await this.during(first.listeners.create('acme', { eventTypes: ['a.b'] }));
      const at = this.disk.endpoints.values().find(({ row }) => row.id === id);
      const owner = this.disk.cluster.owners[shardOf(at?.row.seq ?? 0)] ?? 0;
      if (found.has(owner)) await this.during(first.endpoints.delete('acme', id));
      else found.set(owner, id);
    }
    await this.clock.advance(100);
    return nodes.map((_, owner) => found.get(owner) ?? '');
  }
}

/** A listener of a test; its answers go to whichever node they are given to. */
class Listening {
  readonly messages: RelayedMessage[] = [];
  readonly signs: string[] = [];
  readonly #id: string;
  readonly #gone = new AbortController();

  constructor(engine: Engine, id: string) {
    this.#id = id;
    void this.#read(engine.listeners.attach('acme', id, { signal: this.#gone.signal }));
  }

  get events(): readonly string[] {
    return this.messages.map(({ event }) => event);
  }

  answerTo(engine: Engine): Promise<number> {
    const attempt = this.messages.at(-1)?.attempt ?? 'att_none_1';
    const response = { status: 200, headers: [], body: '' };
    return engine.listeners.answer('acme', this.#id, [{ attempt, durationMs: 5, response }]).then(({ accepted }) => accepted);
  }

  goAway(): void {
    this.#gone.abort();
  }

  async #read(source: AsyncIterable<ListenerMessage>): Promise<void> {
    for await (const message of source) {
      if (message.kind === 'message') this.messages.push(message.data);
      else this.signs.push(message.kind === 'ready' ? `ready ${message.data.waiting}` : message.data.reason);
    }
    this.signs.push('over');
  }
}

async function publish(nodes: Nodes, engine: Engine, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await nodes.during(engine.publish('acme', { type: 'a.b', data: {}, id }));
}

async function states(nodes: Nodes, engine: Engine, endpoint: string): Promise<readonly string[]> {
  const { data } = await nodes.during(engine.deliveries.list('acme', { endpoint }));
  return data.map(({ event, state, attempts }) => `${event} ${state} ${attempts}`).toReversed();
}

test('a listener gets what is published on any node, in order, from the node where it is, whoever works for its endpoint; any node takes its answers', async (t) => {
  const nodes = new Nodes(t);
  const { clock } = nodes;
  const [one, two, three] = [await nodes.node(), await nodes.node(), await nodes.node()];
  const [ofOne, ofTwo, ofThree] = await nodes.endpoints(one, two, three);
  for (const id of [ofOne, ofTwo, ofThree]) assert.ok(id !== undefined);
  await publish(nodes, one, 'a');
  const all = [ofOne ?? '', ofTwo ?? '', ofThree ?? ''];
  const listeners = all.map((id) => new Listening(two, id));
  await clock.advance(200);
  assert.deepEqual(
    listeners.map(({ signs, events }) => [signs, events]),
    all.map(() => [['ready 1'], ['a']]),
  );
  await publish(nodes, three, 'b');
  await publish(nodes, two, 'c');
  for (const engine of [one, two, three]) {
    for (const listening of listeners) assert.equal(await nodes.during(listening.answerTo(engine)), 1);
    await clock.advance(100);
  }
  for (const [index, listening] of listeners.entries()) {
    assert.deepEqual(listening.events, ['a', 'b', 'c']);
    assert.deepEqual(await states(nodes, one, all[index] ?? ''), ['a delivered 1', 'b delivered 1', 'c delivered 1']);
  }
  const why = await nodes.during(one.events.explain('acme', 'c', all[1] ?? ''));
  assert.equal(why.reason, 'delivered');
});

test('one that attaches on another node has it: the former hears that it was replaced, and what it had comes again', async (t) => {
  const nodes = new Nodes(t);
  const { clock } = nodes;
  const [one, two] = [await nodes.node(), await nodes.node()];
  const ids = await nodes.endpoints(one, two);
  await publish(nodes, one, 'a');
  for (const id of ids) {
    const first = new Listening(one, id);
    await clock.advance(100);
    const second = new Listening(two, id);
    await clock.advance(100);
    assert.deepEqual([first.signs, first.events], [['ready 1', 'replaced', 'over'], ['a']]);
    assert.deepEqual([second.signs, second.events], [['ready 1'], ['a']]);
    second.goAway();
    await clock.advance(100);
    const back = new Listening(one, id);
    await clock.advance(100);
    const attempts = [first, second, back].map(({ messages }) => messages.at(-1)?.attempt);
    assert.equal(new Set(attempts).size, 1);
    assert.equal(await nodes.during(back.answerTo(two)), 1);
    await clock.advance(100);
    assert.deepEqual(await states(nodes, two, id), ['a delivered 1']);
    back.goAway();
    await clock.advance(100);
  }
  assert.equal(nodes.disk.cluster.relayPost.isInUse, false, 'nothing is left behind');
});

test('a listener stays when its endpoint goes to another node, and is not told; what it had comes again with the same attempt', async (t) => {
  const nodes = new Nodes(t);
  const { clock } = nodes;
  const [one, two] = [await nodes.node(), await nodes.node()];
  const [id = ''] = await nodes.endpoints(one, two);
  const listening = new Listening(two, id);
  await publish(nodes, two, 'a', 'b');
  await clock.advance(100);
  assert.deepEqual(listening.events, ['a']);
  await nodes.close(one);
  await clock.advance(2_000);
  assert.deepEqual([listening.signs, listening.events], [['ready 2'], ['a', 'a']]);
  assert.equal(listening.messages[0]?.attempt, listening.messages[1]?.attempt);
  for (let i = 0; i < 2; i++) {
    assert.equal(await nodes.during(listening.answerTo(two)), 1);
    await clock.advance(100);
  }
  assert.deepEqual(await states(nodes, two, id), ['a delivered 1', 'b delivered 1']);
});

test('nothing goes to a node that is gone: its listeners are forgotten, and come back anywhere', async (t) => {
  const nodes = new Nodes(t);
  const { clock, disk } = nodes;
  const [one, two] = [await nodes.node(), await nodes.node()];
  const [id = ''] = await nodes.endpoints(one, two);
  new Listening(two, id);
  await clock.advance(100);
  const dead = disk.cluster.nodes.get(1);
  assert.ok(dead !== undefined);
  disk.cluster.remove(dead, true);
  await publish(nodes, one, 'a');
  await clock.advance(100);
  assert.equal((await nodes.during(one.events.explain('acme', 'a', id))).reason, 'held');
  const back = new Listening(one, id);
  await clock.advance(100);
  assert.deepEqual([back.signs, back.events], [['ready 1'], ['a']]);
});

test('a listener hears on its node that its endpoint was deleted on another, and of a node that closes', async (t) => {
  const nodes = new Nodes(t);
  const { clock } = nodes;
  const [one, two] = [await nodes.node(), await nodes.node()];
  const [first = '', second = ''] = await nodes.endpoints(one, two);
  const [of, other] = [new Listening(two, first), new Listening(one, second)];
  await clock.advance(100);
  await nodes.during(one.endpoints.delete('acme', first));
  await clock.advance(100);
  assert.deepEqual(of.signs, ['ready 0', 'deleted', 'over']);
  await nodes.close(one);
  assert.deepEqual(other.signs, ['ready 0', 'over']);
});
