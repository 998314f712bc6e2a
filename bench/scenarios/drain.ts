// Drain: a backlog that a stopped server comes back to. Written through the store's own interface while nothing runs; then
// the server is started, and the time runs until all of it was received.

import { Peer } from '../asking.ts';
import type { Scenario } from '../bench.ts';
import { figure } from '../figures.ts';
import type { PartsAnswers } from '../parts-process.ts';

const RSS_EVERY_MS = 500;

export const drain: Scenario = {
  name: 'drain',
  question: 'how fast does a restarted server work off a backlog of a million?',
  async run(bench) {
    const { settings, print } = bench;
    const count = settings.backlog;
    const send = await bench.ofSendLoop();
    return bench.onStage({}, async (stage) => {
      const { received: before } = await stage.receiver.ask('received');
      let startedMs = 0;
      const emptyStartMs = stage.system.startMs;
      const emptyRssBytes = await stage.system.rssBytes();
      let rssBytes = 0;
      let cpuBefore = 0;
      await stage.system.restart(async (place) => {
        const filling = new Peer<PartsAnswers>('./parts-process.ts');
        const fillMs = performance.now();
        await filling.ask('fill', { place, count, kind: 'due', bodyBytes: settings.bodyBytes });
        await filling.stop();
        print(`  ${count.toLocaleString('en')} written in ${((performance.now() - fillMs) / 1000).toFixed(1)} s`);
        startedMs = performance.now();
        cpuBefore = (await stage.system.cpuUs()).server;
      });
      // Some were delivered before the server said that it is ready: the time runs from the start of the process, less what
      // an empty one takes, so that neither flatters.
      let lookedMs = 0;
      await stage.arrived(before + count, async () => {
        if (performance.now() - lookedMs < RSS_EVERY_MS) return;
        lookedMs = performance.now();
        rssBytes = Math.max(rssBytes, await stage.system.rssBytes());
      });
      const seconds = (performance.now() - startedMs - emptyStartMs) / 1000;
      const { received } = await stage.receiver.ask('received');
      const cpuUs = ((await stage.system.cpuUs()).server - cpuBefore) / count;
      const rate = count / Math.max(0.001, seconds);
      print(
        `  ${(received - before).toLocaleString('en')} received in ${seconds.toFixed(1)} s after ${Math.round(stage.system.startMs)} ms of starting`,
      );
      return {
        figures: [
          figure('drain.rate', `drain of ${count.toLocaleString('en')} after a restart`, rate, '/s', 'more', {
            against: send,
            target: { atLeast: 0.6, text: '≥ 0.6 of the bare send loop', ofRatio: true },
          }),
          figure('drain.cpu', 'CPU a delivery, drain', cpuUs, 'µs', 'less', {
            against: { value: (await bench.parts()).store.cpuUsEach + (await bench.parts()).send.cpuUsEach, of: 'store and send alone' },
          }),
          figure('drain.ready', `ready after a start on ${count.toLocaleString('en')} due`, stage.system.startMs / 1000, 's', 'less', {
            against: { value: emptyStartMs / 1000, of: 'an empty store' },
          }),
          figure('drain.memory', 'memory of the server at most, drain', rssBytes / 1e6, 'MB', 'less', {
            against: { value: emptyRssBytes / 1e6, of: 'an empty store' },
          }),
        ],
        plots: [],
      };
    });
  },
};
