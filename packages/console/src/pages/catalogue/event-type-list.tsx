// Event types, searched by name, group and description; each opens what it is.

import type { EventType } from '@waxwing/protocol';
import { useDeferredValue, useMemo } from 'react';
import type { ReactNode } from 'react';
import { useUrlState } from '../../data/url-state.ts';
import { Inert } from '../../design/code-block.tsx';
import { FilterBar, Panel } from '../../design/page.tsx';
import { Tag } from '../../design/pill.tsx';
import { SearchBox } from '../../design/search-box.tsx';
import { Empty } from '../../design/states.tsx';
import { PlainTable } from '../../parts/plain-table.tsx';
import { isOperational } from '../../parts/tenant-catalogue.ts';
import styles from './catalogue.module.css';

export interface EventTypeListProps {
  /** Undefined while they load. */
  readonly types: readonly EventType[] | undefined;
  readonly error: Error | null;
  readonly onRetry: () => void;
  readonly onOpen: (type: EventType) => void;
  readonly showsProfile: boolean;
}

/** Whose catalogue it belongs to. */
export function Owner({ type }: { readonly type: EventType }): ReactNode {
  if (type.profile !== null) return <Tag>{type.profile}</Tag>;
  return isOperational(type) ? <Tag tone="warn">Waxwing, of itself</Tag> : <Tag tone="info">the deployment’s own</Tag>;
}

export function EventTypeList({ types, error, onRetry, onOpen, showsProfile }: EventTypeListProps): ReactNode {
  const [search, setSearch] = useUrlState('q');
  const asked = useDeferredValue(search.q);
  const rows = useMemo(() => {
    const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
    return (types ?? []).filter((type) =>
      words.every((word) => `${type.name} ${type.group} ${type.description} ${type.profile ?? ''}`.toLowerCase().includes(word)),
    );
  }, [types, asked]);
  return (
    <div className={styles.stack}>
      <FilterBar>
        <SearchBox label="Search event types" placeholder="Name, group, description" value={search.q} onChange={(q) => setSearch({ q })} />
      </FilterBar>
      <Panel flush>
        <PlainTable<EventType>
          label="Event types"
          rows={rows}
          keyOf={({ name, profile }) => `${profile ?? ''} ${name}`}
          isLoading={types === undefined && error === null}
          error={error}
          onRetry={onRetry}
          empty={
            <Empty icon="catalogue" title={asked === '' ? 'No event types yet' : 'No event type matches'}>
              {asked === '' ? 'An open catalogue takes any type, without a schema.' : undefined}
            </Empty>
          }
          columns={[
            {
              id: 'name',
              title: 'Event type',
              cell: (type) => (
                <button type="button" className={styles.open} onClick={() => onOpen(type)}>
                  <Inert text={type.name} mono />
                </button>
              ),
            },
            ...(showsProfile
              ? [
                  {
                    id: 'profile',
                    title: 'Profile',
                    cell: (type: EventType) => <Owner type={type} />,
                  },
                ]
              : []),
            { id: 'group', title: 'Group', cell: ({ group }) => <Inert text={group} /> },
            {
              id: 'description',
              title: 'What it tells',
              cell: ({ description }) => (
                <span className={styles.description}>
                  <Inert text={description} />
                </span>
              ),
            },
          ]}
        />
      </Panel>
    </div>
  );
}
