// Depth: what does a store cost that holds millions? With retries that are due in a day, and with deliveries that ended long
// ago: how long until ready, how much memory, and how fast is publishing and delivering beside them.
//
// The rows are written through the store's own interface while nothing runs. A million by default, ten with `--deep`.

import { Peer } from '../asking.ts';
import type { Bench, Scenario } from '../bench.ts';
import { figure, type Figure } from '../figures.ts';
import type { Fill, PartsAnswers } from '../parts-process.ts';

/** Small, so that ten million of them fit a disk. */
const BODY_BYTES = 200;
const ENDPOINTS = 50;

interface Depth {
  readonly startMs: number;
  readonly rssBytes: number;
  readonly perSecond: number;
  readonly cpuUsEach: number;
}

export const depth: Scenario = {
  name: 'depth',
  question: 'what do millions of pending retries, or of finished deliveries, cost what comes after them?',
  async run(bench) {
    const count = bench.settings.depth;
    const named = count.toLocaleString('en');
    const empty = await at(bench, 0, 'finished');
    const figures: Figure[] = [
      figure('depth.empty.rate', 'empty store: published and delivered', empty.perSecond, '/s', 'more', {
        against: await bench.ofSendLoop(),
      }),
      figure('depth.empty.memory', 'empty store: memory after the start', empty.rssBytes / 1e6, 'MB', 'less'),
      figure('depth.empty.ready', 'empty store: ready after a start', empty.startMs / 1000, 's', 'less'),
    ];
    for (const kind of ['retrying', 'finished'] as const) {
      const deep = await at(bench, count, kind);
      const what = kind === 'retrying' ? `${named} pending retries` : `${named} finished deliveries`;
      figures.push(
        figure(`depth.${kind}.rate`, `${what}: published and delivered`, deep.perSecond, '/s', 'more', {
          against: { value: empty.perSecond, of: 'an empty store' },
          target: { atLeast: 0.8, text: '≥ 0.8 of empty', ofRatio: true },
        }),
        figure(`depth.${kind}.memory`, `${what}: memory after the start`, deep.rssBytes / 1e6, 'MB', 'less', {
          against: { value: empty.rssBytes / 1e6, of: 'an empty store' },
          target: { atMost: 400, text: '≤ 400 MB' },
        }),
        figure(`depth.${kind}.ready`, `${what}: ready after a start`, deep.startMs / 1000, 's', 'less', {
          against: { value: empty.startMs / 1000, of: 'an empty store' },
          target: { atMost: 3, text: '≤ 3 s' },
        }),
      );
    }
    return { figures, plots: [] };
  },
};

/** A store with so many rows under a server that was just started on it. */
export function at(bench: Bench, count: number, kind: Fill['kind'], store?: 'sqlite' | 'postgres'): Promise<Depth> {
  const { settings, print } = bench;
  return bench.onStage({ endpoints: ENDPOINTS, nodes: 1, ...(store === undefined ? {} : { store }) }, async (stage) => {
    await stage.system.restart(async (place) => {
      const filling = new Peer<PartsAnswers>('./parts-process.ts');
      const fillMs = performance.now();
      if (count > 0) await filling.ask('fill', { place, count, kind, bodyBytes: BODY_BYTES });
      await filling.stop();
      if (count > 0) print(`  ${count.toLocaleString('en')} ${kind}: written in ${((performance.now() - fillMs) / 1000).toFixed(1)} s`);
    });
    const { startMs } = stage.system;
    await new Promise((resolve) => setTimeout(resolve, Math.min(1, settings.seconds / 4) * 1000)); // what starts in the background
    const rssBytes = await stage.system.rssBytes();
    const { allowed } = await bench.parts();
    const events = Math.max(50, Math.round((allowed * settings.seconds) / 2));
    await stage.burst({ events: Math.round(events / 4) });
    const bursts = [await stage.burst({ events }), await stage.burst({ events })];
    const { perSecond, cpuUsEach } = bursts.reduce((best, one) => (one.perSecond > best.perSecond ? one : best)); // what disturbs a burst can only slow it
    print(
      `  ${count.toLocaleString('en')} ${kind}: ready in ${Math.round(startMs)} ms, ${Math.round(rssBytes / 1e6)} MB, ${perSecond.toLocaleString('en')}/s`,
    );
    return { startMs, rssBytes, perSecond, cpuUsEach: cpuUsEach.server };
  });
}
