// Why an endpoint is as it is, in plain words: what its status means, what its latest failed attempt came to, what to do.

import { Link } from '@tanstack/react-router';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Attempt, Endpoint } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useLiveMessages } from '../../data/live.tsx';
import { paths } from '../../data/paths.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Inert } from '../../design/code-block.tsx';
import { OutcomePill } from '../../design/pill.tsx';
import { Time } from '../../design/time.tsx';
import styles from './endpoint.module.css';

const MEANING = {
  active: null,
  failing: 'Its latest delivery ran out of retries. It is still delivered to, and any success clears this.',
  paused: 'Somebody paused it: everything is held until it is resumed.',
  disabled: 'New events are skipped, which is recorded, and pending ones are held until it is enabled.',
} as const;
const LOOKED_AT = 20;

export function Why({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const failure = useLatestFailure(endpoint);
  const meaning = MEANING[endpoint.status];
  if (meaning === null && failure === null) return null;
  return (
    <section className={styles.reason} data-status={endpoint.status} aria-label="Why">
      {meaning !== null && (
        <p>
          <strong>
            {endpoint.status === 'failing' ? 'Failing' : endpoint.status === 'paused' ? 'Paused' : 'Disabled'}
            {endpoint.statusChangedAt !== null && (
              <>
                {' '}
                since <Time at={endpoint.statusChangedAt} show="absolute" />
              </>
            )}
            .
          </strong>{' '}
          {meaning}
        </p>
      )}
      {endpoint.statusReason !== null && endpoint.status !== 'active' && (
        <p>
          <Inert text={endpoint.statusReason} />
        </p>
      )}
      {failure !== null && endpoint.status !== 'paused' && (
        <div className={styles.failure}>
          <p className={styles.line}>
            {endpoint.status === 'active' ? 'Lately, an attempt was' : 'The latest attempt was'}
            <OutcomePill outcome={failure.attempt.outcome} />
            {failure.attempt.response !== null && <strong>{failure.attempt.response.status}</strong>}
            <Time at={failure.attempt.startedAt} />
            <Link to={paths.delivery(endpoint.tenant, failure.delivery)}>Look at it</Link>
          </p>
          {failure.attempt.error !== null && (
            <p>
              <Inert text={failure.attempt.error.explanation} />
            </p>
          )}
        </div>
      )}
    </section>
  );
}

/** The latest attempt that did not deliver, of the latest deliveries; null when all is well again. */
function useLatestFailure(endpoint: Endpoint): { readonly delivery: string; readonly attempt: Attempt } | null {
  const { of } = useConsole();
  const { tenant, id, status } = endpoint;
  const queries = useQueryClient();
  useLiveMessages(['attempt'], (messages) => {
    if (messages.some((message) => message.kind === 'attempt' && message.data.delivery.endpoint === id))
      void queries.invalidateQueries({ queryKey: ['latest-failure', tenant, id] });
  });
  const { data } = useQuery({
    queryKey: ['latest-failure', tenant, id, status],
    queryFn: async ({ signal }) => {
      const { deliveries } = of(tenant);
      const { data: rows } = await deliveries.list({ endpoint: id, limit: LOOKED_AT }, { signal }).page();
      const bad = rows.find(({ outcome }) => outcome !== null && outcome !== 'delivered');
      if (bad === undefined) return null;
      const attempt = (await deliveries.get(bad.id, { signal })).attemptLog.at(-1);
      return attempt === undefined ? null : { delivery: bad.id, attempt };
    },
    placeholderData: keepPreviousData,
  });
  return data ?? null;
}
