// Grafts: ways to put a planted bug between the engine and its ports. What each bug is, mutants.ts says.

import type { FlightFile } from '../src/flight/flight-file.ts';
import type { AttemptReport, Sender } from '../src/send/order.ts';
import type { Batch, Insert, InsertGroup, Settle, Sharing, Store } from '../src/store/store.ts';
import type { Graft, Ports } from './process.ts';
import type { Scene } from './scene.ts';

export function storeWith(store: Store, over: Partial<Store>): Store {
  return {
    kind: store.kind,
    folder: store.folder,
    read: store.read,
    ...(store.sharing === undefined ? {} : { sharing: store.sharing }),
    open: (options) => store.open(options),
    commit: (batch) => store.commit(batch),
    refill: (query) => store.refill(query),
    load: (seqs) => store.load(seqs),
    close: () => store.close(),
    ...over,
  };
}

/** The store with another way of sharing; as it is where it is one's alone. */
export function sharingWith(store: Store, over: (sharing: Sharing) => Partial<Sharing>): Store {
  const { sharing } = store;
  if (sharing === undefined) return store;
  const changed = over(sharing);
  const shown = new Proxy(sharing, {
    get(inner, verb: keyof Sharing) {
      const value = verb in changed ? changed[verb] : inner[verb];
      return typeof value === 'function' ? value.bind(verb in changed ? changed : inner) : value;
    },
  });
  return storeWith(store, { sharing: shown });
}

export function unbound(file: FlightFile): FlightFile {
  return {
    read: () => file.read(),
    write: (bytes, start, end) => file.write(bytes, start, end),
    close: (keep) => file.close(keep),
  };
}

export function senderWith(sender: Sender, over: Partial<Sender>): Sender {
  return {
    start: (report) => sender.start(report),
    learnProfile: (version, definition) => sender.learnProfile(version, definition),
    send: (orders) => sender.send(orders),
    close: (graceMs) => sender.close(graceMs),
    ...over,
  };
}

export function onSettles(change: (settle: Settle) => Settle | null): Graft {
  return onBatches((batch) => ({ ...batch, settles: batch.settles.flatMap((settle) => change(settle) ?? []) }));
}

export function onInserts(change: (insert: Insert) => Insert): Graft {
  return onGroups((group) => ({ inserts: group.inserts.map(change) }));
}

export function onGroups(change: (group: InsertGroup) => InsertGroup): Graft {
  return onBatches((batch) => ({ ...batch, groups: batch.groups.map(change) }));
}

export function onBatches(change: (batch: Batch) => Batch): Graft {
  return ({ store }: Ports) => ({ store: storeWith(store, { commit: (batch) => store.commit(change(batch)) }) });
}

export function onReports(change: (report: AttemptReport) => readonly AttemptReport[]): Graft {
  return ({ store, sender }) => ({
    store,
    sender: senderWith(sender, { start: (report) => sender.start((reports) => report(reports.flatMap(change))) }),
  });
}

/** Makes the first final delivery of the disk pending again. */
export function revive({ disk }: Scene): void {
  const final = disk.deliveries.values().find(({ state }) => state === 'delivered');
  if (final === undefined) return;
  const row = { ...final, state: 'pending', finishedMs: null } as const;
  disk.deliveries.put(row.seq, row);
  disk.pendingOf(row.endpointSeq).put(row.seq, row);
}
