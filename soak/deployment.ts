// A deployment: the nodes that a soak kills, and the store behind them. Here the embedded one; the one of several nodes on a
// database is in cluster.ts.

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

export interface DeploymentOptions {
  readonly folder: string;
  readonly prefix?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** Where the store lies, when not below `folder`. */
  readonly data?: string;
}

export async function embeddedDeployment({ folder, prefix, env, data = join(folder, 'data') }: DeploymentOptions): Promise<Deployment> {
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
