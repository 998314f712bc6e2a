// Threads: signing and sending in the engine's own thread, in one of its own, or in two. One event a request, and a backlog of
// batches, where sending is most of the work.

import type { Scenario } from '../bench.ts';
import { figure, type Figure } from '../figures.ts';
import { BATCH } from './limit.ts';

const THREADS = [0, 1, 2] as const;

export const threads: Scenario = {
  name: 'threads',
  question: 'what do no, one and two sender threads give?',
  async run(bench) {
    const { settings, print } = bench;
    const { allowed, allowedBatch } = await bench.parts();
    const send = await bench.ofSendLoop();
    const figures: Figure[] = [];
    for (const count of THREADS) {
      const [single, batched] = await bench.onStage({ threads: count }, async (stage) => {
        const events = Math.max(BATCH, Math.round((allowed * settings.seconds) / 2));
        await stage.burst({ events: Math.round(events / 3) });
        const one = await stage.burst({ events });
        const hundred = await stage.burst({
          events: Math.max(1, Math.round((allowedBatch * settings.seconds) / 2 / BATCH)) * BATCH,
          batch: BATCH,
        });
        return [one, hundred] as const;
      });
      const name = count === 0 ? 'sending in the engine’s thread' : `${count} sender thread${count === 1 ? '' : 's'}`;
      print(
        `  ${name}: ${single.perSecond.toLocaleString('en')}/s, ${single.cpuUsEach.server} µs; batches ${batched.perSecond.toLocaleString('en')}/s`,
      );
      figures.push(
        figure(`threads.${count}.rate`, `${name}, one event a request`, single.perSecond, '/s', 'more', { against: send }),
        figure(`threads.${count}.cpu`, `${name}: CPU a delivery`, single.cpuUsEach.server, 'µs', 'less', {
          against: { value: (await bench.parts()).serverCpuUs, of: 'ingest, store and send alone' },
        }),
        figure(`threads.${count}.batch`, `${name}, 100 events a request`, batched.perSecond, '/s', 'more', { against: send }),
      );
    }
    return { figures, plots: [] };
  },
};
