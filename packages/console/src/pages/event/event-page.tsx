// One event: what was published, to whom it went, and why an endpoint did or did not get it.

import type { EventDetail } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useLiveMessages } from '../../data/live.tsx';
import { paths } from '../../data/paths.ts';
import { useEvent } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { usePathPart } from '../../data/url-state.ts';
import { LinkButton } from '../../design/button.tsx';
import { CodeBlock, Inert, inertText } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { bytes } from '../../design/numbers.ts';
import { Facts, Page, Panel } from '../../design/page.tsx';
import { Tag } from '../../design/pill.tsx';
import { Failure, Loading, Skeleton } from '../../design/states.tsx';
import { Time } from '../../design/time.tsx';
import { useEndpointNames } from '../../parts/endpoint-names.ts';
import { ShareButton } from '../../parts/share-button.tsx';
import { EventDeliveries } from './event-deliveries.tsx';
import styles from './event.module.css';
import { useExactData } from './exact-event.ts';
import { WhyNot } from './why-not.tsx';

/** As many as the API shows with an event. */
const SHOWN_DELIVERIES = 250;

export function EventPage(): ReactNode {
  const [tenant, id] = [usePathPart('tenant'), usePathPart('id')];
  const { data: event, error, refetch } = useEvent(tenant, id);
  useLiveMessages(['attempt']);
  if (event === undefined)
    return (
      <Page title="Event" lead={error === null ? <Skeleton width={20} /> : undefined}>
        <Panel>{error === null ? <Loading lines={8} /> : <Failure error={error} onRetry={() => void refetch()} />}</Panel>
      </Page>
    );
  return <Shown event={event} />;
}

function Shown({ event }: { readonly event: EventDetail }): ReactNode {
  const { canChooseTenant } = useConsole();
  const { tenant, id, type, timestamp, receivedAt } = event;
  const exact = useExactData(event);
  const data = useMemo(() => exact.data ?? JSON.stringify(event.data), [exact.data, event.data]);
  const size = useMemo(() => new TextEncoder().encode(data).length, [data]);
  const names = useEndpointNames(tenant);
  const tally = useMemo(() => tallyOf(event), [event]);

  return (
    <Page
      title={<Inert text={type} />}
      name={inertText(type)}
      beside={<Tag>event</Tag>}
      lead={
        <>
          <Inert text={id} mono /> <CopyButton text={id} label="Copy the id" />
        </>
      }
      actions={<ShareButton />}
    >
      <div className={styles.columns}>
        <Panel title="Published">
          <Facts
            facts={[
              ...(canChooseTenant ? [['Tenant', <Inert key="tenant" text={tenant} />] as const] : []),
              ['Received', <Moment key="received" at={receivedAt} />],
              ['Timestamp', timestamp === receivedAt ? 'when it was received' : <Moment key="timestamp" at={timestamp} />],
              ['Deliveries', tally === '' ? 'none' : tally],
            ]}
          />
          <CodeBlock text={data} label="Data" pretty note={bytes(size)} />
        </Panel>
        <WhyNot event={event} names={names} />
      </div>
      <Panel
        title="Deliveries"
        flush
        actions={
          event.deliveries.length >= SHOWN_DELIVERIES && (
            <LinkButton small kind="quiet" to={paths.deliveries} search={{ tenant: canChooseTenant ? tenant : undefined, event: id }}>
              All of them
            </LinkButton>
          )
        }
      >
        <div className={styles.deliveries}>
          <EventDeliveries event={event} names={names} />
        </div>
      </Panel>
    </Page>
  );
}

function Moment({ at }: { readonly at: string }): ReactNode {
  return (
    <>
      <Time at={at} show="absolute" />{' '}
      <span className={styles.ago}>
        <Time at={at} />
      </span>
    </>
  );
}

/** `3 delivered, 1 failed`. */
function tallyOf({ deliveries }: EventDetail): string {
  const counts = new Map<string, number>();
  for (const { state } of deliveries) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}
