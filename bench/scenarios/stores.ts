// Stores: SQLite and PostgreSQL. One event a request and a hundred, what the server and what PostgreSQL use, transactions a
// delivery; and PostgreSQL with many finished deliveries.

import type { Bench, Scenario } from '../bench.ts';
import { figure, type Figure } from '../figures.ts';
import { at } from './depth.ts';
import { BATCH } from './limit.ts';

export interface Kind {
  readonly id: string;
  readonly what: string;
  readonly store: 'sqlite' | 'postgres';
  readonly nodes: number;
}

export const stores: Scenario = {
  name: 'stores',
  question: 'what do SQLite and PostgreSQL give and cost?',
  async run(bench) {
    const kinds: readonly Kind[] = [
      { id: 'sqlite', what: 'SQLite', store: 'sqlite', nodes: 1 },
      { id: 'postgres', what: 'PostgreSQL', store: 'postgres', nodes: 1 },
    ];
    const figures: Figure[] = [];
    for (const kind of kinds) figures.push(...(await storeFigures(bench, kind)));
    figures.push(...(await finishedOnPostgres(bench)));
    const bars = figures
      .filter(({ id }) => id.endsWith('.rate') && !id.includes('finished'))
      .map(({ what, value }) => ({ label: what, value, isOurs: true }));
    return { figures, plots: [{ kind: 'bars', name: 'stores', title: 'Delivered a second, by store', unit: '/s', bars }] };
  },
};

export function storeFigures(bench: Bench, { id, what, store, nodes }: Kind): Promise<readonly Figure[]> {
  const { settings, print } = bench;
  return bench.onStage({ store, nodes }, async (stage) => {
    const { allowed, serverCpuUs } = await bench.parts();
    const send = await bench.ofSendLoop();
    const events = Math.max(BATCH, Math.round((allowed * settings.seconds) / 2));
    await stage.burst({ events: Math.round(events / 3) });
    const transactions = async (): Promise<number> => (await stage.system.database?.transactions()) ?? stage.system.commits();
    const before = await transactions();
    const single = await stage.burst({ events });
    const each = ((await transactions()) - before) / single.received;
    const batched = await stage.burst({ events: Math.max(1, Math.round(events / BATCH)) * BATCH, batch: BATCH });
    print(
      `  ${what}: ${single.perSecond.toLocaleString('en')}/s, nodes ${single.cpuUsEach.server} µs, database ${single.cpuUsEach.database} µs; batches ${batched.perSecond.toLocaleString('en')}/s`,
    );
    return [
      figure(`stores.${id}.rate`, `${what}, one event a request`, single.perSecond, '/s', 'more', { against: send }),
      figure(`stores.${id}.batch`, `${what}, 100 events a request`, batched.perSecond, '/s', 'more', { against: send }),
      figure(`stores.${id}.cpu`, `${what}: CPU a delivery, server`, single.cpuUsEach.server, 'µs', 'less', {
        against: { value: serverCpuUs, of: 'ingest, store and send alone' },
      }),
      ...(store === 'sqlite'
        ? []
        : [
            figure(`stores.${id}.database`, `${what}: CPU a delivery, PostgreSQL itself`, single.cpuUsEach.database, 'µs', 'less', {
              against: { value: serverCpuUs, of: 'ingest, store and send alone' },
            }),
          ]),
      figure(`stores.${id}.commits`, `${what}: write transactions a delivery`, each, '', 'less'),
    ];
  });
}

async function finishedOnPostgres(bench: Bench): Promise<readonly Figure[]> {
  const count = bench.settings.depth;
  const [empty, deep] = [await at(bench, 0, 'finished', 'postgres'), await at(bench, count, 'finished', 'postgres')];
  const what = `PostgreSQL with ${count.toLocaleString('en')} finished deliveries`;
  return [
    figure('stores.finished.rate', `${what}: published and delivered`, deep.perSecond, '/s', 'more', {
      against: { value: empty.perSecond, of: 'an empty database' },
    }),
    figure('stores.finished.ready', `${what}: ready after a start`, deep.startMs / 1000, 's', 'less', {
      against: { value: empty.startMs / 1000, of: 'an empty database' },
    }),
  ];
}
