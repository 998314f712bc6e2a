// The model's disk: what outlives a model store, its lock, and whether the last holder closed it.
//
// Tables and nothing else; model.ts moves the rows. A simulation that crashes its process calls `crash`: the lock falls, as
// the operating system would drop it, the stop counts as unclean, and what was committed is still here.

import type {
  DeliveryRow,
  AttemptRow,
  EndpointRow,
  EventRow,
  EventTypeRow,
  KeyRow,
  NoticeRow,
  ProfileRow,
  ReplayRow,
  TenantRow,
} from './rows.ts';
import type { Clock } from '../ports.ts';
import type { FeedMark } from './feed.ts';
import type { Fact } from '../stats/step-counts.ts';
import type { KeptStep } from './model-stats.ts';
import type { ExpansionMatch } from './store.ts';
import type { RememberedName } from './judge.ts';
import { ModelCluster } from './model-cluster.ts';
import { ModelTable, UndoLog } from './model-rows.ts';

export interface KeptEndpoint {
  readonly row: EndpointRow;
  readonly deletedMs: number | null;
}

export interface KeptName {
  readonly tenant: string;
  readonly name: string;
  readonly remembered: RememberedName;
}

export interface KeptExpansion {
  readonly eventSeq: number;
  readonly matches: readonly ExpansionMatch[];
  readonly done: number;
}

export interface KeptBatch {
  readonly source: number;
  readonly no: number;
  readonly atMs: number;
  readonly marks: readonly FeedMark[];
}

export class ModelDisk {
  readonly log: UndoLog = new UndoLog();
  readonly tenants: ModelTable<string, TenantRow> = new ModelTable(this.log);
  readonly endpoints: ModelTable<number, KeptEndpoint> = new ModelTable(this.log);
  readonly profiles: ModelTable<string, ProfileRow> = new ModelTable(this.log);
  readonly eventTypes: ModelTable<string, EventTypeRow> = new ModelTable(this.log);
  readonly keys: ModelTable<string, KeyRow> = new ModelTable(this.log);
  readonly meta: ModelTable<string, string> = new ModelTable(this.log);
  readonly events: ModelTable<number, EventRow> = new ModelTable(this.log);
  readonly eventIds: ModelTable<string, number> = new ModelTable(this.log);
  readonly names: ModelTable<string, KeptName> = new ModelTable(this.log);
  readonly expansions: ModelTable<number, KeptExpansion> = new ModelTable(this.log);
  readonly deliveries: ModelTable<number, DeliveryRow> = new ModelTable(this.log);
  readonly deliveryIds: ModelTable<string, number> = new ModelTable(this.log);
  /** What is pending, by endpoint: the lanes read it often. */
  readonly pending: Map<number, ModelTable<number, DeliveryRow>> = new Map();
  readonly attempts: ModelTable<number, ReadonlyMap<number, AttemptRow>> = new ModelTable(this.log);
  readonly replays: ModelTable<number, ReplayRow> = new ModelTable(this.log);
  readonly notices: ModelTable<string, NoticeRow> = new ModelTable(this.log);
  /** What commits noted for the statistics, by number; the newest number; what was rolled up. */
  readonly facts: ModelTable<number, Fact> = new ModelTable(this.log);
  readonly factsNoted: ModelTable<'no', number> = new ModelTable(this.log);
  readonly steps: ModelTable<string, KeptStep> = new ModelTable(this.log);
  /** The feed's batches by source and number, and the newest number of each source. */
  readonly feed: ModelTable<string, KeptBatch> = new ModelTable(this.log);
  readonly feedNewest: ModelTable<number, number> = new ModelTable(this.log);
  /** The highest numbers that were ever removed: they are not used again. */
  readonly removed: ModelTable<'event' | 'delivery' | 'replay' | 'endpoint', number> = new ModelTable(this.log);
  /** What the nodes that share it know of each other. */
  readonly cluster: ModelCluster = new ModelCluster(this);
  #holder: object | null = null;
  #stop: 'clean' | 'open' = 'clean';
  /** The disk's own time, by which leases are judged; null: that of whoever asks. */
  readonly clock: Pick<Clock, 'nowMs'> | null;

  constructor(clock: Pick<Clock, 'nowMs'> | null = null) {
    this.clock = clock;
  }

  /** Takes the lock; answers whether the last stop was clean, or null when another store holds it. */
  acquire(holder: object): { readonly cleanStop: boolean } | null {
    if (this.#holder !== null || this.cluster.nodes.size > 0) return null;
    const cleanStop = this.#stop === 'clean';
    this.#holder = holder;
    this.#stop = 'open';
    return { cleanStop };
  }

  /** Whether one store has it for itself alone. */
  get isExclusive(): boolean {
    return this.#holder !== null;
  }

  isHeldBy(holder: object): boolean {
    return this.#holder === holder;
  }

  release(holder: object): void {
    if (this.#holder !== holder) return;
    this.#holder = null;
    this.#stop = 'clean';
  }

  /** The process that holds the disk dies: its store answers nothing more. */
  crash(): void {
    this.#holder = null;
  }

  pendingOf(endpointSeq: number): ModelTable<number, DeliveryRow> {
    let table = this.pending.get(endpointSeq);
    if (table === undefined) {
      table = new ModelTable(this.log);
      this.pending.set(endpointSeq, table);
    }
    return table;
  }
}
