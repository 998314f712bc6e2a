// Health: what attempts have shown of each endpoint since the store last heard. Since when everything fails, and when it
// was last triggered. Kept in memory, exact; written to the store now and then and at a clean stop, so that a delivery
// costs no extra row. After a crash the last seconds of it are missing, which only delays an automatic disabling.

import type { Committer } from './commit/committer.ts';
import { untold } from './commit/items.ts';
import type { Clock } from './ports.ts';
import type { EndpointEntry, Registry } from './registry.ts';
import type { EndpointRow } from './store/rows.ts';

interface Seen {
  failingSinceMs: number | null;
  lastTriggeredMs: number | null;
}

const SWEEP_MS = 2_000;
/** Endpoints written in one change. */
const SWEEP_ENDPOINTS = 500;

export class Health {
  readonly #clock: Clock;
  readonly #registry: Registry;
  readonly #committer: Committer;
  readonly #seen = new Map<number, Seen>();
  #cancelSweep: (() => void) | null = null;

  constructor(clock: Clock, registry: Registry, committer: Committer) {
    this.#clock = clock;
    this.#registry = registry;
    this.#committer = committer;
  }

  failingSinceMs(row: EndpointRow): number | null {
    const seen = this.#seen.get(row.seq);
    return seen === undefined ? row.failingSinceMs : seen.failingSinceMs;
  }

  lastTriggeredMs(row: EndpointRow): number | null {
    const seen = this.#seen.get(row.seq)?.lastTriggeredMs ?? null;
    if (seen === null) return row.lastTriggeredMs;
    return row.lastTriggeredMs === null ? seen : Math.max(seen, row.lastTriggeredMs);
  }

  /** Notes an attempt's end. */
  note(row: EndpointRow, startedMs: number, failingSinceMs: number | null): void {
    const seen = this.#seen.get(row.seq);
    if (seen === undefined) this.#seen.set(row.seq, { failingSinceMs, lastTriggeredMs: startedMs });
    else {
      seen.failingSinceMs = failingSinceMs;
      seen.lastTriggeredMs = Math.max(seen.lastTriggeredMs ?? 0, startedMs);
    }
    this.#cancelSweep ??= this.#clock.after(SWEEP_MS, () => {
      this.#cancelSweep = null;
      this.flush();
    });
  }

  /** Forgets the failures: a person gave the endpoint a second chance. */
  forgive(endpointSeq: number): void {
    const seen = this.#seen.get(endpointSeq);
    if (seen !== undefined) seen.failingSinceMs = null;
  }

  /** Hands everything that the store does not know yet to the committer. */
  flush(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    const touched: { readonly seq: number; readonly lastTriggeredMs: number }[] = [];
    for (const [seq, seen] of Array.from(this.#seen)) {
      const entry = this.#registry.endpoint(seq);
      this.#seen.delete(seq);
      if (entry === undefined) continue;
      if (seen.failingSinceMs !== entry.row.failingSinceMs) {
        this.#seen.set(seq, seen); // until the row says so too
        this.#writeFailingSince(entry, seen);
      } else if (seen.lastTriggeredMs !== null && seen.lastTriggeredMs !== entry.row.lastTriggeredMs) {
        this.#seen.set(seq, seen);
        touched.push({ seq, lastTriggeredMs: seen.lastTriggeredMs });
      }
    }
    for (let at = 0; at < touched.length; at += SWEEP_ENDPOINTS) this.#writeTouched(touched.slice(at, at + SWEEP_ENDPOINTS), at);
  }

  #writeTouched(touched: readonly { readonly seq: number; readonly lastTriggeredMs: number }[], at: number): void {
    const changes = touched.map(({ seq, lastTriggeredMs }) => ({ kind: 'touchEndpoint', seq, lastTriggeredMs }) as const);
    this.#committer.submit({
      kind: 'change',
      key: `touch:${at}`,
      prepare: () => untold(changes),
      done: () => {
        for (const change of changes) {
          this.#registry.apply(change);
          if (this.#seen.get(change.seq)?.lastTriggeredMs === change.lastTriggeredMs) this.#seen.delete(change.seq);
        }
      },
      failed() {}, // tried again with the next sweep
    });
  }

  #writeFailingSince(entry: EndpointEntry, seen: Seen): void {
    this.#committer.submit({
      kind: 'change',
      key: `endpoint:${entry.row.id}`,
      prepare: () => {
        const row = this.#registry.endpoint(entry.row.seq)?.row;
        if (row === undefined) return untold([]);
        const next = { ...row, failingSinceMs: seen.failingSinceMs, lastTriggeredMs: seen.lastTriggeredMs };
        return untold([{ kind: 'putEndpoint', endpoint: next, untold: true }]);
      },
      done: () => {
        const row = this.#registry.endpoint(entry.row.seq)?.row;
        if (row === undefined) return;
        this.#registry.apply({
          kind: 'putEndpoint',
          endpoint: { ...row, failingSinceMs: seen.failingSinceMs, lastTriggeredMs: seen.lastTriggeredMs },
        });
      },
      failed() {}, // tried again with the next sweep
    });
  }
}
