// What every store must do that several nodes work on at once: leases, shards, configuration, numbers, and what others did.
//
// To run it on a store, give `sharingConformance` places that make nodes: stores on one disk or database, each of which can be
// cut off from it (its calls may fail or hang meanwhile) and healed. `pass` lets so much of the store's time go by: a model
// moves its clock, a real store is waited for. Leases are 3 s; whatever comes by itself is waited for, never taken for granted.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { shardOf, SHARDS, UPKEEP_SHARD } from '../../src/store/sharing.ts';
import type { Arrivals, Batch, Sharing, Store } from '../../src/store/store.ts';
import {
  batchOf,
  delivered,
  deliveryId,
  deliveryRow,
  endpointId,
  endpointRow,
  eventRow,
  keyRow,
  publish,
  T0,
  tenantRow,
} from './sample-rows.ts';
import { replayRow } from './suite-recovery.ts';
import { rejectsWith } from './suite.ts';

export interface SharingPlace {
  /** Another node, not open yet. */
  node(): Promise<SharingNode>;
  /** Lets so much time pass for the store and its nodes. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

export interface SharingNode {
  readonly store: Store;
  /** Nothing of it reaches the store any more, nor the other way. */
  cut(): void;
  heal(): void;
}

/** An open node, and what it was told. */
interface Member {
  readonly store: Store;
  readonly sharing: Sharing;
  readonly node: SharingNode;
  readonly gained: number[];
  readonly asked: number[];
  lost: number;
}

/** Longest wait for what a store does by itself. */
const PATIENCE_MS = 20_000;
const STEP_MS = 50;
const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

export function sharingConformance(name: string, newPlace: () => Promise<SharingPlace>): void {
  describe(`nodes that share the ${name} store`, () => {
    const places: SharingPlace[] = [];
    const members: Member[] = [];
    afterEach(async () => {
      for (const { node } of members) node.heal();
      await Promise.all(members.splice(0).map(({ store }) => store.close().catch(() => undefined)));
      await Promise.all(places.splice(0).map((place) => place.dispose()));
    });

    async function newShared(): Promise<SharingPlace> {
      const place = await newPlace();
      places.push(place);
      return place;
    }

    async function joined(place: SharingPlace): Promise<Member> {
      const node = await place.node();
      const { store } = node;
      await store.open();
      assert.ok(store.sharing !== undefined, 'the store is shared');
      const member: Member = { store, sharing: store.sharing, node, gained: [], asked: [], lost: 0 };
      members.push(member);
      store.sharing.watch({
        resumed() {},
        gained: (shards) => void member.gained.push(...shards),
        asked: (shards) => void member.asked.push(...shards),
        lost: () => void (member.lost += 1),
      });
      return member;
    }

    /** Waits for something that comes by itself, while every node asks for arrivals as an engine does. */
    async function until(place: SharingPlace, what: string, check: () => boolean, asking: readonly Member[] = []): Promise<void> {
      for (let waitedMs = 0; !check(); waitedMs += STEP_MS) {
        assert.ok(waitedMs < PATIENCE_MS, `${what}, within ${PATIENCE_MS} ms`);
        await place.pass(STEP_MS);
        for (const { sharing } of asking) await sharing.arrivals([...sharing.shards]);
      }
    }

    /** Two nodes with half of the shards each. */
    async function pair(): Promise<{ readonly place: SharingPlace; readonly first: Member; readonly second: Member }> {
      const place = await newShared();
      const first = await joined(place);
      await until(place, 'the first has all', () => first.gained.length === SHARDS, [first]);
      const second = await joined(place);
      await until(place, 'half is asked for', () => first.asked.length === SHARDS / 2, [first]);
      first.sharing.gaveUp(first.asked);
      await until(place, 'the second has its half', () => second.gained.length === SHARDS / 2, [first, second]);
      return { place, first, second };
    }

    test('who is alone is given every shard, holds its lease, and is listed', async () => {
      const place = await newShared();
      const only = await joined(place);
      await until(place, 'it has all', () => only.gained.length === SHARDS, [only]);
      assert.deepEqual(sorted(only.gained), ALL);
      assert.deepEqual(sorted(only.sharing.shards), ALL);
      assert.equal(only.sharing.isHeld, true);
      assert.equal(only.sharing.isLost, false);
      const [node, ...others] = await only.sharing.nodes();
      assert.deepEqual(others, []);
      assert.equal(node?.source, only.sharing.source);
      assert.deepEqual(sorted(node?.shards ?? []), ALL);
      assert.equal(node?.isLeaving, false);
    });

    test('a second is given what the first was asked for and gave up, never before, and only that', async () => {
      const place = await newShared();
      const first = await joined(place);
      await until(place, 'the first has all', () => first.gained.length === SHARDS, [first]);
      const second = await joined(place);
      await until(place, 'half is asked for', () => first.asked.length === SHARDS / 2, [first, second]);
      await place.pass(600);
      assert.deepEqual(second.gained, [], 'nothing is free before it was given up');
      assert.deepEqual(sorted(first.sharing.shards), ALL, 'what was asked for is its own until it gave it up');
      assert.equal(new Set(first.asked).size, SHARDS / 2, 'each is asked for once');
      const some = first.asked.slice(0, 5);
      first.sharing.gaveUp(some);
      await until(place, 'five are taken', () => second.gained.length === 5, [first, second]);
      assert.deepEqual(sorted(second.gained), sorted(some));
      first.sharing.gaveUp(first.asked.slice(5));
      await until(place, 'the rest is taken', () => second.gained.length === SHARDS / 2, [first, second]);
      assert.deepEqual(sorted([...first.sharing.shards, ...second.sharing.shards]), ALL);
      assert.notEqual(second.sharing.source, first.sharing.source);
      const nodes = await second.sharing.nodes();
      assert.deepEqual(sorted(nodes.flatMap(({ shards }) => shards)), ALL);
    });

    test('who leaves is asked for all, may commit still, and is given nothing more; who closes frees what it had', async () => {
      const { place, first, second } = await pair();
      second.sharing.leave();
      await until(place, 'all is asked for', () => second.asked.length === SHARDS / 2, [first, second]);
      assert.equal((await first.sharing.nodes()).find(({ source }) => source === second.sharing.source)?.isLeaving, true);
      await second.store.commit(batchOf([publish(eventRow(1))]));
      second.sharing.gaveUp(second.asked);
      await until(place, 'the first has all again', () => first.sharing.shards.length === SHARDS, [first, second]);
      assert.equal(second.sharing.shards.length, 0);
      const third = await joined(place);
      await until(place, 'a share is asked for', () => first.asked.length === SHARDS, [first, third]);
      first.sharing.gaveUp(first.asked.slice(SHARDS / 2));
      await until(place, 'the third has its share', () => third.sharing.shards.length === SHARDS / 2, [first, third]);
      await third.store.close();
      await until(place, 'what a closed node had is taken', () => first.sharing.shards.length === SHARDS, [first]);
    });

    test('who is cut off stops by its own clock before others have its shards; then it is refused, and told once', async () => {
      const { place, first, second } = await pair();
      second.node.cut();
      await until(place, 'the lease ends by its own clock', () => !second.sharing.isHeld, [first]);
      assert.equal(first.sharing.shards.length, SHARDS / 2, 'the lease is not ended before its holder stopped');
      await until(place, 'the first has all', () => first.sharing.shards.length === SHARDS, [first]);
      assert.equal(first.sharing.isHeld, true);
      assert.equal((await first.sharing.nodes()).length, 1);
      second.node.heal();
      await rejectsWith('unavailable', second.store.commit(batchOf([publish(eventRow(7))])));
      await until(place, 'it is told', () => second.lost === 1);
      assert.equal(second.sharing.isLost, true);
      assert.equal(second.sharing.isHeld, false);
      await rejectsWith('unavailable', second.store.commit(batchOf([], { settles: [delivered(1)] })));
      assert.equal(await first.store.read.event('acme', eventRow(7).id), null, 'nothing of it was written');
      await assert.rejects(second.store.open({ continues: true }), /data_folder_in_use|taken over/u);
      assert.equal(second.lost, 1);
      assert.equal(first.lost, 0);
    });

    test('who was away for less than its lease goes on with what it had', async () => {
      const { place, first, second } = await pair();
      second.node.cut();
      await place.pass(1_000);
      second.node.heal();
      await place.pass(1_500);
      assert.deepEqual([second.sharing.isHeld, second.sharing.shards.length, second.lost], [true, SHARDS / 2, 0]);
      const { source } = second.sharing;
      await second.store.open({ continues: true });
      assert.equal(second.sharing.source, source);
      assert.equal(second.sharing.shards.length, SHARDS / 2);
      await second.store.commit(batchOf([publish(eventRow(1))]));
      assert.equal((await first.sharing.arrivals([])).news, true);
    });

    test('who does not know the configuration as it is may not publish or change it, until it has caught up', async () => {
      const { first, second } = await pair();
      await first.store.commit(change({ kind: 'putTenant', tenant: tenantRow('acme') }));
      await first.store.commit(change({ kind: 'putEndpoint', endpoint: endpointRow(1) }));
      await rejectsWith('behind', second.store.commit(batchOf([publish(eventRow(1))])));
      await rejectsWith('behind', second.store.commit(change({ kind: 'putTenant', tenant: tenantRow('bolt') })));
      assert.equal(await first.store.read.event('acme', eventRow(1).id), null);
      assert.equal((await second.sharing.arrivals([])).behind, true);
      assert.deepEqual(await second.sharing.catchUp(), [
        { kind: 'putTenant', tenant: tenantRow('acme') },
        { kind: 'putEndpoint', endpoint: endpointRow(1) },
      ]);
      assert.equal((await second.sharing.arrivals([])).behind, false);
      assert.deepEqual(await second.sharing.catchUp(), []);
      await second.store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
      await second.store.commit(change({ kind: 'putKey', key: keyRow('key_1') }));
      assert.deepEqual(await second.sharing.catchUp(), [], 'its own changes are known to it');
      await rejectsWith('behind', first.store.commit(batchOf([publish(eventRow(2))])));
      await first.store.commit(batchOf([], { settles: [delivered(1)] }));
      await first.store.commit(change({ kind: 'touchEndpoint', seq: 1, lastTriggeredMs: T0 + 5 }));
      assert.deepEqual(
        (await first.sharing.catchUp()).map(({ kind }) => kind),
        ['putKey'],
      );
    });

    test('what is gone is told as deleted, what was changed often is told once and as it is now, in an order that can be applied', async () => {
      const { first, second } = await pair();
      await first.store.commit(
        batchOf([], {
          changes: [
            { kind: 'putTenant', tenant: tenantRow('acme') },
            { kind: 'putEndpoint', endpoint: endpointRow(1) },
            { kind: 'putEndpoint', endpoint: endpointRow(2) },
            { kind: 'putEventType', eventType: EVENT_TYPE },
          ],
        }),
      );
      await second.sharing.catchUp();
      await first.store.commit(change({ kind: 'putEndpoint', endpoint: endpointRow(1, { name: 'once' }) }));
      await first.store.commit(change({ kind: 'putEndpoint', endpoint: endpointRow(1, { name: 'twice' }) }));
      await first.store.commit(change({ kind: 'deleteEndpoint', seq: 2, deletedMs: T0 + 1 }));
      await first.store.commit(change({ kind: 'putEndpoint', endpoint: endpointRow(3, { id: endpointId(2) }) }));
      await first.store.commit(change({ kind: 'deleteEventType', name: EVENT_TYPE.name }));
      await first.store.commit(change({ kind: 'putMeta', name: 'fact', value: 'known' }));
      const told = await second.sharing.catchUp();
      assert.deepEqual(
        told.map((one) => (one.kind === 'putEndpoint' ? `${one.endpoint.seq} ${one.endpoint.name}` : one.kind)),
        ['1 twice', 'deleteEndpoint', '3 endpoint 3', 'deleteEventType', 'putMeta'],
      );
    });

    test('numbers are given once, whoever asks, and rise', async () => {
      const { first, second } = await pair();
      const runs: [first: number, count: number][] = [];
      for (const { sharing } of [first, second, second, first]) runs.push([await sharing.numbers(3), 3]);
      runs.push([await second.sharing.numbers(1), 1]);
      for (const [index, [from, count]] of runs.entries()) {
        const [next] = runs[index + 1] ?? [Infinity];
        assert.ok(from >= 1 && next >= from + count, `${from} and ${next}`);
      }
      const many = await Promise.all([first, second, first, second].map(({ sharing }) => sharing.numbers(10)));
      const all = many.flatMap((from) => Array.from({ length: 10 }, (_, index) => from + index));
      assert.equal(new Set(all).size, 40);
    });

    test('what others publish arrives at the shards that are asked for, once; what it committed itself does not', async () => {
      const { first, second } = await pair();
      const [mine, other] = [endpointIn(UPKEEP_SHARD), endpointIn(UPKEEP_SHARD + 1)];
      await configured([first, second], [mine, other]);
      await second.store.commit(batchOf([publish(eventRow(1), [to(1, mine, 1), to(2, other, 1)])]));
      await first.store.commit(batchOf([publish(eventRow(2), [to(3, mine, 2)])]));
      const arrivals = await first.sharing.arrivals([shardOf(mine)]);
      assert.deepEqual(
        arrivals.pending.map(({ seq, endpointSeq, event }) => [seq, endpointSeq, event.data]),
        [[1, mine, eventRow(1).data]],
      );
      assert.deepEqual([arrivals.news, arrivals.more, arrivals.behind], [true, false, false]);
      const again = await first.sharing.arrivals([shardOf(mine)]);
      assert.deepEqual([again.pending, again.ended, again.news], [[], [], false]);
      assert.deepEqual(seqsOf(await second.sharing.arrivals([shardOf(mine)])), [3]);
    });

    test('what hands of others did arrives: retries, other due times, ends', async () => {
      const { first, second } = await pair();
      const mine = endpointIn(UPKEEP_SHARD);
      await configured([first, second], [mine]);
      const deliveries = [1, 2, 3, 4].map((seq) => to(seq, mine, 1));
      await first.store.commit(batchOf([publish(eventRow(1), deliveries)], { settles: [{ ...delivered(4), endpointSeq: mine }] }));
      await first.sharing.arrivals([UPKEEP_SHARD]);
      const hand = { attempt: null, outcome: null, attempts: 0, stateReason: null, endpointSeq: mine } as const;
      await second.store.commit(
        batchOf([{ kind: 'deliveries', eventSeq: 1, deliveries: [to(5, mine, 1, { cause: 'retry', origin: deliveryId(4) })] }], {
          settles: [
            { ...hand, deliverySeq: 1, state: 'pending', dueMs: T0 + 77, finishedMs: null },
            { ...hand, deliverySeq: 2, state: 'cancelled', dueMs: T0, finishedMs: T0 + 9 },
          ],
        }),
      );
      await second.store.commit(change({ kind: 'cancelPending', endpointSeq: mine, reason: 'x', nowMs: T0 + 9, limit: 1 }));
      const arrivals = await first.sharing.arrivals([UPKEEP_SHARD]);
      assert.deepEqual(
        arrivals.pending.map(({ seq, dueMs }) => [seq, dueMs]).toSorted(([one = 0], [two = 0]) => one - two),
        [[1, T0 + 77], [5, T0 + 5]],
      ); // prettier-ignore
      assert.deepEqual(
        arrivals.ended.toSorted((one, two) => one.seq - two.seq),
        [2, 3].map((seq) => ({ seq, endpointSeq: mine })), // 3 was the nearest due
      );
    });

    test('what chunks and replays of others make arrives; fan-outs and replays themselves do, with the upkeep’s shard', async () => {
      const { first, second } = await pair();
      const [upkeep, mine] = [endpointIn(UPKEEP_SHARD), endpointIn(UPKEEP_SHARD + 1)];
      await configured([first, second], [upkeep, mine]);
      const matches = [upkeep, mine].map((endpointSeq) => ({ endpointSeq, facts: null, skippedReason: null }));
      await second.store.commit(batchOf([publish(eventRow(1), [], { expansion: matches, deliveryCount: 2 })]));
      await second.store.commit(change({ kind: 'putReplay', replay: replayRow(9) }));
      await first.sharing.catchUp();
      const begun = await first.sharing.arrivals([UPKEEP_SHARD, shardOf(mine)]);
      assert.deepEqual(
        begun.expansions.map(({ event, done }) => [event.seq, done]),
        [[1, 0]],
      );
      assert.deepEqual(
        begun.replays.map(({ seq }) => seq),
        [9],
      );
      await first.store.commit(batchOf([{ kind: 'chunk', eventSeq: 1, deliveries: [to(2, mine, 1), to(3, upkeep, 1)], done: 2 }]));
      await first.store.commit(batchOf([{ kind: 'replay', replay: replayRow(9, { made: 1 }), deliveries: [to(4, mine, 1, { cause: 'replay', origin: deliveryId(2), replaySeq: 9 })] }])); // prettier-ignore
      const made = await second.sharing.arrivals([shardOf(mine)]);
      assert.deepEqual(seqsOf(made), [2, 4]);
      assert.deepEqual([made.expansions, made.replays], [[], []]);
    });

    test('many batches arrive whole, in as many parts as it takes, while others go on', async () => {
      const { first, second } = await pair();
      const mine = endpointIn(UPKEEP_SHARD);
      await configured([first, second], [mine]);
      const found: number[] = [];
      const read = async (): Promise<void> => {
        for (let more = true; more;) {
          const arrivals = await first.sharing.arrivals([UPKEEP_SHARD]);
          found.push(...seqsOf(arrivals));
          ({ more } = arrivals);
        }
      };
      let reading = read();
      for (let seq = 1; seq <= 90; seq++) {
        await second.store.commit(batchOf([publish(eventRow(seq), [to(seq, mine, seq)])]));
        if (seq % 40 === 0) {
          await reading;
          reading = read();
        }
      }
      await reading;
      await read();
      const last = Array.from({ length: 90 }, (_, index) => index + 1);
      assert.deepEqual(sorted([...new Set(found)]), last);
    });

    test('a shard’s contents are what is pending in it and its endpoints’ open notices; what comes after that arrives', async () => {
      const { place, first, second } = await pair();
      const [mine, other] = [endpointIn(UPKEEP_SHARD), endpointIn(UPKEEP_SHARD + 1)];
      await configured([first, second], [mine, other]);
      await second.store.commit(batchOf([publish(eventRow(1), [to(1, mine, 1), to(2, mine, 1), to(3, other, 1)])]));
      const contents = await first.sharing.contents([shardOf(mine)]);
      assert.deepEqual(contents.backlog, [{ endpointSeq: mine, pending: 2, nextDueMs: T0 + 1 }]);
      assert.deepEqual([contents.expansions, contents.replays, contents.notices], [[], [], []]);
      const third = await joined(place);
      const before = await third.sharing.contents([UPKEEP_SHARD]);
      assert.equal(before.backlog[0]?.pending, 2);
      await second.store.commit(batchOf([publish(eventRow(2), [to(4, mine, 2)])]));
      assert.deepEqual(seqsOf(await third.sharing.arrivals([UPKEEP_SHARD])), [4]);
    });

    test('every node reads the same time, which never steps back', async () => {
      const { place, first, second } = await pair();
      let latestMs = 0;
      for (let i = 0; i < 5; i++) {
        await place.pass(100);
        const [a, b] = [first.sharing.nowMs(), second.sharing.nowMs()];
        assert.ok(Math.abs(a - b) < 250, `${a} and ${b}`);
        assert.ok(Number.isInteger(a) && a >= latestMs);
        latestMs = a;
      }
    });

    test('listeners are told to all, the latest of each endpoint, until they or their nodes are gone; mail comes once, to whom it is for', async () => {
      const { first, second } = await pair();
      const [one, two] = [first.sharing.relayPost, second.sharing.relayPost];
      const [ofFirst, ofSecond] = [endpointIn(first.sharing.shards[0] ?? 0), endpointIn(second.sharing.shards[0] ?? 0)];
      assert.equal((await second.sharing.arrivals([...second.sharing.shards])).relay, false);
      await one.attach(ofFirst, 'a');
      await one.attach(ofSecond, 'b');
      assert.equal((await second.sharing.arrivals([...second.sharing.shards])).relay, true);
      await two.attach(ofFirst, 'c');
      await one.detach(ofFirst, 'a');
      const { listeners } = await two.take([]);
      assert.deepEqual(
        listeners.toSorted((x, y) => (x.token < y.token ? -1 : 1)),
        [
          { endpointSeq: ofSecond, source: first.sharing.source, token: 'b' },
          { endpointSeq: ofFirst, source: second.sharing.source, token: 'c' },
        ],
      );
      for (const body of ['m1', 'm2']) await one.send({ to: second.sharing.source, endpointSeq: ofFirst, body });
      await one.send({ to: null, endpointSeq: ofSecond, body: 'm3' });
      await two.send({ to: null, endpointSeq: ofFirst, body: 'm4' });
      const bodies = async ({ sharing }: Member): Promise<readonly string[]> =>
        (await sharing.relayPost.take([...sharing.shards])).mail.map(({ body }) => body);
      assert.deepEqual(await bodies(second), ['m1', 'm2', 'm3']);
      assert.deepEqual(await bodies(second), []);
      assert.deepEqual(await bodies(first), ['m4']);
      await one.detach(ofSecond, 'b');
      const { source } = second.sharing;
      await second.store.close();
      await rejectsWith('unavailable', two.attach(ofFirst, 'd'));
      assert.deepEqual((await one.take([])).listeners, []);
      await one.send({ to: source, endpointSeq: ofFirst, body: 'm5' });
      assert.deepEqual(await bodies(first), []);
      assert.equal((await first.sharing.arrivals([])).relay, false);
    });

    test('each node’s batches are a source of their own in the feed, and none is missed', async () => {
      const { first, second } = await pair();
      const after = await first.store.read.feedHead();
      await first.store.commit(batchOf([publish(eventRow(1))]));
      await second.store.commit(batchOf([publish(eventRow(2))]));
      await first.store.commit(batchOf([publish(eventRow(3))]));
      const query = { after, tenants: null, kinds: ['event'], entriesMax: 100, bytesMax: 1_000_000 } as const;
      const { entries } = await second.store.read.feed(query);
      const told = entries.map((entry) => [entry.at.source, entry.kind === 'event' ? entry.event.seq : 0]);
      const [a, b] = [first.sharing.source, second.sharing.source];
      assert.deepEqual(
        told.toSorted(([, one = 0], [, two = 0]) => one - two),
        [[a, 1], [b, 2], [a, 3]],
      ); // prettier-ignore
    });
  });
}

const EVENT_TYPE = { name: 'task.made', profile: null, description: '', group: '', schema: {}, sample: {} };

/** Has the first put endpoints, which the others then know. */
async function configured([first, ...others]: readonly Member[], endpoints: readonly number[]): Promise<void> {
  await first?.store.commit(
    batchOf([], { changes: endpoints.map((seq) => ({ kind: 'putEndpoint', endpoint: endpointRow(seq) }) as const) }),
  );
  for (const { sharing } of others) {
    await sharing.catchUp();
    await sharing.arrivals([]);
  }
}

function change(one: Batch['changes'][number]): Batch {
  return batchOf([], { changes: [one] });
}

function to(
  seq: number,
  endpointSeq: number,
  eventSeq: number,
  over: Parameters<typeof deliveryRow>[1] = {},
): ReturnType<typeof deliveryRow> {
  return deliveryRow(seq, { endpointSeq, eventSeq, ...over });
}

/** The first endpoint of a shard. */
function endpointIn(shard: number): number {
  let seq = 1;
  while (shardOf(seq) !== shard) seq += 1;
  return seq;
}

function seqsOf({ pending }: Arrivals): readonly number[] {
  return sorted(pending.map(({ seq }) => seq));
}

function sorted(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((a, b) => a - b);
}
