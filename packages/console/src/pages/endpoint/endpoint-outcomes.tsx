// How an endpoint goes: why it is as it is, its figures, its outcomes and latencies.

import type { Endpoint, Stats, StatsWindow } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useEndpointStats } from '../../data/queries.ts';
import { useUrlState } from '../../data/url-state.ts';
import { compact, percent } from '../../design/numbers.ts';
import { Figure, Figures, Panel } from '../../design/page.tsx';
import { Failure, Skeleton } from '../../design/states.tsx';
import { Segments } from '../../design/tabs.tsx';
import { duration, Time } from '../../design/time.tsx';
import { StatsPlots } from '../../parts/stats-plots.tsx';
import { isStatsWindow, STATS_WINDOWS } from '../../parts/stats-window.ts';
import styles from './endpoint.module.css';
import { GraceBanner } from './rotation.tsx';
import { Why } from './why.tsx';

export function EndpointOutcomes({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const [search, setSearch] = useUrlState('window');
  const window: StatsWindow = isStatsWindow(search.window) ? search.window : '1h';
  const stats = useEndpointStats(endpoint.tenant, endpoint.id, window);
  return (
    <div className={styles.stack}>
      <GraceBanner endpoint={endpoint} />
      <Why endpoint={endpoint} />
      <div>
        <Segments
          label="Window"
          options={STATS_WINDOWS}
          value={window}
          onChange={(next) => setSearch({ window: next === '1h' ? '' : next })}
        />
      </div>
      {stats.error !== null && stats.data === undefined ? (
        <Panel>
          <Failure error={stats.error} onRetry={() => void stats.refetch()} />
        </Panel>
      ) : (
        <>
          <EndpointFigures endpoint={endpoint} stats={stats.data} />
          <StatsPlots stats={stats.data} />
        </>
      )}
    </div>
  );
}

function EndpointFigures({ endpoint, stats }: { readonly endpoint: Endpoint; readonly stats: Stats | undefined }): ReactNode {
  const wait = <Skeleton width={3} />;
  const rate = stats?.successRate ?? null;
  const latency = stats?.latencyMs ?? null;
  const bad =
    stats === undefined ? 0 : stats.attempts.refused + stats.attempts.timed_out + stats.attempts.unreachable + stats.attempts.blocked;
  return (
    <Figures>
      <Figure
        label="Attempts that delivered"
        value={stats === undefined ? wait : rate === null ? '–' : percent(rate)}
        detail={stats === undefined ? '' : `${compact(stats.attempts.delivered)} of ${compact(stats.attempts.delivered + bad)}`}
        {...(rate !== null && rate < 0.9 ? { tone: rate < 0.5 ? 'bad' : 'warn' } : {})}
      />
      <Figure
        label="Deliveries"
        value={stats === undefined ? wait : compact(stats.deliveries.delivered)}
        unit="delivered"
        detail={stats === undefined ? '' : `${compact(stats.deliveries.failed)} failed, ${compact(stats.deliveries.skipped)} skipped`}
      />
      <Figure
        label="Latency, median"
        value={stats === undefined ? wait : latency === null ? '–' : duration(latency.p50)}
        detail={latency === null ? '' : `p95 ${duration(latency.p95)}, most ${duration(latency.max)}`}
      />
      <Figure
        label="Pending"
        value={stats === undefined ? wait : compact(stats.pending)}
        detail={stats === undefined || stats.oldestPendingAt === null ? '' : <Oldest at={stats.oldestPendingAt} />}
      />
      <Figure
        label="Last triggered"
        value={endpoint.lastTriggeredAt === null ? 'never' : <Time at={endpoint.lastTriggeredAt} />}
        detail={endpoint.lastTriggeredAt === null ? '' : <Time at={endpoint.lastTriggeredAt} show="absolute" />}
      />
    </Figures>
  );
}

function Oldest({ at }: { readonly at: string }): ReactNode {
  return (
    <>
      oldest <Time at={at} />
    </>
  );
}
