// A cluster: a PostgreSQL of its own that syncs what it writes, and nodes that each reach it over a wire of their own, which
// can be cut.

import { join } from 'node:path';
import { startProxy, type Proxy } from '../packages/engine/test/store/postgres-proxy.ts';
import { startPostgres, type PostgresServer } from '../test/postgres-server.ts';
import type { Ask } from './ledger.ts';
import { pause, WaxwingNode } from './waxwing-node.ts';

export interface ClusterNode {
  /** As figures name it. */
  readonly name: string;
  readonly node: WaxwingNode;
  /** Its way to the database. */
  readonly wire: Proxy;
}

export interface Cluster {
  readonly members: readonly [ClusterNode, ...ClusterNode[]];
  readonly server: PostgresServer;
  /** The database's URL, past every wire. */
  readonly url: string;
  readonly ask: Ask;
  /** Another node, not started. */
  join(options?: NodeSetting): Promise<ClusterNode>;
  /** Starts a node, again and again where it ends because the database cannot be reached, until it is ready. How often it ended. */
  bringUp(member: ClusterNode): Promise<number>;
  /** Ends whatever runs, at once. */
  close(): Promise<void>;
}

export interface NodeSetting {
  /** By how much its wall clock is wrong. */
  readonly clockWrongMs?: number;
}

export interface ClusterOptions {
  readonly folder: string;
  /** One setting for each node. */
  readonly nodes: readonly NodeSetting[];
}

const MASTER_KEY = 'm'.repeat(40);
const AGAIN_MS = 500;
const UP_MS = 90_000;

/** The nodes are not started yet. */
export async function startCluster({ folder, nodes }: ClusterOptions): Promise<Cluster> {
  const server = await startPostgres(['fsync=on', 'max_connections=200']);
  const url = await server.newDatabase();
  const members: ClusterNode[] = [];

  async function join_({ clockWrongMs = 0 }: NodeSetting = {}): Promise<ClusterNode> {
    const number = members.length + 1;
    const wire = await startProxy(url);
    const node = await WaxwingNode.create({
      store: ['--database-url', wire.url],
      log: join(folder, `node${number}.log`),
      address: `127.0.0.${10 + number}`,
      clockWrongMs,
      env: { WAXWING_MASTER_KEY: MASTER_KEY, WAXWING_LOG_LEVEL: process.env['SOAK_LOG_LEVEL'] ?? 'warn' },
    });
    const member = { name: `node${number}`, node, wire };
    members.push(member);
    return member;
  }

  for (const setting of nodes) await join_(setting);
  const [first, ...others] = members;
  if (first === undefined) throw new RangeError('a cluster has one node at least');
  return {
    get members() {
      return [first, ...others, ...members.slice(1 + others.length)] as const;
    },
    server,
    url,
    ask: (text) => server.ask(url, text),
    join: join_,
    async bringUp({ node, name }) {
      const untilMs = performance.now() + UP_MS;
      node.start();
      for (let ended = 0; ;) {
        if (node.left !== null) {
          ended += 1;
          await pause(AGAIN_MS);
          node.start();
        }
        if (await node.isReady()) return ended;
        if (performance.now() > untilMs) throw new Error(`${name} was not ready within ${UP_MS / 1_000} s; see its log in ${folder}`);
        await pause(40);
      }
    },
    async close() {
      for (const { node, wire } of members) {
        await node.abandon();
        await wire.close();
      }
      await server.stop();
    },
  };
}
