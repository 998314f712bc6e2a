// Failure count: `delivery.failed`, at most once every five minutes an endpoint, with how many failed meanwhile.
//
// The first failure is told at once. What follows within five minutes is counted in one open notice, rewritten in the same
// batch as the failures (one waiting change an endpoint, prepared when the batch is formed), and told when the five minutes
// are over. Open notices are found again at the start, so a stop in between loses neither a count nor the pause.

import { OPERATIONAL_TENANT } from '@waxwing/protocol';
import type { Committer } from '../commit/committer.ts';
import { untold, type Writes } from '../commit/items.ts';
import type { Clock, Log } from '../ports.ts';
import type { EndpointRow, NoticeRow, PendingDelivery } from '../store/rows.ts';
import type { Change } from '../store/store.ts';
import { deliveryFacts, endpointFacts, type NoticeData, type NoticeWriter } from './writing.ts';

export interface FailureCountOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly committer: Committer;
  readonly writer: NoticeWriter;
}

const QUIET_MS = 5 * 60_000;
const AGAIN_MS = 1_000;

/** Failures that no notice has yet. */
interface Fresh {
  readonly count: number;
  readonly firstAt: string;
  readonly endpoint: EndpointRow;
  readonly deliverySeq: number;
  /** Of the latest. */
  readonly data: NoticeData;
}

interface Counted {
  readonly seq: number;
  /** The open notice as last committed. */
  open: NoticeRow | null;
  fresh: Fresh | null;
  /** Of a commit that is under way, or whose result is not known: what went into it, and what it would leave. */
  taken: Fresh | null;
  next: NoticeRow | null;
  /** A change waits to be prepared. */
  waiting: boolean;
  cancelTimer: (() => void) | null;
}

export class FailureCount {
  readonly #options: FailureCountOptions;
  readonly #counted = new Map<number, Counted>();
  #stopped = false;

  constructor(options: FailureCountOptions) {
    this.#options = options;
  }

  /** Takes over the open notices that the store holds, of endpoints that are this node's: at the start, or when it was opened anew. */
  resume(open: readonly NoticeRow[], owns: (endpointSeq: number) => boolean = () => true): void {
    const held = new Map(open.flatMap((row) => (row.endpointSeq === null ? [] : [[row.endpointSeq, row] as const])));
    for (const counted of Array.from(this.#counted.values())) {
      const row = held.get(counted.seq) ?? null;
      if (!isWritten(counted.next, row)) putBack(counted);
      counted.taken = null;
      counted.open = row;
      held.delete(counted.seq);
      this.#watch(counted);
    }
    for (const [seq, row] of held) {
      if (!owns(seq)) continue;
      const counted = this.#make(seq);
      counted.open = row;
      this.#watch(counted);
    }
  }

  /** Takes over the open notices of endpoints that are this node's from now on. */
  take(open: readonly NoticeRow[]): void {
    for (const row of open) {
      if (row.endpointSeq === null || this.#counted.has(row.endpointSeq)) continue;
      const counted = this.#make(row.endpointSeq);
      counted.open = row;
      this.#watch(counted);
    }
  }

  /** Leaves what is open of others' endpoints to their owners. What is not written yet still is. */
  leave(owns: (endpointSeq: number) => boolean): void {
    for (const counted of Array.from(this.#counted.values())) {
      if (owns(counted.seq) || counted.fresh !== null || counted.taken !== null) continue;
      counted.cancelTimer?.();
      this.#counted.delete(counted.seq);
    }
  }

  /** A delivery to this endpoint has failed for good. Call in the turn that submits its settle. */
  add(row: EndpointRow, reason: string, delivery: PendingDelivery, lastError: string | null): void {
    if (row.tenant === OPERATIONAL_TENANT || this.#stopped) return;
    const counted = this.#counted.get(row.seq) ?? this.#make(row.seq);
    const at = new Date(this.#options.clock.nowMs()).toISOString();
    counted.fresh = {
      count: (counted.fresh?.count ?? 0) + 1,
      firstAt: counted.fresh?.firstAt ?? at,
      endpoint: row,
      deliverySeq: delivery.seq,
      data: { ...endpointFacts(row), ...deliveryFacts(delivery), lastAt: at, reason, lastError },
    };
    this.#submit(counted);
  }

  /** Nothing is told any more; what is open stays so in the store, for the next start. */
  stop(): void {
    this.#stopped = true;
    for (const counted of this.#counted.values()) counted.cancelTimer?.();
  }

  #make(seq: number): Counted {
    const counted: Counted = { seq, open: null, fresh: null, taken: null, next: null, waiting: false, cancelTimer: null };
    this.#counted.set(seq, counted);
    return counted;
  }

  #submit(counted: Counted): void {
    if (counted.waiting || this.#stopped) return;
    counted.waiting = true;
    this.#options.committer.submit({
      kind: 'change',
      key: `failures:${counted.seq}`,
      prepare: () => {
        counted.waiting = false;
        putBack(counted); // what an earlier try had taken, which was not written
        counted.taken = counted.fresh;
        counted.fresh = null;
        const writes = this.#writes(counted.open, counted.taken);
        counted.next = lastNotice(writes.changes) ?? counted.open;
        return writes;
      },
      done: () => {
        counted.taken = null;
        counted.open = counted.next?.openUntilMs === null ? null : counted.next;
        this.#watch(counted);
      },
      failed: (error) => {
        counted.waiting = false;
        // With its result unknown, the store says what of it was written once it is open again.
        if (error.code !== 'commit_unknown') putBack(counted);
        if (error.code === 'internal') this.#options.log.error('a count of failures could not be written', { error: String(error) });
        this.#submitIn(counted, AGAIN_MS);
      },
    });
  }

  #submitIn(counted: Counted, ms: number): void {
    counted.cancelTimer?.();
    if (this.#stopped) return;
    counted.cancelTimer = this.#options.clock.after(ms, () => {
      counted.cancelTimer = null;
      this.#submit(counted);
    });
  }

  /** Comes back when the open notice's time is over; forgets an endpoint of which nothing is open. */
  #watch(counted: Counted): void {
    const untilMs = counted.open?.openUntilMs ?? null;
    if (counted.fresh !== null) this.#submit(counted);
    else if (untilMs !== null) this.#submitIn(counted, untilMs - this.#options.clock.nowMs());
    else if (!counted.waiting) {
      counted.cancelTimer?.();
      this.#counted.delete(counted.seq);
    }
  }

  /** What becomes of the open notice, and of what came since. */
  #writes(open: NoticeRow | null, taken: Fresh | null): Writes {
    const { clock, writer } = this.#options;
    const nowMs = clock.nowMs();
    const counting = open !== null && open.eventId === null;
    const untilMs = open?.openUntilMs ?? nowMs;
    if (taken === null && (open === null || nowMs < untilMs)) return untold([]);
    const closed: readonly Change[] = open === null || counting ? [] : [{ kind: 'putNotice', notice: { ...open, openUntilMs: null } }];
    const notice = taken === null ? (counting ? open : null) : counting ? merged(open, taken) : this.#row(taken);
    if (notice === null) return untold(closed);
    if (nowMs < untilMs) return untold([...closed, { kind: 'putNotice', notice: { ...notice, openUntilMs: untilMs } }]);
    const told = writer.told({ ...notice, openUntilMs: nowMs + QUIET_MS });
    return { ...told, changes: [...closed, ...told.changes] };
  }

  #row({ count, firstAt, endpoint, deliverySeq, data }: Fresh): NoticeRow {
    const { tenant, seq, id } = endpoint;
    const of = { tenant, endpointSeq: seq, endpoint: id, deliverySeq, data: { ...data, count, firstAt } };
    return this.#options.writer.row('delivery.failed', of);
  }
}

function merged(open: NoticeRow, { count, data, deliverySeq }: Fresh): NoticeRow {
  const counted = Number(open.data['count'] ?? 0) + count;
  return { ...open, deliverySeq, data: { ...open.data, ...data, count: counted } };
}

function putBack(counted: Counted): void {
  const { taken, fresh } = counted;
  counted.taken = null;
  if (taken === null) return;
  counted.fresh = fresh === null ? taken : { ...fresh, count: fresh.count + taken.count, firstAt: taken.firstAt };
}

function lastNotice(changes: readonly Change[]): NoticeRow | null {
  const last = changes.at(-1);
  return last?.kind === 'putNotice' ? last.notice : null;
}

/** Whether what a commit would have left is what the store holds. */
function isWritten(next: NoticeRow | null, held: NoticeRow | null): boolean {
  return next !== null && held !== null && held.id === next.id && held.data['count'] === next.data['count'];
}
