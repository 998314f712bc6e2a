// Replays, and how far each is. Of all tenants, or the one chosen.

import { useQueryClient } from '@tanstack/react-query';
import type { Endpoint, Replay } from '@waxwing/protocol';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useList } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { Inert } from '../../design/code-block.tsx';
import { Page } from '../../design/page.tsx';
import { ReplayPill } from '../../design/pill.tsx';
import { Empty } from '../../design/states.tsx';
import { Table } from '../../design/table.tsx';
import type { Column } from '../../design/table.tsx';
import { Time } from '../../design/time.tsx';
import { useEndpointNames } from '../../parts/endpoint-names.ts';
import { ReplayDialog } from '../../parts/replay-dialog.tsx';
import { isRunning, progressWords, ReplayProgress } from '../../parts/replay-progress.tsx';
import { replayWords } from './replay-words.ts';

const EVERY_MS = 2_000;

export function ReplaysPage(): ReactNode {
  const { api, of, tenant, may } = useConsole();
  const queries = useQueryClient();
  const [asks, setAsks] = useState(false);
  const list = useList<Replay>(['replays', tenant], (options, signal) =>
    (tenant === null ? api.everywhere.replays(options, { signal }) : of(tenant).replays.list(options, { signal })).page(),
  );
  const running = list.rows.some(isRunning);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: ['replays'] }), EVERY_MS);
    return () => clearInterval(timer);
  }, [running, queries]);
  const names = useEndpointNames(tenant);
  const columns = useMemo(() => columnsOf(names, tenant === null), [names, tenant]);
  const start = may('manage') && tenant !== null && (
    <Button kind="primary" icon="replays" onPress={() => setAsks(true)}>
      New replay
    </Button>
  );
  return (
    <Page title="Replays" full actions={start}>
      <Table<Replay>
        label="Replays"
        columns={columns}
        rows={list.rows}
        keyOf={({ id }) => id}
        linkOf={(replay) => ({ to: paths.replay(replay.tenant, replay.id) })}
        isLoading={list.isLoading}
        error={list.error}
        onRetry={list.retry}
        onMore={list.more}
        isLoadingMore={list.isLoadingMore}
        empty={
          <Empty icon="replays" title="No replays yet" action={start}>
            A replay delivers again what failed or was skipped: start one here{tenant === null ? ' once a tenant is chosen' : ''}, or from
            an endpoint.
          </Empty>
        }
      />
      {asks && tenant !== null && <ReplayDialog tenant={tenant} endpoint={null} onClose={() => setAsks(false)} />}
    </Page>
  );
}

function columnsOf(names: ReadonlyMap<string, Endpoint>, showsTenant: boolean): readonly Column<Replay>[] {
  return [
    { id: 'what', title: 'Replay', width: 'minmax(160px, 2fr)', cell: (replay) => <Inert text={replayWords(replay, names)} /> },
    { id: 'state', title: 'State', width: '104px', cell: ({ state }) => <ReplayPill state={state} /> },
    ...(showsTenant
      ? [{ id: 'tenant', title: 'Tenant', width: 'minmax(80px, 0.7fr)', from: 760, cell: ({ tenant }: Replay) => <Inert text={tenant} /> }]
      : []),
    {
      id: 'bar',
      title: 'Progress',
      width: 'minmax(80px, 1fr)',
      from: 560,
      cell: (replay) => <ReplayProgress replay={replay} wordy={false} />,
    },
    { id: 'words', title: 'So far', width: 'minmax(140px, 1.2fr)', from: 860, cell: progressWords },
    { id: 'created', title: 'Begun', width: '104px', from: 460, align: 'end', cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}
