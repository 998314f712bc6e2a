// Statistics as people ask for them: of all, of a tenant, of an endpoint, of several endpoints in brief.
//
// What happened comes from the store's steps; what is (pending, statuses) from memory. Every step of the window is there.

import { OUTCOME_KINDS, STATS_STEPS, WaxwingError } from '@waxwing/protocol';
import type { AttemptCounts, EndpointStats, LatencyPercentiles, Stats, StatsPoint, StatsWindow } from '@waxwing/protocol';
import type { Engine, StatsOptions } from '../engine.ts';
import type { EndpointEntry } from '../registry.ts';
import { percentile } from '../stats/latencies.ts';
import { mergeCounts, noCounts, RESOLUTIONS_MS, stepOf, type ResolutionMs, type StatScope, type StepCounts } from '../stats/step-counts.ts';
import type { ServiceContext } from './context.ts';
import { findEndpoint } from './endpoints.ts';
import { iso, isoOrNull } from './present.ts';
import { find as findTenant } from './tenants.ts';

const ENDPOINTS_MAX = 100;
/** Above so many endpoints with something pending, the oldest is looked for again only when the answer is this old. */
const PENDING_SCAN_MAX = 1_000;
const OLDEST_KEPT_MS = 2_000;

interface Cut {
  readonly window: StatsWindow;
  readonly resolutionMs: ResolutionMs;
  readonly stepMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
}

export function statService(context: ServiceContext): Engine['stats'] {
  const { registry, store, clock } = context;
  let oldest: { readonly atMs: number; readonly answer: Promise<number | null> } | null = null;

  const oldestPending = (endpointSeqs: readonly number[], isAll: boolean): Promise<number | null> => {
    if (endpointSeqs.length === 0) return Promise.resolve(null);
    if (!isAll || endpointSeqs.length <= PENDING_SCAN_MAX) return store.read.oldestPending(endpointSeqs);
    const nowMs = clock.monotonicMs();
    if (oldest === null || nowMs - oldest.atMs > OLDEST_KEPT_MS) oldest = { atMs: nowMs, answer: store.read.oldestPending(endpointSeqs) };
    return oldest.answer;
  };

  const statsOf = async (scope: StatScope, entries: Iterable<EndpointEntry>, options: StatsOptions): Promise<Stats> => {
    const cut = cutOf(options, clock.nowMs());
    const { resolutionMs, stepMs, fromMs, toMs } = cut;
    const { pending, waiting, statuses } = await nowOf(context, [...entries]);
    const [steps, oldestMs] = await Promise.all([
      store.read.stats({ scope, resolutionMs, stepMs, fromMs, toMs }),
      oldestPending(waiting, scope.kind === 'all'),
    ]);
    const found = new Map(steps.map(({ atMs, counts }) => [atMs, counts]));
    const total = noCounts();
    for (const counts of found.values()) mergeCounts(total, counts);
    const isEndpoint = scope.kind === 'endpoint';
    const latencyMs = percentiles(total);
    return {
      window: cut.window,
      from: iso(fromMs),
      to: iso(cut.nowMs),
      stepSeconds: stepMs / 1_000,
      events: isEndpoint ? null : total.events,
      deliveries: { ...total.deliveries },
      attempts: { ...total.attempts },
      successRate: successRate(total.attempts),
      latencyMs: latencyMs === null ? null : { ...latencyMs, max: total.latencyMaxMs },
      pending,
      oldestPendingAt: isoOrNull(oldestMs),
      endpoints: isEndpoint ? null : statuses,
      series: stepTimes(cut).map((atMs) => pointOf(atMs, found.get(atMs) ?? noCounts(), isEndpoint)),
    };
  };

  return {
    all: (options = {}) => statsOf({ kind: 'all' }, registry.endpoints(), options),
    async tenant(tenant, options = {}) {
      findTenant(context, tenant);
      return statsOf({ kind: 'tenant', tenant }, registry.endpointsOf(tenant), options);
    },
    async endpoint(tenant, id, options = {}) {
      const entry = findEndpoint(context, tenant, id);
      return statsOf({ kind: 'endpoint', endpointSeq: entry.row.seq }, [entry], options);
    },
    async endpoints(tenant, ids, options = {}) {
      if (tenant !== null) findTenant(context, tenant);
      const entries = entriesOf(context, tenant, ids);
      const cut = cutOf(options, clock.nowMs());
      const { resolutionMs, stepMs, fromMs, toMs } = cut;
      const endpointSeqs = entries.map(({ row }) => row.seq);
      const steps = entries.length === 0 ? [] : await store.read.endpointStats({ endpointSeqs, resolutionMs, stepMs, fromMs, toMs });
      const found = Map.groupBy(steps, ({ endpointSeq }) => endpointSeq);
      return entries.map(({ row }) => briefOf(row.id, new Map(found.get(row.seq)?.map(({ atMs, counts }) => [atMs, counts])), cut));
    },
  };
}

/** Those that are there, of the tenant where one is named; each once, in the order asked for. */
function entriesOf({ registry }: ServiceContext, tenant: string | null, ids: readonly string[]): readonly EndpointEntry[] {
  if (ids.length > ENDPOINTS_MAX)
    throw new WaxwingError('invalid_request', `Ask for at most ${ENDPOINTS_MAX} endpoints at a time; these are ${ids.length}.`, {
      fields: [{ path: 'query/ids', message: `must be at most ${ENDPOINTS_MAX}` }],
    });
  return [...new Set(ids)].flatMap((id) => {
    const entry = registry.endpointById(id);
    return entry === undefined || (tenant !== null && entry.row.tenant !== tenant) ? [] : [entry];
  });
}

interface Now {
  readonly pending: number;
  readonly waiting: readonly number[];
  readonly statuses: NonNullable<Stats['endpoints']>;
}

async function nowOf({ dispatcher, ownership, store }: ServiceContext, entries: readonly EndpointEntry[]): Promise<Now> {
  const others = entries.filter(({ row }) => !ownership.owns(row.seq)).map(({ row }) => row.seq);
  const elsewhere = others.length === 0 ? undefined : await store.sharing?.pendingOf(others);
  const statuses = { active: 0, failing: 0, paused: 0, disabled: 0 };
  const waiting: number[] = [];
  let pending = 0;
  for (const { row } of entries) {
    statuses[row.status] += 1;
    const count = elsewhere?.get(row.seq) ?? dispatcher.pendingOf(row.seq);
    pending += count;
    if (count > 0) waiting.push(row.seq);
  }
  return { pending, waiting, statuses };
}

function cutOf({ window = '1h' }: StatsOptions, nowMs: number): Cut {
  const { stepSeconds, steps } = STATS_STEPS[window];
  const stepMs = stepSeconds * 1_000;
  const toMs = stepOf(nowMs, stepMs) + stepMs;
  return { window, resolutionMs: resolutionFor(stepMs), stepMs, fromMs: toMs - steps * stepMs, toMs, nowMs };
}

/** The coarsest that a step is made of. */
function resolutionFor(stepMs: number): ResolutionMs {
  return RESOLUTIONS_MS.findLast((resolutionMs) => stepMs % resolutionMs === 0) ?? RESOLUTIONS_MS[0];
}

function stepTimes({ fromMs, toMs, stepMs }: Cut): readonly number[] {
  return Array.from({ length: (toMs - fromMs) / stepMs }, (_, i) => fromMs + i * stepMs);
}

function pointOf(atMs: number, counts: StepCounts, isEndpoint: boolean): StatsPoint {
  const { events, attempts } = counts;
  return { at: iso(atMs), events: isEndpoint ? null : events, attempts: { ...attempts }, latencyMs: percentiles(counts) };
}

function briefOf(endpoint: EndpointStats['endpoint'], found: ReadonlyMap<number, StepCounts>, cut: Cut): EndpointStats {
  const total = noCounts();
  const series = stepTimes(cut).map((atMs) => {
    const counts = found.get(atMs) ?? noCounts();
    mergeCounts(total, counts);
    const { delivered } = counts.attempts;
    return { at: iso(atMs), delivered, undelivered: sumOf(counts.attempts) - delivered };
  });
  return { endpoint, attempts: { ...total.attempts }, successRate: successRate(total.attempts), series };
}

function percentiles({ latencies, latencyMaxMs }: StepCounts): LatencyPercentiles | null {
  const [p50, p95, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.95), percentile(latencies, 0.99)];
  if (p50 === null || p95 === null || p99 === null) return null;
  const most = (ms: number): number => Math.min(ms, latencyMaxMs); // a bucket's middle may lie above all that is in it
  return { p50: most(p50), p95: most(p95), p99: most(p99) };
}

function successRate(attempts: AttemptCounts): number | null {
  const all = sumOf(attempts);
  return all === 0 ? null : attempts.delivered / all;
}

function sumOf(attempts: AttemptCounts): number {
  return OUTCOME_KINDS.reduce((sum, outcome) => sum + attempts[outcome], 0);
}
