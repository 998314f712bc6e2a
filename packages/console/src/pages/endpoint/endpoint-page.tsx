// One endpoint: how it goes, what it received lately, how it is set.

import type { Endpoint } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useLiveMessages } from '../../data/live.tsx';
import { useEndpoint, useProfiles } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { usePathPart, useUrlState } from '../../data/url-state.ts';
import { Inert, inertText } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { EndpointPill, Pill } from '../../design/pill.tsx';
import { Failure, Loading } from '../../design/states.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { EndpointActions } from './endpoint-actions.tsx';
import { EndpointDeliveries } from './endpoint-deliveries.tsx';
import { EndpointOutcomes } from './endpoint-outcomes.tsx';
import { EndpointSettings } from './endpoint-settings.tsx';

const TABS = ['overview', 'deliveries', 'settings'] as const;

export function EndpointPage(): ReactNode {
  const { may } = useConsole();
  const [tenant, id] = [usePathPart('tenant'), usePathPart('id')];
  const [search, setSearch] = useUrlState('tab');
  const { data: endpoint, error, refetch } = useEndpoint(tenant, id);
  useLiveMessages(['endpoint', 'attempt']);

  if (endpoint === undefined)
    return (
      <Page title="Endpoint">
        <Panel>{error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />}</Panel>
      </Page>
    );
  return (
    <Page
      title={<Inert text={endpoint.name} />}
      name={inertText(endpoint.name)}
      beside={<Status endpoint={endpoint} />}
      lead={
        <>
          <Inert text={endpoint.url} mono /> <CopyButton text={endpoint.url} label="Copy the URL" />
        </>
      }
      actions={may('manage') && <EndpointActions endpoint={endpoint} />}
    >
      <Tabs
        label="Endpoint"
        selected={TABS.find((tab) => tab === search.tab) ?? 'overview'}
        onSelect={(tab) => setSearch({ tab: tab === 'overview' ? '' : tab })}
        tabs={[
          { id: 'overview', label: 'Overview', panel: <EndpointOutcomes endpoint={endpoint} /> },
          { id: 'deliveries', label: 'Deliveries', panel: <EndpointDeliveries endpoint={endpoint} /> },
          { id: 'settings', label: 'Settings', panel: <EndpointSettings endpoint={endpoint} /> },
        ]}
      />
    </Page>
  );
}

/** The status; a failing one in the word of its own platform. */
function Status({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const word = useProfiles().data?.find(({ name }) => name === endpoint.profile)?.failingWord;
  return endpoint.status === 'failing' && word !== undefined ? <Pill tone="bad">{word}</Pill> : <EndpointPill status={endpoint.status} />;
}
