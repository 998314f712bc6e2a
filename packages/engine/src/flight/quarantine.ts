// Quarantine: after an unclean stop, what was in flight goes last and alone.
//
// Invariants:
//  1. Last: a suspect waits until the rest has had its turn, or two seconds. It keeps its place in its lane meanwhile, so
//     that FIFO holds.
//  2. Alone: one suspect at a time, and while it is under way nothing else leaves. The others are not starved: they are
//     held up for a second at most to drain and a second more for one that hangs, and after each spell they go on for as
//     long as it took. Only a suspect that was under way at two stops has the process for itself until its attempt ends.
//  3. One that was alone under way at a stop is to blame: an attempt is recorded for it. So its schedule is used up and
//     it fails at last. It stays a suspect.
//  4. A suspect is cleared when an attempt of it has ended, whatever its outcome: the process outlived it.

import type { Clock, Log } from '../ports.ts';
import type { PendingDelivery } from '../store/rows.ts';
import { ATTEMPTS_MODULO, type FlightLog, type LeftOver } from './flight-log.ts';

/** Whether and when a suspect's lane lets it go. */
export type Leave = { readonly kind: 'now' | 'gone' | 'held' | 'busy' } | { readonly kind: 'at'; readonly ms: number };

export interface QuarantineOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly flights: FlightLog;
  /** Attempts that the sender has. */
  readonly inFlight: () => number;
  /** A suspect as the store has it, null where it is not pending any more; and whether its endpoint's order lets it go first. */
  readonly load: (seq: number, endpointSeq: number) => Promise<{ readonly delivery: PendingDelivery | null; readonly isFirst: boolean }>;
  /** Keeps a delivery's place in its lane, unsent; false where the endpoint is gone. */
  readonly place: (endpointSeq: number, seq: number) => boolean;
  /** Gives one back to its lane. */
  readonly giveBack: (endpointSeq: number, seq: number, dueMs: number) => void;
  readonly leave: (endpointSeq: number, seq: number) => Leave;
  readonly send: (delivery: PendingDelivery) => boolean;
  /** Records the attempt that the process did not outlive. */
  readonly blame: (delivery: PendingDelivery) => void;
  /** Lets the others go on. */
  readonly pump: () => void;
}

interface Suspect {
  readonly seq: number;
  readonly endpointSeq: number;
  readonly strict: boolean;
  dueMs: number;
  /** Until its attempt is on record. */
  blamed: boolean;
}

/** How long the others go first, at most. */
const LAST_MS = 2_000;
/** How long the others are given to drain, and a suspect that hangs to end. */
const DRAIN_MS = 1_000;
const SOLITUDE_MS = 1_000;
/** Suspects follow each other for so long before the others go on. */
const SPELL_MS = 2_000;
const AGAIN_MS = 1_000;
/** Beyond so many, deliveries that were in flight go with the rest. */
export const SUSPECTS_MAX = 1_024;

export class Quarantine {
  readonly #options: QuarantineOptions;
  readonly #suspects = new Map<number, Suspect>();
  #othersFirstUntilMs = 0;
  /** Since when the others are held back; null while they go. */
  #quietSinceMs: number | null = null;
  #tried: { readonly suspect: Suspect; readonly sinceMs: number } | null = null;
  #asking = false;
  /** Nobody may go before this. */
  #lookAgainMs = 0;
  #timerMs = Infinity;
  #cancelTimer: (() => void) | null = null;
  #stopped = false;

  constructor(options: QuarantineOptions) {
    this.#options = options;
  }

  /** Whether everything else is held back just now. */
  get isQuiet(): boolean {
    return this.#quietSinceMs !== null;
  }

  has(seq: number): boolean {
    return this.#suspects.has(seq);
  }

  /** Takes the suspects in, before anything is sent. `pending`: those of them that are. */
  begin(left: readonly LeftOver[], pending: readonly PendingDelivery[]): void {
    const { clock, flights, place, log } = this.#options;
    const rows = new Map(pending.map((row) => [row.seq, row]));
    // One whose attempt is on record came to its end: only the note of that was cut off.
    const cutOff = ({ seq, attempts }: LeftOver): boolean => {
      const row = rows.get(seq);
      return row !== undefined && (attempts === null || row.attempts % ATTEMPTS_MODULO === attempts);
    };
    const suspects = left.filter(cutOff).toSorted((a, b) => a.seq - b.seq);
    for (const { seq, strict, kind } of suspects.slice(0, SUSPECTS_MAX)) {
      const row = rows.get(seq);
      if (row !== undefined && place(row.endpointSeq, seq))
        this.#suspects.set(seq, { seq, endpointSeq: row.endpointSeq, strict, dueMs: row.dueMs, blamed: kind === 'alone' });
    }
    flights.begin(suspects.filter(({ seq }) => this.#suspects.has(seq)));
    this.#othersFirstUntilMs = clock.nowMs() + LAST_MS;
    if (this.#suspects.size > 0)
      log.warn('the last run was killed; what was in flight goes last and alone', { deliveries: this.#suspects.size });
  }

  /** Records the attempts that a process did not outlive. Call once the engine can settle. */
  judge(pending: readonly PendingDelivery[]): void {
    for (const row of pending) {
      if (this.#suspects.get(row.seq)?.blamed !== true) continue;
      this.#options.log.error('a delivery was alone in flight when the process stopped; a failed attempt is recorded for it', {
        delivery: row.id,
        endpointSeq: row.endpointSeq,
        attempt: row.attempts + 1,
      });
      this.#options.blame(row);
    }
  }

  /** Those that wait: they keep their places also where lanes are made anew. */
  *waiting(): Iterable<{ readonly seq: number; readonly endpointSeq: number }> {
    for (const suspect of this.#suspects.values()) if (this.#tried?.suspect !== suspect) yield suspect;
  }

  /** A settle is durable. True where the delivery goes on and is kept here. */
  settled(seq: number, next: PendingDelivery | null): boolean {
    const suspect = this.#suspects.get(seq);
    if (suspect === undefined) return false;
    if (!suspect.blamed || next === null) {
      this.drop(seq);
      return false;
    }
    suspect.blamed = false;
    suspect.dueMs = next.dueMs;
    this.#lookAgainMs = 0;
    return true;
  }

  /** Its delivery has ended, or is none of ours any more. */
  drop(seq: number): void {
    const suspect = this.#suspects.get(seq);
    if (suspect === undefined) return;
    this.#suspects.delete(seq);
    this.#options.flights.cleared(seq);
    if (this.#tried?.suspect === suspect) this.#tried = null;
  }

  /** It is due at another time. */
  moved(seq: number, dueMs: number): void {
    const suspect = this.#suspects.get(seq);
    if (suspect !== undefined) suspect.dueMs = dueMs;
    this.stir();
  }

  /** An endpoint was edited: one that was held may go. */
  stir(): void {
    this.#lookAgainMs = 0;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  /**
   * Moves on, as far as it can. Call after whatever may have changed something.
   * @param othersRest whether nothing else is ready to go
   */
  look(othersRest: boolean): void {
    if (this.#suspects.size === 0) return this.#loud();
    if (this.#stopped || this.#asking) return;
    const { clock, flights, inFlight } = this.#options;
    const nowMs = clock.nowMs();
    if (this.#tried !== null) {
      const { suspect, sinceMs } = this.#tried;
      if (this.#quietSinceMs === null || suspect.strict) return;
      if (nowMs < sinceMs + SOLITUDE_MS) this.#lookAt(sinceMs + SOLITUDE_MS);
      else this.#loud();
      return;
    }
    if (this.#quietSinceMs === null) {
      if (nowMs < this.#othersFirstUntilMs && !(othersRest && flights.underWay === 0)) return this.#lookAt(this.#othersFirstUntilMs);
    }
    const suspect = this.#next(nowMs);
    this.#quietSinceMs ??= suspect === null ? null : nowMs;
    if (suspect === null || this.#quietSinceMs === null) return this.#loud();
    if (!suspect.strict && nowMs >= this.#quietSinceMs + DRAIN_MS + SPELL_MS) return this.#loud();
    // What has ended may wait for a slow store: that alone keeps only a strict one waiting.
    if (suspect.strict && flights.underWay > 0) return this.#lookAt(nowMs + AGAIN_MS);
    if (inFlight() > 0 && nowMs < this.#quietSinceMs + DRAIN_MS) return this.#lookAt(this.#quietSinceMs + DRAIN_MS);
    void this.#try(suspect);
  }

  /** The first that may go; null where none may. */
  #next(nowMs: number): Suspect | null {
    if (nowMs < this.#lookAgainMs) return null;
    let soonestMs = Infinity;
    for (const suspect of Array.from(this.#suspects.values())) {
      if (suspect.blamed) continue;
      const leave: Leave =
        suspect.dueMs > nowMs ? { kind: 'at', ms: suspect.dueMs } : this.#options.leave(suspect.endpointSeq, suspect.seq);
      switch (leave.kind) {
        case 'now':
          return suspect;
        case 'at':
          soonestMs = Math.min(soonestMs, leave.ms);
          break;
        case 'busy':
          soonestMs = Math.min(soonestMs, nowMs + AGAIN_MS);
          break;
        case 'gone':
          this.drop(suspect.seq);
          break;
        case 'held':
          break; // `stir` says when it may go on
        default:
          leave satisfies never;
      }
    }
    this.#lookAgainMs = soonestMs;
    if (soonestMs < Infinity) this.#lookAt(soonestMs);
    return null;
  }

  async #try(suspect: Suspect): Promise<void> {
    const { clock, load, leave, send, giveBack, log, inFlight, pump } = this.#options;
    const { seq, endpointSeq } = suspect;
    this.#asking = true;
    try {
      const { delivery, isFirst } = await load(seq, endpointSeq);
      if (this.#suspects.get(seq) !== suspect || this.#stopped) return;
      if (delivery === null) this.drop(seq);
      else if (delivery.dueMs > clock.nowMs()) suspect.dueMs = delivery.dueMs;
      else if (!isFirst) {
        this.drop(seq);
        giveBack(endpointSeq, seq, delivery.dueMs);
      } else if (leave(endpointSeq, seq).kind === 'now') {
        const hang = !suspect.strict && inFlight() > 0;
        this.#tried = { suspect, sinceMs: clock.nowMs() };
        if (!send(delivery)) this.drop(seq);
        if (hang) this.#loud(); // the others do: they are not held up for longer
      }
    } catch (error) {
      log.warn('a delivery in quarantine could not be read; it is tried again', { error: String(error) });
      this.#lookAgainMs = clock.nowMs() + AGAIN_MS;
      this.#lookAt(this.#lookAgainMs);
    } finally {
      this.#asking = false;
      pump();
    }
  }

  /** The others go on, for as long as they were held up. */
  #loud(): void {
    if (this.#quietSinceMs === null) return;
    const nowMs = this.#options.clock.nowMs();
    this.#othersFirstUntilMs = nowMs + Math.max(AGAIN_MS, nowMs - this.#quietSinceMs);
    this.#quietSinceMs = null;
    if (this.#suspects.size > 0) this.#lookAt(this.#othersFirstUntilMs);
    this.#options.pump();
  }

  #lookAt(atMs: number): void {
    if (atMs >= this.#timerMs) return;
    this.#cancelTimer?.();
    this.#timerMs = atMs;
    this.#cancelTimer = this.#options.clock.after(Math.max(0, atMs - this.#options.clock.nowMs()), () => {
      this.#timerMs = Infinity;
      this.#cancelTimer = null;
      this.#options.pump();
    });
  }
}
