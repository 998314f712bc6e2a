// The server under measure: the engine on its store and the HTTP API over it, as `waxwing serve` runs them, in a
// process of its own. Plain HTTP and loopback receivers are allowed; everything else is the default.

import { createEngine, postgres, sqlite, type Engine, type EngineStatus } from '@waxwing/engine';
import { createServer, type WaxwingServer } from '@waxwing/server';
import { answerQuestions, usage, type Usage } from './asking.ts';

interface Started {
  readonly engine: Engine;
  readonly server: WaxwingServer;
}

let started: Started | null = null;

function running(): Started {
  if (started === null) throw new Error('the server was not started');
  return started;
}

const answers = {
  /** @param place a folder, or a PostgreSQL database's URL */
  async start(place: string): Promise<{ url: string; key: string }> {
    const engine = await createEngine({
      store: place.startsWith('postgres:') ? postgres(place) : sqlite(place),
      masterKey: 'the master key of a benchmark, no secret',
      egress: { allowHttp: true, allowPrivateNetworks: true },
      limits: { gatherMs: 2 },
    });
    const server = await createServer({ engine, version: 'bench' });
    const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
    started = { engine, server };
    const { key } = await engine.keys.create({ scope: 'admin', name: 'bench' });
    return { url, key };
  },
  /** Makes the tenant and its endpoints: endpoint n receives `bench.n`. */
  async endpoints({ url, count, concurrency }: { url: string; count: number; concurrency: number }): Promise<string[]> {
    const { engine } = running();
    await engine.tenants.put('bench', { profile: 'standard' });
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      const { id } = await engine.endpoints.create('bench', { url: `${url}/${n}`, eventTypes: [`bench.e${n}`], concurrency });
      ids.push(id);
    }
    return ids;
  },
  async pause(ids: readonly string[]): Promise<void> {
    for (const id of ids) await running().engine.endpoints.pause('bench', id);
  },
  status: (): EngineStatus => running().engine.status(),
  usage: (): Usage => usage(),
  async close(): Promise<void> {
    const { server, engine } = running();
    await server.close();
    await engine.close();
  },
};

export type ServerAnswers = typeof answers;
answerQuestions(answers);
