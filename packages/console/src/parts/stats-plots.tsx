// How it went, as two plots: attempts a second by outcome, and how long they took. For all tenants, one, or one endpoint.

import type { Stats } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { compact, rate } from '../design/numbers.ts';
import { Columns, Panel } from '../design/page.tsx';
import { Plot } from '../design/plot.tsx';
import type { PlotSeries } from '../design/plot.tsx';
import { Skeleton } from '../design/states.tsx';
import { duration } from '../design/time.tsx';
import { stepSecondsOf } from './stats-window.ts';

const OUTCOMES = [
  { id: 'delivered', label: 'delivered', color: '--good-mark' },
  { id: 'refused', label: 'refused', color: '--bad-mark' },
  { id: 'timed_out', label: 'timed out', color: '--warn-mark' },
  { id: 'unreachable', label: 'unreachable', color: '--violet-mark' },
  { id: 'blocked', label: 'blocked', color: '--idle-mark' },
] as const;

const PERCENTILES = [
  { id: 'p50', label: 'median', color: '--good-mark' },
  { id: 'p95', label: 'p95', color: '--info-mark' },
  { id: 'p99', label: 'p99', color: '--bad-mark' },
] as const;

export function StatsPlots({ stats }: { readonly stats: Stats | undefined }): ReactNode {
  const drawn = useMemo(() => (stats === undefined ? null : draw(stats)), [stats]);
  return (
    <Columns>
      <Panel title="Attempts a second, by outcome">
        {drawn === null || stats === undefined ? (
          <Skeleton width={60} height={14} />
        ) : (
          <Plot
            label={`Attempts a second over ${stats.window}: ${OUTCOMES.map(({ id, label }) => `${compact(stats.attempts[id])} ${label}`).join(', ')}`}
            kind="stacked"
            times={drawn.times}
            series={drawn.outcomes}
            format={rate}
          />
        )}
      </Panel>
      <Panel title="Latency">
        {drawn === null || stats === undefined ? (
          <Skeleton width={60} height={14} />
        ) : (
          <Plot
            label={
              stats.latencyMs === null
                ? `No attempts within ${stats.window}`
                : `Latency over ${stats.window}: median ${duration(stats.latencyMs.p50)}, 95th percentile ${duration(stats.latencyMs.p95)}, 99th ${duration(stats.latencyMs.p99)}`
            }
            kind="lines"
            times={drawn.times}
            series={drawn.latencies}
            format={duration}
            reach={20}
          />
        )}
      </Panel>
    </Columns>
  );
}

interface Drawn {
  readonly times: readonly number[];
  readonly outcomes: readonly PlotSeries[];
  readonly latencies: readonly PlotSeries[];
}

function draw(stats: Stats): Drawn {
  const { series, attempts: counts } = stats;
  const happened = OUTCOMES.filter(({ id }, index) => index < 2 || counts[id] > 0);
  return {
    times: series.map(({ at }) => Date.parse(at) / 1000),
    outcomes: happened.map(({ id, label, color }) => ({
      label,
      color,
      values: series.map((point) => point.attempts[id] / stepSecondsOf(stats, point)),
    })),
    latencies: PERCENTILES.map(({ id, label, color }) => ({
      label,
      color,
      values: series.map(({ latencyMs }) => latencyMs?.[id] ?? null),
    })),
  };
}
