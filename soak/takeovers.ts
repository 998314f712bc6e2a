// Takeovers: looks at the shards all the time, past every wire, and tells how long those of a node that a fault met were
// without an owner that could work on them.

import { Client } from 'pg';
import { pause } from './waxwing-node.ts';

/** A fault cost a node its shards: from then until the last of them was owned by others. Epoch milliseconds. */
export interface Takeover {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Takeovers {
  /** A node was met just now: from here its shards' time runs. */
  met(pid: number): void;
  readonly done: readonly Takeover[];
  stop(): Promise<void>;
}

const LOOK_MS = 60;
const LOOK_AGAIN_MS = 250;
/** A node that still owns all that it had so long after a fault has come over it. */
const OVER_MS = 30_000;

const OWNERS = 'SELECT s.shard, n.id FROM waxwing.shards s LEFT JOIN waxwing.nodes n ON n.no = s.node ORDER BY s.shard';

interface Watched {
  readonly owner: string;
  readonly shards: ReadonlySet<number>;
  readonly fromMs: number;
}

export function watchTakeovers(url: string): Takeovers {
  const done: Takeover[] = [];
  const watched = new Set<Watched>();
  let owners = new Map<number, string | null>();
  let running = true;

  function looked(nowMs: number): void {
    for (const one of watched) {
      const now = [...one.shards].map((shard) => owners.get(shard) ?? null);
      if (now.every((owner) => owner !== null && owner !== one.owner)) {
        done.push({ fromMs: one.fromMs, untilMs: nowMs });
        watched.delete(one);
      } else if (nowMs - one.fromMs > OVER_MS) watched.delete(one);
    }
  }

  const loop = (async () => {
    let client: Client | null = null;
    while (running) {
      try {
        if (client === null) {
          client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
          client.on('error', () => undefined); // the query's own promise says so too
          await client.connect();
        }
        const { rows } = await client.query<{ readonly shard: number; readonly id: string | null }>(OWNERS);
        owners = new Map(rows.map(({ shard, id }) => [shard, id]));
        looked(Date.now());
        await pause(LOOK_MS);
      } catch {
        await client?.end().catch(() => undefined);
        client = null; // the database is away, or has no such tables yet
        await pause(LOOK_AGAIN_MS);
      }
    }
    await client?.end().catch(() => undefined);
  })();

  return {
    done,
    met(pid) {
      const owner = [...new Set(owners.values())].find((id) => id?.includes(`-${pid}-`));
      if (owner === undefined || owner === null) return;
      const shards = new Set([...owners].filter(([, id]) => id === owner).map(([shard]) => shard));
      watched.add({ owner, shards, fromMs: Date.now() });
    },
    async stop() {
      running = false;
      await loop;
    },
  };
}
