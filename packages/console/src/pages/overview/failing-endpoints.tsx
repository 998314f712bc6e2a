// The endpoints that need somebody: failing ones first, then disabled and paused ones.

import type { Endpoint, EndpointStatus } from '@waxwing/protocol';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { Inert } from '../../design/code-block.tsx';
import { Icon } from '../../design/icons.tsx';
import { Panel } from '../../design/page.tsx';
import { EndpointPill } from '../../design/pill.tsx';
import { Loading } from '../../design/states.tsx';
import { Time } from '../../design/time.tsx';
import styles from './overview.module.css';

const SHOWN_MAX = 6;
const URGENCY: { readonly [S in EndpointStatus]: number } = { failing: 0, disabled: 1, paused: 2, active: 3 };

export interface FailingEndpointsProps {
  readonly endpoints: readonly Endpoint[];
  readonly isLoading: boolean;
  /** How many fail in all; null when that is not known. */
  readonly failing: number | null;
}

export function FailingEndpoints({ endpoints, isLoading, failing }: FailingEndpointsProps): ReactNode {
  const troubled = endpoints
    .filter(({ status }) => status !== 'active')
    .toSorted((a, b) => URGENCY[a.status] - URGENCY[b.status] || (b.statusChangedAt ?? '').localeCompare(a.statusChangedAt ?? ''));
  const more = Math.max(troubled.length, failing ?? 0) - Math.min(troubled.length, SHOWN_MAX);
  return (
    <Panel title="Needs attention" flush>
      {isLoading ? (
        <div className={styles.padded}>
          <Loading lines={2} />
        </div>
      ) : troubled.length === 0 ? (
        <p className={styles.well}>
          <Icon name="check" /> Every endpoint is well.
        </p>
      ) : (
        <ul>
          {troubled.slice(0, SHOWN_MAX).map((endpoint) => (
            <li key={endpoint.id} className={styles.troubled}>
              <Link to={paths.endpoint(endpoint.tenant, endpoint.id)} className={styles.name ?? ''}>
                <Inert text={endpoint.name} />
              </Link>
              <EndpointPill status={endpoint.status} />
              <span className={styles.reason}>{endpoint.statusReason ?? endpoint.url}</span>
              <span className={styles.since}>{endpoint.statusChangedAt !== null && <Time at={endpoint.statusChangedAt} />}</span>
            </li>
          ))}
          {more > 0 && (
            <li className={styles.padded}>
              <Link to={paths.endpoints} search={{ status: 'failing' }}>
                {more} more
              </Link>
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}
