// Mutants: planted bugs, at least one for every claim. Each stands between the engine and a port, so that the engine does
// what a defect of its own would make it do. A claim whose mutant lives through the runs proves nothing.

import type { AttemptReport, SendOrder } from '../src/send/order.ts';
import { StoreError, type StoreReader } from '../src/store/store.ts';
import { onBatches, onGroups, onInserts, onReports, onSettles, revive, senderWith, storeWith, unbound } from './grafts.ts';
import type { Plan } from './plan.ts';
import type { Graft } from './process.ts';
import type { Claim } from './scene.ts';
import type { Owner } from './virtual-time.ts';

export interface Mutant {
  readonly claim: Claim;
  /** What it does. */
  readonly name: string;
  readonly graft: Graft;
  /** Where it shows, as far as that is not left to the dice. */
  readonly plan?: Partial<Plan>;
}

const WORLD: Owner = { alive: true };
/** Deliveries that kill whoever sends them. */
const KILLERS = { nodes: 1, killers: 2 } as const;

export const MUTANTS: readonly Mutant[] = [
  mutant('an answer means durable', 'a store that answers before it writes', ({ store, sender }, { time }) => ({
    store: storeWith(store, {
      async commit(batch) {
        time.after(WORLD, 5, () => void store.commit(batch).catch(() => undefined));
        return {
          groups: batch.groups.map(({ inserts }) => ({ kind: 'stored', inserts: inserts.map(() => ({ kind: 'stored' })) })),
          changes: batch.changes.map(() => 1),
        };
      },
    }),
    sender,
  })),
  mutant('nothing acknowledged is lost', 'a refill that leaves a row out', ({ store, sender }) => ({
    store: storeWith(store, { refill: async (query) => (await store.refill(query)).filter(({ seq }) => seq % 5 !== 0) }),
    sender,
  })),
  mutant(
    'statistics are the truth',
    'a settle that counts for another endpoint',
    onSettles((settle) => ({ ...settle, endpointSeq: settle.endpointSeq + 1 })),
  ),
  mutant(
    'nothing acknowledged is lost',
    'a settle that is lost',
    onSettles((settle) => (settle.deliverySeq % 5 === 0 ? null : settle)),
  ),
  mutant(
    'delivered means received',
    'a sender that calls a refusal a delivery',
    onReports((report) => {
      return report.outcome.kind === 'refused' ? [{ ...report, outcome: { kind: 'delivered', status: 200 } }] : [report];
    }),
  ),
  mutant('messages are what was published', 'a sender that sends one event’s data to the receiver of another', ({ store, sender }) => {
    let before: SendOrder | null = null;
    return {
      store,
      sender: senderWith(sender, {
        send(orders) {
          for (const order of orders) {
            sender.send([before === null ? order : { ...order, event: { ...order.event, data: before.event.data } }]);
            before = order;
          }
        },
      }),
    };
  }),
  mutant(
    'attempts are gapless',
    'an attempt that is numbered twice ahead',
    onSettles((settle) => (settle.attempt?.number === 2 ? { ...settle, attempt: { ...settle.attempt, number: 3 } } : settle)),
  ),
  mutant('final stays final', 'a final delivery that is made pending again', ({ store, sender }, scene) => ({
    store: storeWith(store, {
      async commit(batch) {
        const result = await store.commit(batch);
        revive(scene);
        return result;
      },
    }),
    sender,
  })),
  mutant(
    'schedules are kept',
    'a retry that is set too early',
    onSettles((settle) => {
      if (settle.attempt === null || settle.attempt.nextDueMs === null) return settle;
      return { ...settle, dueMs: settle.dueMs - 500, attempt: { ...settle.attempt, nextDueMs: settle.attempt.nextDueMs - 500 } };
    }),
  ),
  mutant('one attempt at a time', 'a sender that sends again what takes long', ({ store, sender }, { time }) => ({
    store,
    sender: senderWith(sender, {
      send(orders) {
        sender.send(orders);
        time.after(WORLD, 3_000, () => sender.send(orders));
      },
    }),
  })),
  mutant('concurrency is bounded', 'an attempt that is called over before it is', ({ store, sender }, { time }) => {
    let report: (reports: readonly AttemptReport[]) => void = () => undefined;
    return {
      store,
      sender: senderWith(sender, {
        start(onReport) {
          report = onReport;
          return sender.start(onReport);
        },
        send(orders) {
          sender.send(orders);
          const startedMs = time.nowMs;
          for (const { delivery } of orders)
            time.after(WORLD, 1, () =>
              report([
                { delivery, startedMs, durationMs: 1, outcome: { kind: 'timed_out' }, retryAfterMs: null, error: null, record: '{}' },
              ]),
            );
        },
      }),
    };
  }),
  mutant('fifo is kept', 'a refill that forgets the order', ({ store, sender }) => ({
    store: storeWith(store, { refill: async (query) => (await store.refill({ ...query, after: null })).toReversed().slice(0, 1) }),
    sender,
  })),
  mutant('held and deleted endpoints are left alone', 'a sender that holds orders back for a while', ({ store, sender }, { time }) => ({
    store,
    sender: senderWith(sender, {
      send(orders) {
        time.after(WORLD, 4_000, () => sender.send(orders));
      },
    }),
  })),
  mutant(
    'every subscriber and no other',
    'a publish that forgets its last subscriber',
    onGroups((group) => ({
      inserts: group.inserts.map((insert) =>
        insert.kind === 'event' ? { ...insert, deliveries: insert.deliveries.slice(0, -1) } : insert,
      ),
    })),
  ),
  mutant(
    'publishing is idempotent',
    'a publish whose key is not remembered',
    onGroups((group) => ({
      inserts: group.inserts.map((insert) =>
        insert.kind === 'event' && insert.idempotency?.names[0]?.startsWith('key:') === true ? { ...insert, idempotency: null } : insert,
      ),
    })),
  ),
  mutant('pending counts are true', 'a count that is one too high after a start', ({ store, sender }) => ({
    store: storeWith(store, {
      async open() {
        const snapshot = await store.open();
        return { ...snapshot, backlog: snapshot.backlog.map((lane) => ({ ...lane, pending: lane.pending + 1 })) };
      },
    }),
    sender,
  })),
  mutant('memory is bounded', 'a refill that brings more than was asked for', ({ store, sender }) => ({
    store: storeWith(store, { refill: (query) => store.refill({ ...query, rowsMax: 1_000 }) }),
    sender,
  })),
  mutant('one commit at a time', 'a commit that is not waited for', ({ store, sender }) => ({
    store: storeWith(store, {
      commit(batch) {
        void store.commit({ groups: [], settles: [], changes: [] }).catch(() => undefined);
        return store.commit(batch);
      },
    }),
    sender,
  })),
  mutant('no error escapes', 'a sender that throws', ({ store, sender }) => {
    let sent = 0;
    return {
      store,
      sender: senderWith(sender, {
        send(orders) {
          sent += 1;
          if (sent === 4) throw new Error('planted');
          sender.send(orders);
        },
      }),
    };
  }),
  mutant('rest is quiet', 'a sender that never closes', ({ store, sender }) => ({
    store,
    sender: senderWith(sender, { close: () => new Promise(() => undefined) }),
  })),
  mutant('an answer means durable', 'a refused row that is answered as stored', ({ store }) => ({
    store: storeWith(store, {
      async commit(batch) {
        try {
          return await store.commit(batch);
        } catch (error) {
          if (!(error instanceof StoreError) || error.kind !== 'row') throw error;
          return {
            groups: batch.groups.map(({ inserts }) => ({ kind: 'stored', inserts: inserts.map(() => ({ kind: 'stored' })) })),
            changes: batch.changes.map(() => 1),
          };
        }
      },
    }),
  })),
  mutant(
    'nothing acknowledged is lost',
    'a chunk of a wide fan-out that is dropped',
    onInserts((insert) => (insert.kind === 'chunk' ? { ...insert, deliveries: [] } : insert)),
  ),
  mutant(
    'no delivery kills for ever',
    'a start that does not ask what was in flight',
    ({ flightFile }) => ({ flightFile: { ...unbound(flightFile), read: () => null } }),
    KILLERS,
  ),
  mutant(
    'suspects go alone',
    'a flight file that is written after the orders are handed over',
    ({ flightFile }, { time }) => ({
      flightFile: {
        ...unbound(flightFile),
        write: (bytes, start, end) => void time.after(WORLD, 40, () => flightFile.write(bytes, start, end)),
      },
    }),
    KILLERS,
  ),
  mutant('rate limits are kept', 'a sender that saves its orders up', ({ sender }, { time }) => ({
    sender: senderWith(sender, {
      send(orders) {
        const nextMs = (Math.floor(time.nowMs / 30_000) + 1) * 30_000;
        time.after(WORLD, nextMs - time.nowMs, () => sender.send(orders));
      },
    }),
  })),
  mutant(
    'failures are told',
    'a notice that is not written',
    onBatches((batch) => ({ ...batch, changes: batch.changes.filter(({ kind }) => kind !== 'putNotice') })),
  ),
  mutant(
    'replays make each once',
    'a replay that makes a delivery twice',
    onInserts((insert) => {
      if (insert.kind !== 'replay') return insert;
      const again = insert.deliveries.map((row) => ({ ...row, seq: row.seq + 1_000_000, id: `dlv_again${row.seq}` as const }));
      return { ...insert, deliveries: [...insert.deliveries, ...again] };
    }),
  ),
  mutant('what is young is kept', 'a retention that takes what ended a moment ago', ({ store }, { time }) => ({
    store: storeWith(store, {
      read: new Proxy(store.read, {
        get: (reader, verb: keyof StoreReader) => {
          if (verb !== 'oldDeliveries') return reader[verb];
          const old: StoreReader['oldDeliveries'] = (query) =>
            reader.oldDeliveries({ ...query, endedBeforeMs: time.nowMs, madeBeforeMs: time.nowMs });
          return old;
        },
      }),
    }),
  })),
];

function mutant(claim: Claim, name: string, graft: Graft, plan: Partial<Plan> = {}): Mutant {
  return { claim, name, graft, plan };
}
