// Faults of a cluster, done to it at random while it works: nodes killed, frozen, stopped politely and cut off from the
// database; the database restarted, its sessions ended. Several at once, but one at a time to each node.

import type { Dice } from '../packages/engine/simulation/dice.ts';
import type { Cluster, ClusterNode } from './cluster.ts';
import type { Fault } from './judge.ts';
import type { Receiver } from './receipts.ts';
import type { Takeovers } from './takeovers.ts';
import { NodeEnded, pause } from './waxwing-node.ts';

export const DEEDS = ['kill', 'pause', 'stop', 'cut', 'blackout', 'fast restart', 'crash', 'ended sessions'] as const;
export type Deed = (typeof DEEDS)[number];

export interface FaultsOptions {
  readonly cluster: Cluster;
  readonly receiver: Receiver;
  readonly takeovers: Takeovers;
  readonly dice: Dice;
  /** How much a fault's length is of what it may be: 1 goes well past the lease. */
  readonly lengthRatio: number;
}

export interface ClusterFaults {
  readonly faults: readonly Fault[];
  readonly counts: { readonly [deed in Deed]: number };
  /** Ends of nodes that nobody asked for, and that no fault of the database explains. */
  readonly fallen: readonly string[];
  /** How often a node had to be started again because it ended at its start with the database away. */
  readonly startedAgain: () => number;
  /** Begins one that the cluster is ready for, and does not wait for its end. Which it was; null where there is none just now. */
  begin(): Deed | null;
  /** Everything undone: every node up, every wire whole. */
  peace(): Promise<void>;
}

const WEIGHTS: { readonly [deed in Deed]: number } = {
  kill: 30,
  pause: 20,
  stop: 10,
  cut: 10,
  blackout: 12,
  'fast restart': 4,
  crash: 4,
  'ended sessions': 6,
};
const LEASE_MS = 3_000;
/** What a fault's end leaves to be done: answers that were on their way, sessions that are opened again. */
const AFTER_MS = 1_500;
const AFTER_DATABASE_MS = 4_000;
const LOOK_MS = 250;

export function startFaults({ cluster, receiver, takeovers, dice, lengthRatio }: FaultsOptions): ClusterFaults {
  const faults: Fault[] = [];
  const counts = { kill: 0, pause: 0, stop: 0, cut: 0, blackout: 0, 'fast restart': 0, crash: 0, 'ended sessions': 0 };
  const fallen: string[] = [];
  const met = new Set<ClusterNode>();
  const under = new Set<Promise<void>>();
  let restarting = false;
  let peaceful = false;
  let startedAgain = 0;
  let failure: Error | null = null;

  const length = (leastMs: number, mostMs: number): number => leastMs + dice.unit() * (mostMs - leastMs) * lengthRatio;

  function note(kind: Fault['kind'], node: ClusterNode | null, fromMs: number, afterMs: number): void {
    const quietMs = kind === 'kill' ? Date.now() : Math.max(Date.now() + afterMs, fromMs + LEASE_MS + AFTER_MS);
    faults.push({ kind, node: node?.node.address ?? null, fromMs, quietMs });
  }

  async function up(member: ClusterNode): Promise<void> {
    startedAgain += await cluster.bringUp(member);
  }

  const toNode = {
    async kill(member: ClusterNode): Promise<void> {
      takeovers.met(member.node.pid);
      const fromMs = await member.node.kill();
      await receiver.caughtUp();
      note('kill', member, fromMs, 0);
      await pause(length(0, 6_000));
      await up(member);
    },
    async pause(member: ClusterNode): Promise<void> {
      const { node } = member;
      takeovers.met(node.pid);
      const fromMs = Date.now();
      node.freeze();
      await pause(length(1_000, 8_000));
      node.thaw();
      note('pause', member, fromMs, AFTER_MS);
    },
    async stop(member: ClusterNode): Promise<void> {
      const fromMs = Date.now();
      await member.node.stop().catch((error: unknown) => {
        if (!(error instanceof NodeEnded)) throw error;
        if (!databaseWasAway(member, fromMs)) fallen.push(`${at(fromMs)} ${member.name}: ${error.message}`);
        note('kill', member, fromMs, 0);
      });
      await pause(length(0, 2_000));
      await up(member);
    },
    async cut(member: ClusterNode): Promise<void> {
      takeovers.met(member.node.pid);
      const fromMs = Date.now();
      member.wire.cut();
      await pause(length(100, 6_000));
      member.wire.thaw();
      note('cut', member, fromMs, AFTER_MS);
    },
    /** Nothing passes, and nobody is told. In the end what was held arrives after all, or never. */
    async blackout(member: ClusterNode): Promise<void> {
      takeovers.met(member.node.pid);
      const fromMs = Date.now();
      member.wire.freeze();
      await pause(length(300, 8_000));
      if (dice.chance(0.5)) member.wire.cut();
      member.wire.thaw();
      note('cut', member, fromMs, AFTER_MS);
    },
  };

  const toDatabase = {
    'fast restart': () => restart(() => cluster.server.halt()),
    crash: () => restart(() => cluster.server.crash()),
    async 'ended sessions'(): Promise<void> {
      const fromMs = Date.now();
      const share = dice.chance(0.5) ? 1 : dice.unit();
      await cluster
        .ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'waxwing%' AND random() <= ${share}`)
        .catch(() => undefined);
      note('database', null, fromMs, AFTER_DATABASE_MS);
    },
  };

  async function restart(end: () => Promise<void>): Promise<void> {
    const fromMs = Date.now();
    await end();
    await pause(length(0, 4_000));
    await cluster.server.start();
    note('database', null, fromMs, AFTER_DATABASE_MS);
  }

  function databaseWasAway({ node }: ClusterNode, sinceMs: number): boolean {
    if (restarting) return true;
    return faults.some(
      ({ kind, node: whom, quietMs }) =>
        (kind === 'database' || kind === 'cut') && (whom === null || whom === node.address) && quietMs >= sinceMs,
    );
  }

  function begun(work: Promise<void>, ended: () => void): void {
    const one = work
      .catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        ended();
        under.delete(one);
      });
    under.add(one);
  }

  /** Nodes that ended by themselves while nothing was done to them are started again, as an operator's supervisor does. */
  const supervisor = (async () => {
    for (; !peaceful; await pause(LOOK_MS)) {
      for (const member of cluster.members) {
        if (met.has(member) || member.node.left === null) continue;
        const nowMs = Date.now();
        if (!databaseWasAway(member, nowMs)) fallen.push(`${at(nowMs)} ${member.name} left with ${member.node.left}; see its log`);
        note('kill', member, nowMs - LOOK_MS, 0);
        met.add(member);
        begun(up(member), () => met.delete(member));
      }
    }
  })();

  return {
    faults,
    counts,
    fallen,
    startedAgain: () => startedAgain,
    begin() {
      const deed = dice.weighted(WEIGHTS);
      if (deed === 'fast restart' || deed === 'crash' || deed === 'ended sessions') {
        if (restarting) return null;
        restarting = true;
        begun(toDatabase[deed](), () => (restarting = false));
      } else {
        const member = dice.any(cluster.members.filter((one) => !met.has(one)));
        if (member === undefined) return null;
        met.add(member);
        begun(toNode[deed](member), () => met.delete(member));
      }
      counts[deed] += 1;
      return deed;
    },
    async peace() {
      while (under.size > 0) await Promise.all(under);
      peaceful = true;
      await supervisor;
      if (failure !== null) throw failure;
    },
  };
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}
