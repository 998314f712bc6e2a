// Steady: one event a request, each to one endpoint, rising load until the backlog grows. The highest rate that holds, what
// a delivery costs there, and how long it takes from publish to received at half and at four fifths of it.

import type { Bench, Scenario } from '../bench.ts';
import { figure, type Figure, type Lines } from '../figures.ts';
import { heldBy, risingLoad, runStep, type Rising, type Step } from '../rising-load.ts';

const SHARES = [0.5, 0.8] as const;

export const steady: Scenario = {
  name: 'steady',
  question: 'how many a second, one event a request, before the backlog grows? How long from publish to received below that?',
  async run(bench) {
    const { settings, print } = bench;
    const parts = await bench.parts();
    return bench.onStage({}, async (stage) => {
      await bench.warmUp(stage);
      const closed = await bench.warmUp(stage);
      print(`  closed loop: ${closed.toLocaleString('en')}/s`);
      const rising = await risingLoad(stage, { expected: closed, batch: 1, seconds: settings.seconds / 2, print });
      const best = rising.sustained;
      const rate = heldBy(best);
      const figures: Figure[] = [
        figure('steady.rate', 'steady, one event a request', rate, '/s', 'more', {
          against: await bench.ofSendLoop(),
          target: { atLeast: 10_000, text: '≥ 10,000/s' },
        }),
        figure('steady.share', 'steady, as a share of what the parts allow', rate / parts.allowed, '×', 'more', {
          against: { value: 1, of: 'what the parts allow' },
          target: { atLeast: 0.6, text: '≥ 0.6' },
        }),
        figure('steady.cpu', 'CPU a delivery in the server, publishing included', best?.cpuUsEach.server ?? 0, 'µs', 'less', {
          against: { value: parts.serverCpuUs, of: 'ingest, store and send alone' },
          target: { atMost: 150, text: '≤ 150 µs' },
        }),
        figure('steady.memory', 'memory of the server, steady', (best?.rssBytes ?? 0) / 1e6, 'MB', 'less'),
      ];
      for (const share of SHARES) {
        const step = await runStep(
          stage,
          Math.max(10, Math.round((rate || (rising.steps.at(-1)?.asked ?? 0)) * share)),
          1,
          settings.seconds,
        );
        print(
          `  at ${Math.round(share * 100)} %: p50 ${step.latency.p50Us} µs, p99 ${step.latency.p99Us} µs, p99.9 ${step.latency.p999Us} µs`,
        );
        figures.push(...(await latencies(bench, step, Math.round(share * 100))));
      }
      return { figures, plots: [latencyPlot(rising)] };
    });
  },
};

async function latencies(bench: Bench, { latency }: Step, percent: number): Promise<Figure[]> {
  const half = percent === 50;
  const at = (id: string, name: string, us: number, against: Awaited<ReturnType<Bench['ofDirect']>>, mostMs: number | null): Figure =>
    figure(`steady.${id}at${percent}`, `publish to received at ${percent} % of it, ${name}`, us / 1000, 'ms', 'less', {
      against,
      ...(mostMs === null ? {} : { target: { atMost: mostMs, text: `≤ ${mostMs} ms` } }),
    });
  const [direct, directP99] = [await bench.ofDirect(), await bench.ofDirectP99()];
  return [
    at('p50', 'p50', latency.p50Us, direct, half ? 3 : null),
    at('p99', 'p99', latency.p99Us, directP99, half ? 15 : null),
    at('p999', 'p99.9', latency.p999Us, directP99, null),
  ];
}

function latencyPlot({ steps }: Rising): Lines {
  const sorted = steps.toSorted((a, b) => a.asked - b.asked);
  const line = (label: string, of: (step: Step) => number) => ({
    label,
    points: sorted.map((step) => [step.asked, of(step) / 1000] as const),
  });
  return {
    kind: 'lines',
    name: 'steady',
    title: 'Publish to received under rising load',
    x: 'events a second',
    y: 'ms',
    isLogarithmic: true,
    lines: [
      line('p50', ({ latency }) => latency.p50Us),
      line('p99', ({ latency }) => latency.p99Us),
      line('p99.9', ({ latency }) => latency.p999Us),
    ],
  };
}
