// The dedupe port: where a receiver remembers which events were handled, and which are being handled.
//
// 1. A key is free, leased, or done. `begin` leases a free key to exactly one caller, however many ask at once.
// 2. A lease that is neither renewed nor ended runs out, and the key is free again: a crash makes the event run again.
// 3. Done stays done until it is forgotten: `release`, and leases that ran out before, do not undo it.
// 4. Every store keeps these under the same suite (test/dedupe/suite.ts).

import { WaxwingError } from '@waxwing/protocol/errors';

export type Awaitable<T> = T | Promise<T>;

export type Beginning =
  /** The key is the caller's until it finishes or releases it, or the lease runs out. The token names this lease. */
  | { readonly kind: 'leased'; readonly token: string }
  | { readonly kind: 'done' }
  /** Another caller has it, for this much longer unless that one renews it. */
  | { readonly kind: 'running'; readonly remainingMs: number };

/** Throws, or rejects, when the store cannot be reached; the event is then not handled, and the sender tries again. */
export interface DedupeStore {
  begin(key: string, leaseMs: number): Awaitable<Beginning>;
  /** Makes the lease run from now. False when it is no longer the caller's. */
  renew(key: string, token: string, leaseMs: number): Awaitable<boolean>;
  /** Marks the key done, for so long. Also when the lease ran out meanwhile: what was handled was handled. */
  finish(key: string, token: string, keepMs: number): Awaitable<void>;
  /** Frees the key, if the lease is still the caller's. */
  release(key: string, token: string): Awaitable<void>;
}

/** What a handler holds while it runs: with it, a store that shares its database can mark the event done in its own transaction. */
export interface Lease {
  readonly key: string;
  readonly token: string;
  readonly keepMs: number;
}

/** What a handler's own transaction is rolled back with, when it took so long that another process has the event. */
export function leaseLost(lease: Lease): WaxwingError {
  return new WaxwingError(
    'lease_lost',
    `The lease of ${lease.key} ran out and the event was taken over: roll back, it is handled elsewhere.`,
  );
}
