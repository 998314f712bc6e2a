// Misery: half of the endpoints answer 503, or never. What of it do the other endpoints feel? Their rate and latency against
// a clean run at the same rate, in the same run.

import type { Bench, Scenario } from '../bench.ts';
import { figure, type Figure } from '../figures.ts';
import { runStep, type Step } from '../rising-load.ts';

const ENDPOINTS = 100;
/** Of what the parts allow: attempts at failing endpoints come besides, and are tried again. */
const SHARE = 0.12;
const WORST = 1.2;

const KINDS = [
  { id: 'failing', letters: 'ob', what: 'half of the endpoints answer 503' },
  { id: 'hanging', letters: 'oh', what: 'half of the endpoints never answer' },
] as const;

export const misery: Scenario = {
  name: 'misery',
  question: 'when half of the endpoints fail or hang, what do the others feel of it?',
  async run(bench) {
    const { allowed } = await bench.parts();
    const rate = Math.max(20, Math.round((allowed * SHARE) / 100) * 100);
    const clean = await healthyHalf(bench, rate, 'o');
    const figures: Figure[] = [
      figure('misery.clean.p50', `clean, ${rate.toLocaleString('en')} events a second: p50`, clean.latency.p50Us / 1000, 'ms', 'less', {
        against: await bench.ofDirect(),
      }),
      figure('misery.clean.p99', 'clean: p99', clean.latency.p99Us / 1000, 'ms', 'less', {
        against: await bench.ofDirectP99(),
      }),
    ];
    for (const { id, letters, what } of KINDS) {
      const step = await healthyHalf(bench, rate, letters);
      const latencies = [
        ['p50', 'p50', step.latency.p50Us / 1000, clean.latency.p50Us / 1000],
        ['p99', 'p99', step.latency.p99Us / 1000, clean.latency.p99Us / 1000],
      ] as const;
      figures.push(
        figure(`misery.${id}.rate`, `${what}: rate of the others`, step.perSecond, '/s', 'more', {
          against: { value: clean.perSecond / 2, of: 'the clean run' },
          target: { atLeast: 1 / WORST, text: '≥ 0.83 of clean', ofRatio: true },
        }),
        ...latencies.map(([name, shown, value, before]) =>
          figure(`misery.${id}.${name}`, `${what}: ${shown} of the others`, value, 'ms', 'less', {
            against: { value: before, of: 'the clean run' },
            target: { atMost: WORST, text: '≤ 1.2 × clean', ofRatio: true },
          }),
        ),
      );
    }
    return { figures, plots: [] };
  },
};

/** Half of the rate goes to the endpoints that answer; the step's figures are theirs. */
async function healthyHalf(bench: Bench, rate: number, letters: string): Promise<Step> {
  const step = await bench.onStage({ endpoints: ENDPOINTS, letters }, async (stage) => {
    await stage.begin();
    await stage.start({ rate });
    await stage.watch(bench.settings.warmUpSeconds);
    await stage.drained();
    return runStep(stage, rate * stage.arrivalsEach, 1, bench.settings.seconds);
  });
  bench.print(
    `  ${letters}: ${step.perSecond.toLocaleString('en')}/s of the healthy, p50 ${step.latency.p50Us} µs, p99 ${step.latency.p99Us} µs`,
  );
  return step;
}
