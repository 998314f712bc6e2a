// Tallies: how often each kind of thing happened. A simulation that never saw a fault proves nothing about it, so every
// kind is listed here before the run, at zero, and a set of runs in which one stays there is a failure of the simulation.

import { DELIVERY_STATES, ENDPOINT_STATUSES, OUTCOME_KINDS } from '@waxwing/protocol';

const KINDS = [
  ...['single', 'batch', 'with an id', 'with a key', 'duplicate', 'conflict', 'wide', 'refused', 'repeated after no answer'].map(
    (kind) => `publish: ${kind}`,
  ),
  ...OUTCOME_KINDS.map((kind) => `attempt: ${kind}`),
  ...['answer lost', 'retry-after', 'gone', 'slow'].map((kind) => `receiver: ${kind}`),
  ...[
    'create',
    'edit',
    'pause',
    'resume',
    'disable',
    'enable',
    'delete',
    'rotate',
    'activate',
    'retry',
    'cancel',
    'test',
    'order',
    'replay',
    'stop a replay',
  ].map((kind) => `user: ${kind}`),
  ...['unavailable', 'unknown, written', 'unknown, not written', 'row refused', 'read failed', 'open failed', 'slow'].map(
    (kind) => `store: ${kind}`,
  ),
  ...['between steps', 'before a commit', 'after a commit', 'while starting', 'clean stop', 'by a delivery'].map((kind) => `stop: ${kind}`),
  ...DELIVERY_STATES.filter((state) => state !== 'pending').map((state) => `delivery: pending or new to ${state}`),
  'delivery: pending again',
  ...ENDPOINT_STATUSES.map((status) => `endpoint: to ${status}`),
  ...[
    'spill',
    'refill',
    'hold',
    'fan-out in chunks',
    'fifo attempt',
    'halved batch',
    'store opened anew',
    'replayed attempt',
    'notice sent',
    'suspect sent',
    'attempt that a process did not outlive',
    'expired',
    'removed by retention',
  ].map((kind) => `engine: ${kind}`),
  ...['frozen', 'cut off', 'lease ended', 'superseded', 'commit refused as behind', 'commit of an ended node refused'].map(
    (kind) => `cluster: ${kind}`,
  ),
] as const;

export class Tallies {
  readonly #counts = new Map<string, number>(KINDS.map((kind) => [kind, 0]));

  /** Counts one of a listed kind. */
  count(kind: string, times = 1): void {
    const before = this.#counts.get(kind);
    if (before === undefined) throw new RangeError(`${kind} is not a kind that is counted`);
    this.#counts.set(kind, before + times);
  }

  add(other: Tallies): void {
    for (const [kind, times] of other.#counts) this.count(kind, times);
  }

  /** What never happened. */
  get missing(): readonly string[] {
    return [...this.#counts].filter(([, times]) => times === 0).map(([kind]) => kind);
  }

  entries(): readonly (readonly [kind: string, times: number])[] {
    return [...this.#counts];
  }
}
