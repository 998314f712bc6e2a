// Statistics: they count every attempt and every end that the disk ever showed, for its endpoint and for all, once.

import { attemptEndMs, RESOLUTIONS_MS, stepOf, type StatScope } from '../../src/stats/step-counts.ts';
import { modelSteps } from '../../src/store/model-stats.ts';
import type { Scene, Watcher } from '../scene.ts';

const [, , COARSEST_MS] = RESOLUTIONS_MS;
/** Steps are kept for as long as deliveries are, which is a day at least. */
const LOOKED_BACK_MS = 20 * 3_600_000;
/** Looking costs more than a commit does. */
const COMMITS_BETWEEN = 200;

interface Truth {
  readonly scope: StatScope;
  readonly atMs: number;
  attempts: number;
  ended: number;
}

export function statisticsAreTrue(scene: Scene): Watcher {
  let commits = 0;
  const truths = new Map<string, Truth>();
  const note = (endpointSeq: number, ms: number, what: 'attempts' | 'ended'): void => {
    const atMs = stepOf(ms, COARSEST_MS);
    for (const scope of [{ kind: 'all' }, { kind: 'endpoint', endpointSeq }] as const) {
      const key = `${JSON.stringify(scope)} ${atMs}`;
      const truth = truths.get(key) ?? { scope, atMs, attempts: 0, ended: 0 };
      truth[what] += 1;
      truths.set(key, truth);
    }
  };
  return {
    claim: 'statistics are the truth',
    attempt(row, attempt) {
      note(row.endpointSeq, attemptEndMs(attempt), 'attempts');
    },
    row(before, after) {
      if (after.state !== 'pending' && (before?.state ?? 'pending') === 'pending')
        note(after.endpointSeq, after.finishedMs ?? after.createdMs, 'ended');
    },
    committed() {
      commits += 1;
      if (commits % COMMITS_BETWEEN === 0) this.end?.();
    },
    end() {
      for (const [key, { scope, atMs, attempts, ended }] of truths) {
        if (atMs < scene.time.nowMs - LOOKED_BACK_MS) {
          truths.delete(key);
          continue;
        }
        const query = { scope, resolutionMs: COARSEST_MS, stepMs: COARSEST_MS, fromMs: atMs, toMs: atMs + COARSEST_MS } as const;
        const [step] = modelSteps(scene.disk, query);
        const counted = [sumOf(step?.counts.attempts ?? {}), sumOf(step?.counts.deliveries ?? {})];
        if (counted[0] !== attempts || counted[1] !== ended)
          scene.found(
            this.claim,
            `${JSON.stringify(scope)} had ${attempts} attempts and ${ended} ends from ${atMs} on, and ${counted.join(' and ')} are counted`,
          );
      }
    },
  };
}

function sumOf(counts: { readonly [name: string]: number }): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
