// Many endpoints: 100,000 of them, a hundred of each tenant, and traffic as it is: few take most (Zipf, exponent 1).

import type { Scenario } from '../bench.ts';
import { figure } from '../figures.ts';

const OF_A_TENANT = 100;

export const manyEndpoints: Scenario = {
  name: 'many-endpoints',
  question: 'with 100,000 endpoints and traffic that few of them take most of, how many a second?',
  async run(bench) {
    const { settings, print } = bench;
    const count = settings.manyEndpoints;
    const tenants = Math.max(1, Math.round(count / OF_A_TENANT));
    const { allowed, serverCpuUs } = await bench.parts();
    return bench.onStage({ endpoints: count, tenants }, async (stage) => {
      const events = Math.max(50, Math.round((allowed * settings.seconds) / 2));
      await stage.burst({ events: Math.round(events / 4), spread: 'zipf' });
      const burst = await stage.burst({ events, spread: 'zipf' });
      const name = `${count.toLocaleString('en')} endpoints, Zipf traffic`;
      print(`  ${burst.perSecond.toLocaleString('en')}/s, ${burst.cpuUsEach.server} µs`);
      return {
        figures: [
          figure('manyEndpoints.rate', name, burst.perSecond, '/s', 'more', { against: await bench.ofSendLoop() }),
          figure('manyEndpoints.cpu', `CPU a delivery, ${name}`, burst.cpuUsEach.server, 'µs', 'less', {
            against: { value: serverCpuUs, of: 'ingest, store and send alone' },
          }),
          figure('manyEndpoints.memory', `memory of the server, ${name}`, (await stage.system.rssBytes()) / 1e6, 'MB', 'less'),
        ],
        plots: [],
      };
    });
  },
};
