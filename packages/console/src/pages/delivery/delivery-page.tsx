// One delivery: how it stands, every attempt, what was sent, what came back, why, and what next. The attempt that is looked
// at and the open view stand in the address.

import { Link } from '@tanstack/react-router';
import type { DeliveryDetail } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useLiveMessages } from '../../data/live.tsx';
import { paths } from '../../data/paths.ts';
import { useDelivery, useEndpoint } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { usePathPart, useUrlState } from '../../data/url-state.ts';
import { Inert, inertText } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { DeliveryPill, Tag } from '../../design/pill.tsx';
import { Empty, Failure, Loading, Skeleton } from '../../design/states.tsx';
import { AttemptTimeline } from './attempt-timeline.tsx';
import { AttemptView } from './attempt-view.tsx';
import { DeliveryActions } from './delivery-actions.tsx';
import styles from './delivery.module.css';
import { Siblings } from './siblings.tsx';
import { Standing } from './standing.tsx';

export function DeliveryPage(): ReactNode {
  const [tenant, id] = [usePathPart('tenant'), usePathPart('id')];
  const { data: delivery, error, refetch } = useDelivery(tenant, id);
  useLiveMessages(['attempt']);
  if (delivery !== undefined) return <Shown key={delivery.id} delivery={delivery} />;
  return (
    <Page title="Delivery" lead={error === null ? <Skeleton width={26} /> : undefined}>
      {error === null ? (
        <>
          <div className={styles.standing}>
            <Skeleton width={20} />
          </div>
          <div className={styles.columns}>
            <Panel title="Attempts">
              <Loading lines={3} />
            </Panel>
            <Panel>
              <Loading lines={10} />
            </Panel>
          </div>
        </>
      ) : (
        <Panel>
          <Failure error={error} onRetry={() => void refetch()} />
        </Panel>
      )}
    </Page>
  );
}

function Shown({ delivery }: { readonly delivery: DeliveryDetail }): ReactNode {
  const { canChooseTenant } = useConsole();
  const { tenant, eventType, cause, attemptLog } = delivery;
  const [search, setSearch] = useUrlState('attempt', 'view');
  const { data: endpoint } = useEndpoint(tenant, delivery.endpoint);
  const latest = attemptLog.at(-1);
  const shown = attemptLog.find(({ number }) => String(number) === search.attempt) ?? latest;
  return (
    <Page
      title={<Inert text={eventType} />}
      name={`${inertText(eventType)}: delivery`}
      beside={
        <>
          <DeliveryPill state={delivery.state} />
          {cause !== 'publish' && <Tag>{cause}</Tag>}
        </>
      }
      lead={
        <span className={styles.lead}>
          <span>
            to{' '}
            <Link to={paths.endpoint(tenant, delivery.endpoint)}>
              {endpoint === undefined ? <code>{delivery.endpoint}</code> : <Inert text={endpoint.name} />}
            </Link>
          </span>
          {canChooseTenant && (
            <span>
              of <Inert text={tenant} />
            </span>
          )}
          <span>
            event{' '}
            <Link to={paths.event(tenant, delivery.event)}>
              <Inert text={delivery.event} mono />
            </Link>
          </span>
        </span>
      }
      actions={<DeliveryActions delivery={delivery} />}
    >
      <Standing delivery={delivery} />
      <div className={styles.columns}>
        <div className={styles.aside}>
          <Panel title="Attempts">
            <AttemptTimeline
              delivery={delivery}
              shown={shown?.number ?? null}
              onShow={(number) => setSearch({ attempt: number === latest?.number ? '' : String(number) })}
            />
            <p className={styles.id}>
              <code>{delivery.id}</code> <CopyButton text={delivery.id} label="Copy the delivery’s id" />
            </p>
          </Panel>
          <Siblings delivery={delivery} />
        </div>
        {shown === undefined ? (
          <Panel>
            <Empty icon="deliveries" title="No attempt yet">
              What was sent and what came back appears here with the first attempt.
            </Empty>
          </Panel>
        ) : (
          <AttemptView
            attempt={shown}
            delivery={delivery}
            profile={endpoint?.profile ?? null}
            view={search.view}
            onView={(view) => setSearch({ view })}
          />
        )}
      </div>
    </Page>
  );
}
