// TLS: the receiver on HTTPS, its certificate (P-256) by an authority made for the run; connections are kept alive.

import type { Scenario } from '../bench.ts';
import { figure } from '../figures.ts';

export const tls: Scenario = {
  name: 'tls',
  question: 'how many a second to receivers on HTTPS?',
  async run(bench) {
    const { settings, print } = bench;
    const { allowed, serverCpuUs } = await bench.parts();
    const events = Math.max(50, Math.round(allowed * settings.seconds));
    const burst = await bench.onStage({ tls: true }, async (stage) => {
      await stage.burst({ events: Math.round(events / 4) });
      return stage.burst({ events });
    });
    print(`  ${burst.perSecond.toLocaleString('en')}/s, ${burst.cpuUsEach.server} µs`);
    return {
      figures: [
        figure('tls.rate', 'HTTPS receivers', burst.perSecond, '/s', 'more', { against: await bench.ofSendLoop() }),
        figure('tls.cpu', 'CPU a delivery, HTTPS', burst.cpuUsEach.server, 'µs', 'less', {
          against: { value: serverCpuUs, of: 'ingest, store and send alone' },
        }),
      ],
      plots: [],
    };
  },
};
