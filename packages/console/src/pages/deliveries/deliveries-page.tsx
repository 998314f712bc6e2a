// Deliveries: what was sent where and how it went, live. Filters stand in the address; `r` retries the row one stands on.

import type { DeliveryFilter } from '@waxwing/client';
import type { DeliverySummary } from '@waxwing/protocol';
import { useCallback, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useConsole } from '../../data/surroundings.tsx';
import { useRetryKey } from '../../data/retry-key.ts';
import { useUrlState } from '../../data/url-state.ts';
import { Button } from '../../design/button.tsx';
import { FilterBar, Page } from '../../design/page.tsx';
import { SearchBox } from '../../design/search-box.tsx';
import { ComboBox, Select } from '../../design/select.tsx';
import { Empty } from '../../design/states.tsx';
import { DeliveryTable } from '../../parts/delivery-table.tsx';
import { DELIVERY_CAUSES, DELIVERY_STATES, OUTCOME_KINDS } from '../../parts/delivery-words.ts';
import { useEndpointNames } from '../../parts/endpoint-names.ts';
import { useRetry } from '../../parts/retry.ts';
import { PauseButton, TailFrame, useReading } from '../../parts/tail-frame.tsx';
import { useTail } from '../../parts/tail.ts';
import { isWithin, TimeFilter, useTimeBounds } from '../../parts/time-filter.tsx';
import { takesType, TypeFilter } from '../../parts/type-filter.tsx';
import styles from './deliveries.module.css';

const ANY = 'any';
const CLEAR = { state: '', outcome: '', cause: '', endpoint: '', event: '', type: '', last: '', from: '', to: '' } as const;

export function DeliveriesPage(): ReactNode {
  const { api, tenant, may } = useConsole();
  const [filters, setFilters] = useUrlState('state', 'outcome', 'cause', 'endpoint', 'event', 'type', 'last', 'from', 'to');
  const { endpoint, event, type } = filters;
  const bounds = useTimeBounds(filters);
  const reading = useReading();
  const [state, outcome, cause] = [
    DELIVERY_STATES.find((one) => one === filters.state),
    OUTCOME_KINDS.find((one) => one === filters.outcome),
    DELIVERY_CAUSES.find((one) => one === filters.cause),
  ];
  const filter: DeliveryFilter = {
    ...(state === undefined ? {} : { state }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(cause === undefined ? {} : { cause }),
    ...(endpoint === '' ? {} : { endpoint }),
    ...(event === '' ? {} : { event }),
    ...(type === '' ? {} : { type }),
    ...bounds,
  };
  const tail = useTail<DeliverySummary>(
    {
      key: ['deliveries', tenant, filter],
      kind: 'attempt',
      fetchPage: (options, signal) => {
        const asked = [{ ...filter, ...options }, signal === undefined ? {} : { signal }] as const;
        return (tenant === null ? api.everywhere.deliveries(...asked) : api.tenant(tenant).deliveries.list(...asked)).page();
      },
      rowOf: (message) => (message.kind === 'attempt' ? message.data.delivery : null),
      keyOf: ({ id }) => id,
      timeOf: ({ createdAt }) => createdAt,
      matches: (row) =>
        (tenant === null || row.tenant === tenant) &&
        (state === undefined || row.state === state) &&
        (outcome === undefined || row.outcome === outcome) &&
        (cause === undefined || row.cause === cause) &&
        (endpoint === '' || row.endpoint === endpoint) &&
        (event === '' || row.event === event) &&
        takesType(type, row.eventType) &&
        isWithin(bounds, row.createdAt),
    },
    reading.held,
  );
  const names = useEndpointNames(tenant);
  const nameOf = useCallback((id: string) => names.get(id)?.name, [names]);
  const endpointOptions = useMemo(
    () =>
      [...names.values()].map(({ id, name, url, tenant: owner }) => ({ id, label: name, detail: tenant === null ? owner : hostOf(url) })),
    [names, tenant],
  );
  const [current, setCurrent] = useState<DeliverySummary | null>(null);
  const { retry } = useRetry();
  const retryable = current !== null && current.state !== 'delivered' && may('manage');
  useRetryKey(retryable ? () => retry(current) : null);
  const filtered = Object.values(filters).some((value) => value !== '');

  return (
    <Page title="Deliveries" full actions={<PauseButton reading={reading} waiting={tail.waiting} />}>
      <FilterBar>
        <Choice label="State" words={DELIVERY_STATES} value={filters.state} onChange={(next) => setFilters({ state: next })} />
        <Choice label="Outcome" words={OUTCOME_KINDS} value={filters.outcome} onChange={(next) => setFilters({ outcome: next })} />
        <Choice label="Cause" words={DELIVERY_CAUSES} value={filters.cause} onChange={(next) => setFilters({ cause: next })} />
        <div className={styles.filter}>
          <ComboBox
            compact
            allowsOther
            label="Endpoint"
            placeholder="Any endpoint"
            options={endpointOptions}
            value={endpoint === '' ? null : endpoint}
            onChange={(id) => setFilters({ endpoint: (id ?? '').trim() })}
          />
        </div>
        <div className={styles.filter}>
          <TypeFilter value={type} onChange={(next) => setFilters({ type: next })} />
        </div>
        <div className={styles.filter}>
          <SearchBox label="Event id" placeholder="Any event id" value={event} onChange={(id) => setFilters({ event: id.trim() })} />
        </div>
        <TimeFilter value={filters} onChange={setFilters} />
        {filtered && (
          <Button kind="quiet" onPress={() => setFilters(CLEAR)}>
            Clear
          </Button>
        )}
      </FilterBar>
      <TailFrame reading={reading} waiting={tail.waiting} letIn={tail.letIn} noun="delivery">
        <DeliveryTable
          list={tail}
          showsEndpoint
          showsTenant={tenant === null}
          nameOf={nameOf}
          onCurrent={setCurrent}
          empty={
            filtered ? (
              <Empty icon="filter" title="No delivery matches">
                What matches appears here as it happens.
              </Empty>
            ) : (
              <Empty icon="deliveries" title="No deliveries yet">
                An event makes one delivery for each endpoint that is subscribed to it.
              </Empty>
            )
          }
        />
      </TailFrame>
    </Page>
  );
}

function Choice({
  label,
  words,
  value,
  onChange,
}: {
  readonly label: string;
  readonly words: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  return (
    <Select
      compact
      label={label}
      options={[{ id: ANY, label: `Any ${label.toLowerCase()}` }, ...words.map((id) => ({ id, label: id.replace('_', ' ') }))]}
      value={words.includes(value) ? value : ANY}
      onChange={(next) => onChange(next === ANY ? '' : next)}
    />
  );
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
