// A deployment: the nodes that a soak kills, and the store behind them. What differs between stores is here and nowhere else:
// how nodes are started on it, how it is looked over after a kill, and how its ledger is read.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkEmbedded, readEmbedded, type Ledger } from './ledger.ts';
import { WaxwingNode } from './waxwing-node.ts';

export interface Deployment {
  /** Publishers go to any that is up; each is killed in its turn. At least one. */
  readonly nodes: readonly [WaxwingNode, ...WaxwingNode[]];
  /** Looks the store over while a node is dead: null when it is whole, else what is wrong. */
  check(): string | null;
  /** Once every node has stopped. */
  ledger(): Ledger;
}

export const STORES = ['sqlite'] as const;
export type StoreKind = (typeof STORES)[number];

export interface DeploymentOptions {
  readonly store: StoreKind;
  readonly folder: string;
  readonly prefix?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** Where the embedded store lies, when not below `folder`. */
  readonly data?: string;
}

export async function createDeployment(options: DeploymentOptions): Promise<Deployment> {
  switch (options.store) {
    case 'sqlite':
      return embedded(options);
    default:
      return options.store satisfies never;
  }
}

async function embedded({ folder, prefix, env, data = join(folder, 'data') }: DeploymentOptions): Promise<Deployment> {
  const node = await WaxwingNode.create({
    store: ['--data', data],
    log: join(folder, 'serve.log'),
    ...(prefix === undefined ? {} : { prefix }),
    ...(env === undefined ? {} : { env }),
  });
  return {
    nodes: [node],
    check() {
      if (!existsSync(join(data, 'waxwing.db'))) return null; // killed before it had a store
      const verdict = checkEmbedded(data);
      return verdict === 'ok' ? null : verdict;
    },
    ledger: () => readEmbedded(data),
  };
}
