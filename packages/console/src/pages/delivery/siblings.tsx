// The other deliveries of the same event to the same endpoint: what this one retried, what retried this one.

import { Link } from '@tanstack/react-router';
import type { DeliveryDetail } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useDeliveries } from '../../data/queries.ts';
import { Panel } from '../../design/page.tsx';
import { DeliveryPill, Tag } from '../../design/pill.tsx';
import { Time } from '../../design/time.tsx';
import styles from './delivery.module.css';

const SHOWN_MAX = 12;

export function Siblings({ delivery }: { readonly delivery: DeliveryDetail }): ReactNode {
  const { rows } = useDeliveries({ event: delivery.event, endpoint: delivery.endpoint }, delivery.tenant);
  const others = rows.filter(({ id }) => id !== delivery.id).slice(0, SHOWN_MAX);
  if (others.length === 0) return null;
  return (
    <Panel title="The same event, to the same endpoint">
      <ul className={styles.siblings}>
        {others.map((other) => (
          <li key={other.id}>
            <Link to={paths.delivery(other.tenant, other.id)} className={styles.sibling ?? ''}>
              <DeliveryPill state={other.state} />
              <Tag>{other.cause}</Tag>
              <span className={styles.siblingWhen}>
                {other.id === delivery.origin ? 'the one before, ' : other.origin === delivery.id ? 'the one after, ' : ''}
                <Time at={other.createdAt} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
