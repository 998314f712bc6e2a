// One change of configuration, committed and then applied to the registry: what every service does the same way.

import type { Registry } from '../registry.ts';
import type { Change } from '../store/store.ts';
import type { Committer } from './committer.ts';
import { untold, type Writes } from './items.ts';

/**
 * Commits the changes that `prepare` makes of the configuration as last committed, and applies them.
 * Two with the same key never pass each other. Resolves when durable, with the rows each touched; rejects with what `prepare` threw.
 */
export function commitChanges(
  committer: Committer,
  registry: Registry,
  key: string,
  prepare: () => readonly Change[],
): Promise<readonly number[]> {
  return commitWrites(committer, registry, key, () => untold(prepare()));
}

/** As `commitChanges`, with what tells of the change. */
export function commitWrites(committer: Committer, registry: Registry, key: string, prepare: () => Writes): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    let writes = untold([]);
    committer.submit({
      kind: 'change',
      key,
      prepare: () => (writes = prepare()),
      done: (touched) => {
        for (const change of writes.changes) registry.apply(change);
        resolve(touched);
      },
      failed: reject,
    });
  });
}
