// Pace: an endpoint's rate is never exceeded, over any stretch of time, while a process lives; among nodes, as long as
// nobody loses his lease over it.

import { shardOf } from '../../src/store/sharing.ts';
import type { EndpointRow } from '../../src/store/rows.ts';
import type { Scene, Watcher } from '../scene.ts';

/** How far an attempt may come before its exact turn: after one that a timer made late. */
const SLACK_MS = 6;

export function ratesAreKept(scene: Scene): Watcher {
  /** When attempts of an endpoint left, under one rate, in one life. */
  const left = new Map<number, { readonly rate: number; readonly sinceMs: number; readonly times: number[] }>();
  const rows = new Map<number, EndpointRow>();
  /** In which step it was given its rate: what leaves in the same one may leave under the rate before. */
  const changed = new Map<number, number>();
  return {
    claim: 'rate limits are kept',
    committed() {
      for (const [seq, { row }] of scene.disk.endpoints.entries()) {
        if (rows.get(seq)?.rateLimitPerSecond !== row.rateLimitPerSecond) {
          left.delete(seq);
          changed.set(seq, scene.steps);
        }
        rows.set(seq, row);
      }
    },
    stopped() {
      if (!scene.isShared) left.clear();
    },
    expelled(shards) {
      for (const seq of left.keys()) if (shards.includes(shardOf(seq))) left.delete(seq);
    },
    sent({ endpointSeq, test }) {
      const rate = rows.get(endpointSeq)?.rateLimitPerSecond ?? null;
      if (test || rate === null || changed.get(endpointSeq) === scene.steps) return;
      const { nowMs } = scene.time;
      const known = left.get(endpointSeq) ?? { rate, sinceMs: nowMs, times: [] };
      left.set(endpointSeq, known);
      known.times.push(nowMs);
      for (const [index, fromMs] of known.times.slice(-20).entries()) {
        const count = Math.min(known.times.length, 20) - index;
        if (count > 1 && nowMs - fromMs + SLACK_MS < ((count - 1) * 1_000) / rate)
          scene.found(
            this.claim,
            `${count} attempts to endpoint ${endpointSeq} in ${nowMs - fromMs} ms, where ${rate} a second are allowed`,
          );
      }
    },
  };
}
