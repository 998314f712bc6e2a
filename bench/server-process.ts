// The server under measure: the engine on its store and the HTTP API over it, as `waxwing serve` runs them, in a
// process of its own. Plain HTTP and loopback receivers are allowed; everything else is the default.
//
// `answerAtOnce` stands for the store that costs nothing: it takes every event and delivery and writes none of them.

import { createEngine, postgres, sqlite, type Engine, type EngineStatus, type Store } from '@waxwing/engine';
import { createServer, type WaxwingServer } from '@waxwing/server';
import { answerQuestions, usage, type Usage } from './asking.ts';
import { monotonicUs } from './monotonic.ts';

export interface StartServer {
  /** A folder, or a PostgreSQL database's URL. */
  readonly place: string;
  /** Threads that sign and send. */
  readonly threads: number;
  readonly answerAtOnce: boolean;
}

export interface MakeEndpoints {
  readonly url: string;
  readonly count: number;
  readonly tenants: number;
  readonly concurrency: number;
  /** First letters of the paths, by turns: how the receiver answers. */
  readonly letters: string;
  /** Whether all subscribe to the one type `bench.e0`. */
  readonly oneType: boolean;
}

interface Started {
  readonly engine: Engine;
  readonly server: WaxwingServer;
}

/** Attempts at receivers that hang are not waited for. */
const CLOSE_MS = 1_000;
/** Endpoints that are being made at once: they share commits. */
const MADE_AT_ONCE = 500;

let started: Started | null = null;

function running(): Started {
  if (started === null) throw new Error('the server was not started');
  return started;
}

/** Writes configuration alone, and says of everything else that it is stored. */
function answeringAtOnce(store: Store): Store {
  return {
    kind: store.kind,
    folder: store.folder,
    read: store.read,
    open: (options) => store.open(options),
    async commit({ groups, changes }) {
      const written = changes.length === 0 ? [] : (await store.commit({ groups: [], settles: [], changes })).changes;
      return {
        groups: groups.map(({ inserts }) => ({ kind: 'stored', inserts: inserts.map(() => ({ kind: 'stored' })) })),
        changes: written,
      };
    },
    refill: () => Promise.resolve([]),
    load: () => Promise.resolve([]),
    close: () => store.close(),
  };
}

const answers = {
  async start({ place, threads, answerAtOnce }: StartServer): Promise<{ url: string; key: string }> {
    const store = place.startsWith('postgres:') ? postgres(place) : sqlite(place);
    const engine = await createEngine({
      store: answerAtOnce ? answeringAtOnce(store) : store,
      masterKey: 'the master key of a benchmark, no secret',
      egress: { allowHttp: true, allowPrivateNetworks: true },
      limits: { gatherMs: 2 },
      senderThreads: threads,
    });
    const server = await createServer({ engine, version: 'bench' });
    const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
    started = { engine, server };
    const { key } = await engine.keys.create({ scope: 'admin', name: 'bench' });
    return { url, key };
  },
  /** Makes the tenants and their endpoints: endpoint n is of tenant n % tenants, and receives `bench.e<n / tenants>`. */
  async endpoints({ url, count, tenants, concurrency, letters, oneType }: MakeEndpoints): Promise<void> {
    const { engine } = running();
    for (let tenant = 0; tenant < tenants; tenant++) await engine.tenants.put(`bench${tenant}`, { profile: 'standard' });
    const make = (n: number): Promise<unknown> =>
      engine.endpoints.create(`bench${n % tenants}`, {
        url: `${url}/${letters[n % letters.length]}${n}`,
        eventTypes: [oneType ? 'bench.e0' : `bench.e${Math.floor(n / tenants)}`],
        concurrency,
      });
    for (let from = 0; from < count; from += MADE_AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(MADE_AT_ONCE, count - from) }, (_, n) => make(from + n)));
  },
  async pauseAll(): Promise<void> {
    const { engine } = running();
    for (const { id, tenant } of (await engine.endpoints.list(null, { limit: 250 })).data) await engine.endpoints.pause(tenant, id);
  },
  /** Publishes without HTTP: so many events, so many calls at a time, each of a batch. Resolves when all are stored. */
  async publish(load: { events: number; atOnce: number; batch: number; endpoints: number; bodyBytes: number }): Promise<void> {
    const { engine } = running();
    const padding = 'x'.repeat(Math.max(0, load.bodyBytes - 120));
    let n = 0;
    const event = (): { type: string; data: unknown } => ({
      type: `bench.e${n % load.endpoints}`,
      data: { sentUs: monotonicUs(), n: n++, padding },
    });
    const publisher = async (): Promise<void> => {
      while (n < load.events) {
        if (load.batch === 1) await engine.publish('bench0', event());
        else await engine.publishBatch('bench0', Array.from({ length: load.batch }, event));
      }
    };
    await Promise.all(Array.from({ length: load.atOnce }, publisher));
  },
  status: (): EngineStatus => running().engine.status(),
  usage: (): Usage => usage(),
  async close(): Promise<void> {
    if (started === null) return;
    const { server, engine } = started;
    started = null;
    await server.close();
    await engine.close({ graceMs: CLOSE_MS });
  },
};

export type ServerAnswers = typeof answers;
answerQuestions(answers);
