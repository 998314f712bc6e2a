// Mutants: planted bugs, at least one for every claim. Each stands between the engine and a port, so that the engine does
// what a defect of its own would make it do. A claim whose mutant lives through the runs proves nothing.

import type { Batch, InsertGroup, Settle, Store } from '../src/store/store.ts';
import type { AttemptReport, Sender, SendOrder } from '../src/send/order.ts';
import type { Graft, Ports } from './process.ts';
import type { Claim, Scene } from './scene.ts';
import type { Owner } from './virtual-time.ts';

export interface Mutant {
  readonly claim: Claim;
  /** What it does. */
  readonly name: string;
  readonly graft: Graft;
}

const WORLD: Owner = { alive: true };

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
];

function mutant(claim: Claim, name: string, graft: Graft): Mutant {
  return { claim, name, graft };
}

function storeWith(store: Store, over: Partial<Store>): Store {
  return {
    kind: store.kind,
    folder: store.folder,
    read: store.read,
    open: () => store.open(),
    commit: (batch) => store.commit(batch),
    refill: (query) => store.refill(query),
    load: (seqs) => store.load(seqs),
    close: () => store.close(),
    ...over,
  };
}

function senderWith(sender: Sender, over: Partial<Sender>): Sender {
  return {
    start: (report) => sender.start(report),
    learnProfile: (version, definition) => sender.learnProfile(version, definition),
    send: (orders) => sender.send(orders),
    close: (graceMs) => sender.close(graceMs),
    ...over,
  };
}

function onSettles(change: (settle: Settle) => Settle | null): Graft {
  return onBatches((batch) => ({ ...batch, settles: batch.settles.flatMap((settle) => change(settle) ?? []) }));
}

function onGroups(change: (group: InsertGroup) => InsertGroup): Graft {
  return onBatches((batch) => ({ ...batch, groups: batch.groups.map(change) }));
}

function onBatches(change: (batch: Batch) => Batch): Graft {
  return ({ store, sender }: Ports) => ({ store: storeWith(store, { commit: (batch) => store.commit(change(batch)) }), sender });
}

function onReports(change: (report: AttemptReport) => readonly AttemptReport[]): Graft {
  return ({ store, sender }) => ({
    store,
    sender: senderWith(sender, { start: (report) => sender.start((reports) => report(reports.flatMap(change))) }),
  });
}

/** Makes the first final delivery of the disk pending again. */
function revive({ disk }: Scene): void {
  const final = disk.deliveries.values().find(({ state }) => state === 'delivered');
  if (final === undefined) return;
  const row = { ...final, state: 'pending', finishedMs: null } as const;
  disk.deliveries.put(row.seq, row);
  disk.pendingOf(row.endpointSeq).put(row.seq, row);
}
