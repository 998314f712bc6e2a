// Payloads: bodies of 0.5, 4, 64 and 256 kB, one event a request. Deliveries a second from the first publish to the last arrival.

import type { Scenario } from '../bench.ts';
import { figure, type Figure } from '../figures.ts';

const SIZES = [500, 4_000, 64_000, 256_000] as const;
/** Of all bodies of a size together, for each second of the window. */
const BYTES_A_SECOND = 75e6;

export const payloads: Scenario = {
  name: 'payloads',
  question: 'how many a second with bodies of 0.5, 4, 64 and 256 kB?',
  async run(bench) {
    const { settings, print } = bench;
    const { allowed } = await bench.parts();
    const figures: Figure[] = [];
    for (const bodyBytes of SIZES) {
      const events = Math.max(20, Math.round(Math.min(allowed, BYTES_A_SECOND / bodyBytes) * settings.seconds));
      const burst = await bench.onStage({ bodyBytes }, async (stage) => {
        await stage.burst({ events: Math.round(events / 4) });
        return stage.burst({ events });
      });
      const kb = bodyBytes / 1000;
      print(
        `  ${kb} kB: ${burst.perSecond.toLocaleString('en')}/s, ${burst.cpuUsEach.server} µs, ${Math.round((burst.perSecond * kb) / 100) / 10} MB/s`,
      );
      figures.push(
        figure(`payloads.${bodyBytes}.rate`, `bodies of ${kb} kB`, burst.perSecond, '/s', 'more', { against: await bench.ofSendLoop() }),
        figure(`payloads.${bodyBytes}.cpu`, `CPU a delivery, bodies of ${kb} kB`, burst.cpuUsEach.server, 'µs', 'less', {
          against: { value: (await bench.parts()).serverCpuUs, of: `the parts at ${settings.bodyBytes / 1000} kB` },
        }),
      );
    }
    return { figures, plots: [] };
  },
};
