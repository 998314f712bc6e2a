// Batch: as steady, a hundred events a request.

import type { Scenario } from '../bench.ts';
import { figure } from '../figures.ts';
import { heldBy, risingLoad } from '../rising-load.ts';
import { BATCH } from './limit.ts';

export const batch: Scenario = {
  name: 'batch',
  question: 'how many a second, a hundred events a request, before the backlog grows?',
  async run(bench) {
    const { settings, print } = bench;
    const parts = await bench.parts();
    return bench.onStage({}, async (stage) => {
      await bench.warmUp(stage);
      // A closed loop of batches runs far ahead of what is delivered: one that ends tells what is to be expected.
      const { perSecond } = await stage.burst({ events: eventsFor(parts.allowedBatch, settings.warmUpSeconds), batch: BATCH });
      print(`  closed loop: ${perSecond.toLocaleString('en')}/s`);
      const { sustained } = await risingLoad(stage, { expected: perSecond, batch: BATCH, seconds: settings.seconds / 2, print });
      const rate = heldBy(sustained);
      return {
        figures: [
          figure('batch.rate', 'steady, 100 events a request', rate, '/s', 'more', {
            against: await bench.ofSendLoop(),
            target: { atLeast: 15_000, text: '≥ 15,000/s' },
          }),
          figure('batch.share', 'steady, 100 a request, as a share of what the parts allow', rate / parts.allowedBatch, '×', 'more', {
            against: { value: 1, of: 'what the parts allow' },
          }),
          figure('batch.cpu', 'CPU a delivery in the server, 100 a request', sustained?.cpuUsEach.server ?? 0, 'µs', 'less', {
            against: {
              value: parts.ingestBatch.cpuUsEach + parts.store.cpuUsEach + parts.send.cpuUsEach,
              of: 'ingest, store and send alone',
            },
          }),
        ],
        plots: [],
      };
    });
  },
};

/** Whole batches for about so many seconds. */
function eventsFor(rate: number, seconds: number): number {
  return Math.max(BATCH, Math.round((rate * seconds) / 2 / BATCH) * BATCH);
}
