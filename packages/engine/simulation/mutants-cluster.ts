// Mutants of the cluster: planted bugs in how nodes share a store. Each stands between the engine and the store of every node.

import { ModelWriter } from '../src/store/model-writer.ts';
import { StoreError } from '../src/store/store.ts';
import { sharingWith, storeWith } from './grafts.ts';
import type { Mutant } from './mutants.ts';

/** Much happens in little time. */
const TURMOIL = { nodes: 3, activeMs: 30_000, userSteps: 60, pollMs: 23, freezes: 12, cuts: 2, faultSpells: 0 } as const;
const NODES = { nodes: 3, activeMs: 30_000 } as const;

export const CLUSTER_MUTANTS: readonly Mutant[] = [
  {
    claim: 'a lost lease is obeyed',
    name: 'a lease that never seems to end to who holds it',
    plan: TURMOIL,
    graft: ({ store }) => ({ store: sharingWith(store, () => ({ isHeld: true, isLost: false })) }),
  },
  {
    claim: 'attempts are gapless',
    name: 'a store that never refuses a node whose lease was ended',
    plan: TURMOIL,
    graft: ({ store }, { disk }) => {
      const shown = sharingWith(store, (sharing) => ({ isLost: false, watch: (watcher) => sharing.watch({ ...watcher, lost() {} }) }));
      return {
        store: storeWith(shown, {
          async commit(batch) {
            try {
              return await store.commit(batch);
            } catch (error) {
              if (!(error instanceof StoreError) || error.kind !== 'unavailable' || store.sharing?.isLost !== true) throw error;
              return new ModelWriter(disk).write(batch, store.sharing.source);
            }
          },
        }),
      };
    },
  },
  {
    claim: 'every subscriber and no other',
    name: 'a store that never says that a node is behind',
    plan: NODES,
    graft: ({ store }) => ({
      store: storeWith(
        sharingWith(store, (sharing) => ({
          catchUp: async () => [],
          arrivals: async (shards) => ({ ...(await sharing.arrivals(shards)), behind: false }),
        })),
        {
          async commit(batch) {
            await store.sharing?.catchUp();
            return store.commit(batch);
          },
        },
      ),
    }),
  },
  {
    claim: 'one owner a shard',
    name: 'a node that is given every shard',
    plan: NODES,
    graft: ({ store }) => ({
      store: sharingWith(store, (sharing) => ({
        shards: Array.from({ length: 64 }, (_, shard) => shard),
        watch: (watcher) =>
          sharing.watch({
            ...watcher,
            gained: () => watcher.gained(Array.from({ length: 64 }, (_, shard) => shard)),
            asked: (shards) => sharing.gaveUp(shards),
          }),
      })),
    }),
  },
  {
    claim: 'one owner a shard',
    name: 'a shard that is given up while something of it is under way',
    plan: NODES,
    graft: ({ store }) => ({
      store: sharingWith(store, (sharing) => ({
        watch: (watcher) =>
          sharing.watch({
            ...watcher,
            asked(shards) {
              sharing.gaveUp(shards);
              watcher.asked(shards);
            },
          }),
      })),
    }),
  },
  {
    claim: 'pending counts are true',
    name: 'arrivals that leave out what one node has published',
    plan: NODES,
    graft: ({ store }) => ({
      store: sharingWith(store, (sharing) => ({
        async arrivals(shards) {
          const arrivals = await sharing.arrivals(shards);
          return { ...arrivals, pending: arrivals.pending.filter(({ seq }) => seq % 5 !== 0) };
        },
      })),
    }),
  },
  {
    claim: 'fifo is kept',
    name: 'numbers that nodes take in advance',
    plan: NODES,
    graft: ({ store }) => {
      let [next, end] = [0, 0];
      return {
        store: sharingWith(store, (sharing) => ({
          async numbers(count) {
            if (end - next < count) {
              next = await sharing.numbers(1_000 + count);
              end = next + 1_000 + count;
            }
            next += count;
            return next - count;
          },
        })),
      };
    },
  },
];
