// Statistics: counts, latencies and their steps.

import Type from 'typebox';
import { STATS_WINDOWS } from '@waxwing/protocol';
import type { AttemptCounts, EndpointStats, LatencyPercentiles, Stats, StatsPoint } from '@waxwing/protocol';
import type { StatsOptions } from '@waxwing/engine';
import { closed, exactly, id, named, nullable, open, ref, text, time, timeOrNull, word } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';

const count = (description?: string): Schema<number> =>
  Type.Unsafe<number>({ type: 'integer', ...(description === undefined ? {} : { description }) });

const attempts: Schema<AttemptCounts> = exactly<AttemptCounts>()(
  open({ delivered: count(), refused: count(), timed_out: count(), unreachable: count(), blocked: count() }),
);
const percentiles = { p50: count(), p95: count(), p99: count() };
const latency: Schema<LatencyPercentiles> = exactly<LatencyPercentiles>()(open(percentiles));
const successRate = nullable<number>(Type.Number({ description: 'Delivered attempts of all, 0 to 1; null when there were none.' }));

const point: Schema<StatsPoint> = exactly<StatsPoint>()(
  open({
    at: time("The step's beginning."),
    events: nullable<number>(count()),
    attempts,
    latencyMs: nullable<LatencyPercentiles>(latency),
  }),
);

export const stats: NamedSchema<Stats> = named(
  'Stats',
  exactly<Stats>()(
    open({
      window: word(STATS_WINDOWS),
      from: time("The first step's beginning."),
      to: time('Now.'),
      stepSeconds: count(),
      events: nullable<number>(count('Received in the window; null for an endpoint.')),
      deliveries: open({ delivered: count(), failed: count(), cancelled: count(), skipped: count() }),
      attempts,
      successRate,
      latencyMs: nullable<NonNullable<Stats['latencyMs']>>({
        ...open({ ...percentiles, max: count() }),
        description: "One attempt's whole exchange, where it got one; within 5 %, and `max` exact.",
      }),
      pending: count('Pending deliveries now.'),
      oldestPendingAt: timeOrNull('When the oldest of them was made.'),
      endpoints: nullable<NonNullable<Stats['endpoints']>>({
        ...open({ active: count(), failing: count(), paused: count(), disabled: count() }),
        description: 'Endpoints by status now; null for an endpoint.',
      }),
      series: Type.Array(point, { description: 'Every step of the window, oldest first; the last one is still running.' }),
    }),
  ),
);

export const endpointStats: NamedSchema<EndpointStats> = named(
  'EndpointStats',
  exactly<EndpointStats>()(
    open({
      endpoint: id<EndpointStats['endpoint']>('ep'),
      attempts,
      successRate,
      series: Type.Array(open({ at: time("The step's beginning."), delivered: count(), undelivered: count() })),
    }),
  ),
);

export interface EndpointStatsAnswer {
  readonly data: readonly EndpointStats[];
}

export const endpointStatsAnswer: Schema<EndpointStatsAnswer> = Type.Unsafe<EndpointStatsAnswer>(
  open({ data: Type.Array(ref(endpointStats)) }),
);

const window = Type.Optional(word(STATS_WINDOWS));

export const statsQuery: Schema<StatsOptions> = exactly<StatsOptions>()(closed({ window }));

export interface EndpointStatsQuery extends StatsOptions {
  readonly ids: string;
}

export const endpointStatsQuery: Schema<EndpointStatsQuery> = exactly<EndpointStatsQuery>()(
  closed({ ids: text(8_000, 'Up to 100 ids of endpoints, with commas between. Those that are not there are left out.'), window }),
);

const noAttempts: AttemptCounts = { delivered: 0, refused: 0, timed_out: 0, unreachable: 0, blocked: 0 };

export const statsExample: Stats = {
  window: '1h',
  from: '2026-05-12T14:31:00.000Z',
  to: '2026-05-12T15:30:12.000Z',
  stepSeconds: 60,
  events: 181,
  deliveries: { delivered: 240, failed: 2, cancelled: 0, skipped: 5 },
  attempts: { ...noAttempts, delivered: 240, refused: 9, timed_out: 1 },
  successRate: 0.96,
  latencyMs: { p50: 42, p95: 190, p99: 640, max: 1_204 },
  pending: 3,
  oldestPendingAt: '2026-05-12T15:12:40.000Z',
  endpoints: { active: 4, failing: 1, paused: 0, disabled: 1 },
  series: [
    { at: '2026-05-12T14:31:00.000Z', events: 3, attempts: { ...noAttempts, delivered: 4 }, latencyMs: { p50: 40, p95: 51, p99: 51 } },
  ],
};

export const endpointStatsExample: EndpointStats = {
  endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  attempts: { ...noAttempts, delivered: 57, refused: 3 },
  successRate: 0.95,
  series: [{ at: '2026-05-12T14:31:00.000Z', delivered: 2, undelivered: 1 }],
};
