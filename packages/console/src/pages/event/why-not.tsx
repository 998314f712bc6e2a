// Why an endpoint did or did not get the event, in the server's own words. The endpoint asked about stands in the address.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Endpoint, EventDetail, Explanation } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { useUrlState } from '../../data/url-state.ts';
import { Inert } from '../../design/code-block.tsx';
import { Panel } from '../../design/page.tsx';
import { Pill } from '../../design/pill.tsx';
import type { Tone } from '../../design/pill.tsx';
import { ComboBox } from '../../design/select.tsx';
import { Failure, Skeleton } from '../../design/states.tsx';
import { Sentence } from '../../parts/local-times.tsx';
import styles from './event.module.css';

export function WhyNot({ event, names }: { readonly event: EventDetail; readonly names: ReadonlyMap<string, Endpoint> }): ReactNode {
  const { of } = useConsole();
  const [{ endpoint }, setSearch] = useUrlState('endpoint');
  const got = useMemo(() => new Set<string>(event.deliveries.map((delivery) => delivery.endpoint)), [event.deliveries]);
  const options = useMemo(
    () =>
      [...names.values()]
        .map(({ id, name }) => ({ id, label: name, detail: got.has(id) ? 'got it' : 'did not get it' }))
        .sort((a, b) => Number(got.has(a.id)) - Number(got.has(b.id)) || a.label.localeCompare(b.label)),
    [names, got],
  );
  const { data, error, refetch } = useQuery({
    queryKey: ['event', event.tenant, event.id, 'explain', endpoint],
    queryFn: ({ signal }) => of(event.tenant).events.explain(event.id, endpoint, { signal }),
    enabled: endpoint !== '',
  });
  return (
    <Panel title="Why did an endpoint get it, or not?">
      <ComboBox
        label="Endpoint"
        placeholder="Its name, or any id"
        allowsOther
        options={options}
        value={endpoint === '' ? null : endpoint}
        onChange={(id) => setSearch({ endpoint: (id ?? '').trim() })}
      />
      {endpoint === '' ? (
        <p className={styles.hint}>Choose one, also one that is deleted by now (by its id), to see what came of this event there.</p>
      ) : data !== undefined ? (
        <Answer explanation={data} tenant={event.tenant} />
      ) : error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <div className={styles.answer}>
          <Skeleton width={7} />
          <Skeleton width={24} />
        </div>
      )}
    </Panel>
  );
}

function Answer({ explanation, tenant }: { readonly explanation: Explanation; readonly tenant: string }): ReactNode {
  const { reason, sentence, notes, delivery, lastError, behind } = explanation;
  return (
    <div className={styles.answer} aria-live="polite">
      <Pill tone={TONES[reason]}>{reason.replaceAll('_', ' ')}</Pill>
      <p className={styles.sentence}>
        <Sentence text={sentence} />
      </p>
      {lastError !== null && (
        <p className={styles.hint}>
          <Inert text={lastError} />
        </p>
      )}
      {notes.length > 0 && (
        <ul className={styles.notes}>
          {notes.map((note) => (
            <li key={note}>
              <Sentence text={note} />
            </li>
          ))}
        </ul>
      )}
      {delivery !== null && <Link to={paths.delivery(tenant, delivery.id)}>The delivery, with every attempt</Link>}
      {behind !== null && <Link to={paths.delivery(tenant, behind)}>The one that goes first</Link>}
      <Link to={paths.endpoint(tenant, explanation.endpoint)}>The endpoint</Link>
    </div>
  );
}

const TONES: { readonly [R in Explanation['reason']]: Tone } = {
  delivered: 'good',
  in_flight: 'info',
  retrying: 'warn',
  waiting: 'info',
  held: 'warn',
  fifo_wait: 'info',
  rate_limited: 'warn',
  resting: 'warn',
  failed: 'bad',
  expired: 'bad',
  skipped: 'warn',
  cancelled: 'idle',
  endpoint_deleted: 'idle',
  endpoint_newer: 'idle',
  not_subscribed: 'idle',
  subscription_edited: 'warn',
  not_made_yet: 'info',
  no_longer_kept: 'idle',
};
