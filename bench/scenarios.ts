// The scenarios: each starts fresh processes, drives them, prints every second, and gives its figures as plain data.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Peer, type Usage } from './asking.ts';
import type { GeneratorAnswers } from './generator-process.ts';
import type { Limit, LimitsAnswers } from './limits-process.ts';
import type { Latency, ReceiverAnswers } from './receiver-process.ts';
import type { ServerAnswers } from './server-process.ts';
import { startPostgres } from '../test/postgres-server.ts';

/** As the waxwing command sets them for itself. */
const SERVER_FLAGS = [
  '--max-semi-space-size=8',
  '--semi-space-growth-factor=1',
  '--initial-old-space-size=32',
  '--heap-growing-percent=60',
];

/** PostgreSQL as it comes, save that commits reach the disk (the tests’ do not) and checkpoints are not forced every few seconds. */
const DURABLE = ['fsync=on', 'max_wal_size=4GB'];

export interface Settings {
  readonly store: 'sqlite' | 'postgres';
  /** Where the embedded stores are made. */
  readonly folder: string;
  readonly seconds: number;
  /** Before the measured window. */
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly endpoints: number;
  /** In flight at once, of each endpoint. */
  readonly concurrency: number;
  readonly bodyBytes: number;
  readonly batch: number;
  readonly print: (line: string) => void;
}

export interface SteadyFigures {
  readonly rateAsked: number;
  readonly deliveredPerSecond: number;
  readonly backlogBefore: number;
  readonly backlogAfter: number;
  /** Whether the backlog grew by less than 1 % of what was delivered. */
  readonly sustained: boolean;
  readonly refused: { readonly [reason: string]: number };
  readonly latency: Latency;
  readonly cpuUsPerDelivery: { readonly server: number; readonly generator: number; readonly receiver: number };
  readonly rssBytes: number;
}

export interface BacklogFigures {
  readonly pending: number;
  readonly publishedPerSecond: number;
  readonly rssEmptyBytes: number;
  readonly rssBytes: number;
  readonly rssPeakBytes: number;
}

export interface LimitFigures {
  readonly send: Limit;
  readonly store: Limit;
}

interface Stage {
  readonly server: Peer<ServerAnswers>;
  readonly receiver: Peer<ReceiverAnswers>;
  readonly generator: Peer<GeneratorAnswers>;
  readonly address: { readonly url: string; readonly key: string };
  readonly endpointIds: readonly string[];
}

/** Runs `play` among fresh processes over an empty store, and removes all of it. */
async function onStage<T>(settings: Settings, play: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(settings.folder, 'waxwing-bench-'));
  const receiver = new Peer<ReceiverAnswers>('./receiver-process.ts');
  const server = new Peer<ServerAnswers>('./server-process.ts', [], SERVER_FLAGS);
  const generator = new Peer<GeneratorAnswers>('./generator-process.ts');
  const database = settings.store === 'postgres' ? await startPostgres(DURABLE) : null;
  try {
    const port = await receiver.ask('port');
    const address = await server.ask('start', database === null ? folder : await database.newDatabase());
    const { endpoints: count, concurrency } = settings;
    const endpointIds = await server.ask('endpoints', { url: `http://127.0.0.1:${port}`, count, concurrency });
    const figures = await play({ server, receiver, generator, address, endpointIds });
    const { commits, finished } = await server.ask('status');
    if (finished.delivered > 0)
      settings.print(
        `commits: ${commits} for ${finished.delivered} delivered events, ${(commits / finished.delivered).toFixed(3)} each, all told`,
      );
    return figures;
  } finally {
    await Promise.all([generator.stop(), server.stop(), receiver.stop()]);
    await database?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Publishes at a rate (0: as fast as the connections carry) and delivers each event to one endpoint. */
export function steady(settings: Settings, rate: number): Promise<SteadyFigures> {
  const { seconds, warmUpSeconds, connections, bodyBytes, endpoints, batch, print } = settings;
  return onStage(settings, async ({ server, receiver, generator, address }) => {
    await generator.ask('start', { ...address, rate: rate / batch, connections, bodyBytes, endpoints, batch, eventsMax: null });
    const usages = (): Promise<[Usage, Usage, Usage]> => Promise.all([server.ask('usage'), generator.ask('usage'), receiver.ask('usage')]);
    let before: Awaited<ReturnType<typeof usages>> | null = null;
    let windowStartMs = 0;
    let deliveredBefore = 0;
    let backlogBefore = 0;
    let rssBytes = 0;
    let last = { published: 0, delivered: 0 };
    print('  second  published  delivered   backlog   rss MB');
    for (let second = 1; second <= warmUpSeconds + seconds; second++) {
      if (second === warmUpSeconds + 1) {
        await receiver.ask('begin');
        [before, deliveredBefore] = [await usages(), (await server.ask('status')).finished.delivered];
        backlogBefore = (await server.ask('status')).pending;
        windowStartMs = performance.now();
      }
      await wait(1000);
      const [status, used] = await Promise.all([server.ask('status'), server.ask('usage')]);
      const now = { published: status.eventsPublished, delivered: status.finished.delivered };
      rssBytes = Math.max(rssBytes, used.rssBytes);
      const mark = second <= warmUpSeconds ? ' (warming up)' : '';
      print(
        row([second, now.published - last.published, now.delivered - last.delivered, status.pending, Math.round(used.rssBytes / 1e6)]) +
          mark,
      );
      last = now;
    }
    const after = await usages();
    const status = await server.ask('status');
    const elapsedSeconds = (performance.now() - windowStartMs) / 1000;
    const delivered = status.finished.delivered - deliveredBefore;
    const latency = await receiver.ask('latency');
    const { refused } = await generator.ask('counts');
    await generator.ask('stop');
    const each = (index: 0 | 1 | 2): number => Math.round((after[index].cpuUs - (before?.[index].cpuUs ?? 0)) / Math.max(1, delivered));
    return {
      rateAsked: rate,
      deliveredPerSecond: Math.round(delivered / elapsedSeconds),
      backlogBefore,
      backlogAfter: status.pending,
      sustained: status.pending - backlogBefore <= Math.max(delivered / 100, 50),
      refused,
      latency,
      cpuUsPerDelivery: { server: each(0), generator: each(1), receiver: each(2) },
      rssBytes,
    };
  });
}

/** Publishes into endpoints that are paused, or that always answer 503, until so many deliveries are pending: what memory do they take? */
export function backlog(settings: Settings, pending: number, how: 'paused' | 'refusing'): Promise<BacklogFigures> {
  const { connections, bodyBytes, endpoints, print } = settings;
  return onStage(settings, async ({ server, receiver, generator, address, endpointIds }) => {
    if (how === 'paused') await server.ask('pause', endpointIds);
    else await receiver.ask('status', 503);
    const empty = await server.ask('usage');
    const startedMs = performance.now();
    await generator.ask('start', {
      ...address,
      rate: 0,
      connections: Math.min(connections, 4),
      bodyBytes,
      endpoints,
      batch: 100,
      eventsMax: pending,
    });
    print('  second  published    pending  in memory   rss MB');
    let rssPeakBytes = 0;
    let publishedMs = 0;
    let rest = 0;
    // Five seconds more after the last is stored, for memory to settle.
    for (let second = 1; rest < 5; second++) {
      await wait(1000);
      const [status, used, counts] = await Promise.all([server.ask('status'), server.ask('usage'), generator.ask('counts')]);
      rssPeakBytes = Math.max(rssPeakBytes, used.rssBytes);
      print(row([second, status.eventsPublished, status.pending, status.inMemory, Math.round(used.rssBytes / 1e6)]));
      if (!counts.done) continue;
      if (rest++ === 0) publishedMs = performance.now() - startedMs;
      for (const [reason, times] of Object.entries(counts.refused)) if (rest === 1) print(`  refused ${times} requests: ${reason}`);
    }
    const [status, used] = await Promise.all([server.ask('status'), server.ask('usage')]);
    return {
      pending: status.pending,
      publishedPerSecond: Math.round((status.eventsPublished * 1000) / publishedMs),
      rssEmptyBytes: empty.rssBytes,
      rssBytes: used.rssBytes,
      rssPeakBytes,
    };
  });
}

/** The parts alone: the bare send loop and the bare store. */
export async function limits(settings: Settings, seconds: number): Promise<LimitFigures> {
  const folder = mkdtempSync(join(settings.folder, 'waxwing-bench-'));
  const receiver = new Peer<ReceiverAnswers>('./receiver-process.ts');
  const bare = new Peer<LimitsAnswers>('./limits-process.ts');
  try {
    const url = `http://127.0.0.1:${await receiver.ask('port')}`;
    const { bodyBytes } = settings;
    const send = await bare.ask('send', { url, connections: 16, bodyBytes, seconds });
    const store = await bare.ask('store', { folder, batchSize: 200, bodyBytes, seconds });
    return { send, store };
  } finally {
    await Promise.all([bare.stop(), receiver.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(cells: readonly number[]): string {
  return cells.map((cell) => cell.toLocaleString('en').padStart(10)).join(' ');
}
