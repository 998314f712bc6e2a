// The scene of the cluster's tests: real nodes on a real PostgreSQL, and a receiver that says who sent what, and when.

import { once } from 'node:events';
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Waxwing, type TenantClient } from '@waxwing/client';
import { startCluster, type Cluster, type ClusterNode, type NodeSetting } from '../soak/cluster.ts';
import { ADMIN_KEY, pause } from '../soak/waxwing-node.ts';

export interface Arrival {
  readonly event: string;
  /** The endpoint: the last part of its URL. */
  readonly label: string;
  /** The address that it came from: its node's. */
  readonly from: string;
  readonly atMs: number;
  /** As its headers say. */
  readonly timestampMs: number;
  /** Whether its answer went out whole. */
  answered: boolean;
}

export interface Scene {
  readonly cluster: Cluster;
  readonly arrivals: readonly Arrival[];
  /** The receiver's URL of an endpoint: `steady`, `slow` (answers after SLOW_MS), `failing` (refuses an event's first try). */
  url(behaviour: 'steady' | 'slow' | 'failing', label: string): string;
  /** Speaks to a node as one tenant. Nothing is tried again. */
  tenant(member: ClusterNode): TenantClient;
  admin(member: ClusterNode): Waxwing;
  /** Resolves when it holds; says what did not, after a time in which it always should. */
  until(what: string, holds: () => boolean | Promise<boolean>, withinMs?: number): Promise<number>;
  /** By the database: how many shards each node has, in no order; nobody's too. */
  shares(): Promise<number[]>;
  /** Every node is ready, and has its share. */
  atPeace(nodes: number): Promise<void>;
  end(): Promise<void>;
}

export const SLOW_MS = 500;
const UNTIL_MS = 20_000;
export const TENANT = 'acme';

export async function startScene(nodes: readonly NodeSetting[]): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-cluster-'));
  chmodSync(folder, 0o711); // the database runs as a user of its own
  const arrivals: Arrival[] = [];
  const tried = new Set<string>();

  function received(request: IncomingMessage, response: ServerResponse): void {
    const [, behaviour = '', label = ''] = (request.url ?? '').split('/');
    const event = String(request.headers['webhook-id']);
    const timestampMs = Number(request.headers['webhook-timestamp']) * 1_000;
    const arrival = { event, label, from: request.socket.remoteAddress ?? '', atMs: Date.now(), timestampMs, answered: false };
    arrivals.push(arrival);
    request.resume();
    const key = `${label} ${event}`;
    const status = behaviour === 'failing' && !tried.has(key) ? 500 : 200;
    tried.add(key);
    response.on('finish', () => (arrival.answered = status === 200));
    setTimeout(() => response.writeHead(status).end(), behaviour === 'slow' ? SLOW_MS : 0);
  }

  const server = createServer(received).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cluster = await startCluster({ folder, nodes });
  await Promise.all(cluster.members.map((member) => cluster.bringUp(member)));

  const admin = ({ node }: ClusterNode): Waxwing => new Waxwing({ url: node.url, key: ADMIN_KEY, retry: { attemptsMax: 1 } });

  async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = UNTIL_MS): Promise<number> {
    const began = performance.now();
    while (!(await holds())) {
      if (performance.now() > began + withinMs) throw new Error(`not within ${withinMs / 1_000} s: ${what}; logs in ${folder}`);
      await pause(20);
    }
    return performance.now() - began;
  }

  async function shares(): Promise<number[]> {
    const rows = await cluster.ask('SELECT count(*) AS count FROM waxwing.shards GROUP BY node ORDER BY 1 DESC');
    return rows.map(({ count }) => Number(count));
  }

  return {
    cluster,
    arrivals,
    url: (behaviour, label) => `http://127.0.0.1:${port}/${behaviour}/${label}`,
    tenant: (member) => admin(member).tenant(TENANT),
    admin,
    until,
    shares,
    async atPeace(count) {
      await until('every node is ready', async () => {
        for (const { node } of cluster.members) if (node.left === null && !(await node.isReady())) return false;
        return true;
      });
      await until(`${count} nodes share the shards`, async () => {
        const sizes = await shares();
        return sizes.length === count && Math.max(...sizes) - Math.min(...sizes) <= 1;
      });
    },
    async end() {
      await cluster.close();
      server.close();
      server.closeAllConnections();
      if (process.env['KEEP_LOGS'] === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
