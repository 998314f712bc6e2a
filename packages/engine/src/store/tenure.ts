// Tenure: which of several programs that share one store acts on it.
//
// One holds it at a time. A store that only one program can open (an embedded one) has none: whoever has it open acts.
//
//  1. What is written is written by the holder: a store refuses the commits of a program that another has taken over from.
//  2. A holder that cannot renew its tenure stops sending by its own monotonic clock, before another may begin.
//  3. Tenure that another has taken is lost for good: that engine is to be closed, and another opened in its place.

export interface Tenure {
  /** Whether this program may send now. Cheap: asked before everything that is sent. */
  readonly isHeld: boolean;
  /** Whether another has taken over. */
  readonly isLost: boolean;
  watch(watcher: TenureWatcher): void;
  /** Those that share the store, as the store knows them: whoever acts first. */
  nodes(): Promise<readonly NodeRow[]>;
}

export interface TenureWatcher {
  /** It is held again after it was not. */
  resumed(): void;
  /** Told once: another has taken over. */
  lost(): void;
}

export interface NodeRow {
  readonly id: string;
  readonly version: string;
  readonly startedMs: number;
  /** Whether it acts, or waits until it may. */
  readonly isActive: boolean;
}

export interface OpenOptions {
  /** Sees the small facts that the store keeps (`putMeta`) before anything is taken or written; what it throws is thrown. */
  readonly inspect?: (meta: { readonly [name: string]: string }) => void;
  /** Goes on with what this program held before: refused when another has had it since. */
  readonly continues?: boolean;
}
