// The deployment: its nodes, which of them owns how many shards, and what the store holds.

import { useQuery } from '@tanstack/react-query';
import type { Cluster, ClusterNode, DeliveryState } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useConsole } from '../../data/surroundings.tsx';
import { bytes, compact } from '../../design/numbers.ts';
import { Columns, Facts, Figure, Figures, Page, Panel } from '../../design/page.tsx';
import { Pill } from '../../design/pill.tsx';
import type { Tone } from '../../design/pill.tsx';
import { Empty, Failure, Loading } from '../../design/states.tsx';
import { Time } from '../../design/time.tsx';
import { PlainTable } from '../../parts/plain-table.tsx';
import type { PlainColumn } from '../../parts/plain-table.tsx';
import { ShardBar } from './shard-bar.tsx';

const EVERY_MS = 5_000;
const TONE: { readonly [S in ClusterNode['state']]: Tone } = { running: 'good', stalled: 'bad', draining: 'warn' };
const STORES: { readonly [K in Cluster['store']['kind']]: string } = { sqlite: 'SQLite', postgres: 'PostgreSQL', model: 'in memory' };
const STATES: readonly DeliveryState[] = ['pending', 'delivered', 'failed', 'skipped', 'cancelled'];

const COLUMNS: readonly PlainColumn<ClusterNode>[] = [
  { id: 'id', title: 'Node', cell: ({ id }) => <code>{id}</code> },
  { id: 'state', title: 'State', cell: ({ state }) => <Pill tone={TONE[state]}>{state}</Pill> },
  { id: 'shards', title: 'Shards', align: 'end', cell: ({ shards }) => compact(shards) },
  { id: 'version', title: 'Version', cell: ({ version }) => version },
  { id: 'started', title: 'Started', align: 'end', cell: ({ startedAt }) => <Time at={startedAt} /> },
];

export function ClusterPage(): ReactNode {
  const { api } = useConsole();
  const { data, error, refetch } = useQuery({
    queryKey: ['cluster'],
    queryFn: ({ signal }) => api.cluster({ signal }),
    refetchInterval: EVERY_MS,
  });
  if (data === undefined)
    return (
      <Page title="Cluster">
        <Panel>{error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />}</Panel>
      </Page>
    );
  const { nodes, shards, store } = data;
  const well = nodes.filter(({ state }) => state === 'running').length;
  return (
    <Page title="Cluster">
      <Figures>
        <Figure
          label="Nodes"
          value={nodes.length}
          detail={well === nodes.length ? 'all run' : `${nodes.length - well} in trouble`}
          {...(well === nodes.length ? {} : { tone: 'bad' })}
        />
        <Figure label="Shards" value={compact(shards)} detail={shards === 1 ? 'an embedded store is one' : 'slices of the endpoints'} />
        <Figure label="Store" value={STORES[store.kind]} detail={`${bytes(store.bytes)} on disk`} />
        <Figure label="Events kept" value={compact(store.events)} />
      </Figures>
      <Panel title="Nodes" flush>
        <PlainTable
          label="Nodes"
          columns={COLUMNS}
          rows={nodes}
          keyOf={({ id }) => id}
          empty={<Empty icon="cluster" title="No node is known" />}
        />
      </Panel>
      <Columns>
        <Panel title="Who owns the shards">
          <ShardBar nodes={nodes} shards={shards} />
        </Panel>
        <Panel title="Deliveries kept">
          <Facts facts={STATES.map((state) => [state, compact(store.deliveries[state])] as const)} />
        </Panel>
      </Columns>
    </Page>
  );
}
