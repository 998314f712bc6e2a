// One replay: what it was asked for, how far it is, and a way to stop it.

import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Replay } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { usePathPart } from '../../data/url-state.ts';
import { Button } from '../../design/button.tsx';
import { Inert, inertText } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { Confirm } from '../../design/dialog.tsx';
import { compact } from '../../design/numbers.ts';
import { Facts, Figure, Figures, Page, Panel } from '../../design/page.tsx';
import { ReplayPill, Tag } from '../../design/pill.tsx';
import { Failure, Loading } from '../../design/states.tsx';
import { Time } from '../../design/time.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { useEndpointNames } from '../../parts/endpoint-names.ts';
import { isRunning, ReplayProgress, useReplay } from '../../parts/replay-progress.tsx';
import { replayWords } from './replay-words.ts';
import styles from './replays.module.css';

export function ReplayPage(): ReactNode {
  const { may } = useConsole();
  const [tenant, id] = [usePathPart('tenant'), usePathPart('id')];
  const { data: replay, error, refetch } = useReplay(tenant, id);
  const names = useEndpointNames(tenant);
  if (replay === undefined)
    return (
      <Page title="Replay">
        <Panel>{error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />}</Panel>
      </Page>
    );
  const words = replayWords(replay, names);
  return (
    <Page
      title="Replay"
      name={`Replay ${inertText(words)}`}
      beside={<ReplayPill state={replay.state} />}
      lead={<Inert text={words} />}
      actions={may('manage') && isRunning(replay) && <CancelButton replay={replay} />}
    >
      <Panel>
        <ReplayProgress replay={replay} />
        {replay.note !== null && <p>{replay.note}</p>}
      </Panel>
      <Figures>
        <Figure label="Taken by the filter" value={replay.total === null ? '…' : compact(replay.total)} />
        <Figure label="Made" value={compact(replay.made)} detail="new deliveries" />
        <Figure label="Delivered" value={compact(replay.done - replay.failed)} {...(replay.done > replay.failed ? { tone: 'good' } : {})} />
        <Figure label="Not delivered" value={compact(replay.failed)} {...(replay.failed > 0 ? { tone: 'bad' } : {})} />
      </Figures>
      <Panel title="What was asked for">
        <Facts
          facts={[
            [
              'Id',
              <span key="id">
                <code>{replay.id}</code> <CopyButton text={replay.id} label="Copy the id" />
              </span>,
            ],
            ['Tenant', <Inert key="tenant" text={replay.tenant} />],
            [
              'Endpoint',
              replay.endpoint === null ? (
                'all of the tenant’s'
              ) : (
                <Link key="endpoint" to={paths.endpoint(replay.tenant, replay.endpoint)}>
                  <Inert text={names.get(replay.endpoint)?.name ?? replay.endpoint} />
                </Link>
              ),
            ],
            ['States', <Tags key="states" names={replay.states} />],
            ['Event types', replay.types === null ? 'all' : <Tags key="types" names={replay.types} />],
            ['Made from', replay.from === null ? 'the beginning' : <Time key="from" at={replay.from} show="absolute" />],
            ['Made until', <Time key="to" at={replay.to ?? replay.createdAt} show="absolute" />],
            ['Begun', <Time key="created" at={replay.createdAt} show="absolute" />],
            ['Ended', replay.finishedAt === null ? 'not yet' : <Time key="finished" at={replay.finishedAt} show="absolute" />],
          ]}
        />
        <div>
          <Link
            to={paths.deliveries}
            search={{ tenant: replay.tenant, cause: 'replay', ...(replay.endpoint === null ? {} : { endpoint: replay.endpoint }) }}
          >
            Deliveries made by replays
          </Link>
        </div>
      </Panel>
    </Page>
  );
}

function Tags({ names }: { readonly names: readonly string[] }): ReactNode {
  return (
    <span className={styles.tags}>
      {names.map((name) => (
        <Tag key={name}>{name}</Tag>
      ))}
    </span>
  );
}

function CancelButton({ replay }: { readonly replay: Replay }): ReactNode {
  const { of } = useConsole();
  const queries = useQueryClient();
  const [asks, setAsks] = useState(false);
  return (
    <>
      <Button kind="danger" onPress={() => setAsks(true)}>
        Cancel the replay
      </Button>
      <Confirm
        title="Cancel this replay"
        verb="Cancel the replay"
        danger
        isOpen={asks}
        onClose={() => setAsks(false)}
        onConfirm={async () => {
          const cancelled = await of(replay.tenant).replays.cancel(replay.id);
          queries.setQueryData(['replay', replay.tenant, replay.id], cancelled);
          void queries.invalidateQueries({ queryKey: ['replays'] });
          toastGood('The replay is cancelled.');
        }}
      >
        Nothing more is made, and what it made and is still pending is cancelled. What was delivered stays delivered.
      </Confirm>
    </>
  );
}
