// Overview: how it goes, over all tenants or the chosen one. Numbers first, then what fails, then how it went.

import type { Stats, StatsWindow } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useLiveMessages } from '../../data/live.tsx';
import { paths } from '../../data/paths.ts';
import { useEndpoints, useStats } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { useUrlState } from '../../data/url-state.ts';
import { LinkButton } from '../../design/button.tsx';
import { Figure, Figures, Page, Panel } from '../../design/page.tsx';
import { Empty, Failure, Skeleton } from '../../design/states.tsx';
import { Segments } from '../../design/tabs.tsx';
import { Time, duration } from '../../design/time.tsx';
import { compact, percent, rate } from '../../design/numbers.ts';
import { StatsPlots } from '../../parts/stats-plots.tsx';
import { isStatsWindow, STATS_WINDOWS, stepSecondsOf } from '../../parts/stats-window.ts';
import { FailingEndpoints } from './failing-endpoints.tsx';

export function OverviewPage(): ReactNode {
  const { may } = useConsole();
  const [search, setSearch] = useUrlState('window');
  const window: StatsWindow = isStatsWindow(search.window) ? search.window : '1h';
  const stats = useStats(window);
  const endpoints = useEndpoints();
  useLiveMessages(['endpoint']);
  const isNew = endpoints.rows.length === 0 && !endpoints.isLoading && endpoints.error === null;

  return (
    <Page
      title="Overview"
      actions={
        <Segments
          label="Window"
          options={STATS_WINDOWS}
          value={window}
          onChange={(next) => setSearch({ window: next === '1h' ? '' : next })}
        />
      }
    >
      {stats.error !== null && stats.data === undefined ? (
        <Panel>
          <Failure error={stats.error} onRetry={() => void stats.refetch()} />
        </Panel>
      ) : (
        <>
          <Numbers stats={stats.data} />
          {isNew ? (
            <Panel>
              <Empty
                icon="endpoints"
                title="No endpoints yet"
                action={
                  may('manage') && (
                    <LinkButton to={paths.newEndpoint} kind="primary" icon="plus">
                      Create an endpoint
                    </LinkButton>
                  )
                }
              >
                An endpoint is a URL that receives events. Create one, publish an event, and watch it arrive here.
              </Empty>
            </Panel>
          ) : (
            <FailingEndpoints endpoints={endpoints.rows} isLoading={endpoints.isLoading} failing={stats.data?.endpoints?.failing ?? null} />
          )}
          <StatsPlots stats={stats.data} />
        </>
      )}
    </Page>
  );
}

function Numbers({ stats }: { readonly stats: Stats | undefined }): ReactNode {
  if (stats === undefined) {
    const names = ['Events', 'Attempts', 'Success', 'Latency', 'Backlog', 'Failed'];
    return (
      <Figures>
        {names.map((name) => (
          <Figure key={name} label={name} value={<Skeleton width={3} />} />
        ))}
      </Figures>
    );
  }
  const seconds = Math.max(1, (Date.parse(stats.to) - Date.parse(stats.from)) / 1000);
  const attempts = Object.values(stats.attempts).reduce((sum, count) => sum + count, 0);
  const { successRate, latencyMs, deliveries } = stats;
  return (
    <Figures>
      <Figure
        label="Events"
        value={rate(lastRate(stats, ({ events }) => events ?? 0))}
        unit="/s"
        detail={`${compact(stats.events ?? 0)} in all`}
      />
      <Figure
        label="Attempts"
        value={rate(lastRate(stats, ({ attempts: by }) => Object.values(by).reduce((sum, count) => sum + count, 0)))}
        unit="/s"
        detail={`${compact(attempts)} in all, ${rate(attempts / seconds)} /s`}
      />
      <Figure
        label="Success"
        value={successRate === null ? '–' : percent(successRate)}
        detail={successRate === null ? 'no attempts' : 'of attempts'}
        {...(successRate === null ? {} : { tone: successRate >= 0.99 ? 'good' : successRate >= 0.9 ? 'warn' : 'bad' })}
      />
      <Figure
        label="Latency, median"
        value={latencyMs === null ? '–' : duration(latencyMs.p50)}
        detail={latencyMs === null ? 'no attempts' : tail(latencyMs)}
      />
      <Figure
        label="Backlog"
        value={compact(stats.pending)}
        detail={
          stats.oldestPendingAt === null ? (
            'nothing waits'
          ) : (
            <>
              oldest <Time at={stats.oldestPendingAt} />
            </>
          )
        }
      />
      <Figure
        label="Failed"
        value={compact(deliveries.failed)}
        detail={`${compact(deliveries.delivered)} delivered`}
        {...(deliveries.failed === 0 ? {} : { tone: 'bad' })}
      />
    </Figures>
  );
}

/** A rate over the running step and the one before it. */
function lastRate(stats: Stats, count: (point: Stats['series'][number]) => number): number {
  const points = stats.series.slice(-2);
  const seconds = points.reduce((sum, point) => sum + stepSecondsOf(stats, point), 0);
  return seconds === 0 ? 0 : points.reduce((sum, point) => sum + count(point), 0) / seconds;
}

/** The slow ones, the unit said once where it is the same. */
function tail({ p95, p99 }: { readonly p95: number; readonly p99: number }): string {
  const [slow, slowest] = [duration(p95), duration(p99)];
  const [value = slow, unit] = slow.split(' ');
  return slowest.endsWith(` ${unit}`) && slow.split(' ').length === 2 ? `p95 ${value} · p99 ${slowest}` : `p95 ${slow} · p99 ${slowest}`;
}
