// How an endpoint goes: why it is as it is, and its outcomes and latencies.

import type { Endpoint, StatsWindow } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useEndpointStats } from '../../data/queries.ts';
import { useUrlState } from '../../data/url-state.ts';
import { Panel } from '../../design/page.tsx';
import { Failure } from '../../design/states.tsx';
import { Segments } from '../../design/tabs.tsx';
import { StatsPlots } from '../../parts/stats-plots.tsx';
import { isStatsWindow, STATS_WINDOWS } from '../../parts/stats-window.ts';
import styles from './endpoint.module.css';

export function EndpointOutcomes({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const [search, setSearch] = useUrlState('window');
  const window: StatsWindow = isStatsWindow(search.window) ? search.window : '1h';
  const stats = useEndpointStats(endpoint.tenant, endpoint.id, window);
  return (
    <div className={styles.stack}>
      {endpoint.statusReason !== null && endpoint.status !== 'active' && (
        <p className={styles.reason} data-status={endpoint.status}>
          {endpoint.statusReason}
        </p>
      )}
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
        <StatsPlots stats={stats.data} />
      )}
    </div>
  );
}
