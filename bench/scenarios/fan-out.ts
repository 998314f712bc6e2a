// Fan-out: one event to 10, 100 and 1,000 endpoints. Deliveries a second from the first publish to the last arrival.

import type { Scenario } from '../bench.ts';
import { figure, type Figure } from '../figures.ts';

const WIDTHS = [10, 100, 1_000] as const;

export const fanOut: Scenario = {
  name: 'fan-out',
  question: 'how many deliveries a second, when each event goes to 10, 100 or 1,000 endpoints?',
  async run(bench) {
    const { settings, print } = bench;
    const { allowedBatch } = await bench.parts();
    const figures: Figure[] = [];
    for (const width of WIDTHS) {
      const events = Math.max(1, Math.round((allowedBatch * settings.seconds) / width));
      const burst = await bench.onStage({ endpoints: width, fanOut: true }, async (stage) => {
        await stage.burst({ events: Math.max(1, Math.round(events / 4)) });
        return stage.burst({ events });
      });
      print(`  1 to ${width}: ${burst.perSecond.toLocaleString('en')}/s, ${burst.cpuUsEach.server} µs`);
      figures.push(
        figure(`fanOut.${width}.rate`, `fan-out, one event to ${width.toLocaleString('en')} endpoints`, burst.perSecond, '/s', 'more', {
          against: await bench.ofSendLoop(),
        }),
        figure(`fanOut.${width}.cpu`, `CPU a delivery, one event to ${width.toLocaleString('en')}`, burst.cpuUsEach.server, 'µs', 'less', {
          against: { value: (await bench.parts()).serverCpuUs, of: 'ingest, store and send alone' },
        }),
      );
    }
    return { figures, plots: [] };
  },
};
