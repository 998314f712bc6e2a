// The catalogue: the profiles of this deployment, and every event type that can be published, found by searching.

import { Link, useNavigate } from '@tanstack/react-router';
import type { EventType, ProfileResource } from '@waxwing/protocol';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useEventTypes, useProfiles } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { useUrlState } from '../../data/url-state.ts';
import { Button } from '../../design/button.tsx';
import { Inert } from '../../design/code-block.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { TextField } from '../../design/field.tsx';
import { Menu } from '../../design/menu.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { Tag } from '../../design/pill.tsx';
import { Failure, Loading } from '../../design/states.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { signatureWords } from '../../parts/profile-words.ts';
import styles from './catalogue.module.css';
import { EventTypeDialog } from './event-type-dialog.tsx';
import { EventTypeEditor } from './event-type-editor.tsx';
import { EventTypeList } from './event-type-list.tsx';

export function CataloguePage(): ReactNode {
  const { mayAdminister } = useConsole();
  const [search, setSearch] = useUrlState('tab', 'type', 'of');
  const [creates, setCreates] = useState<'profile' | 'type' | null>(null);
  const types = useEventTypes(null);
  const chosen = types.data?.find((type) => type.name === search.type && (type.profile ?? '') === search.of);
  return (
    <Page
      title="Catalogue"
      lead="Profiles are wire conventions; event types are what can be published, each with its schema and a sample."
      actions={
        mayAdminister && (
          <Menu
            label="New"
            trigger={
              <Button kind="primary" icon="plus">
                New
              </Button>
            }
            entries={[
              { id: 'type', label: 'Event type', onAction: () => setCreates('type') },
              { id: 'profile', label: 'Profile', onAction: () => setCreates('profile') },
            ]}
          />
        )
      }
    >
      <Tabs
        label="Catalogue"
        selected={search.tab === 'types' ? 'types' : 'profiles'}
        onSelect={(tab) => setSearch({ tab: tab === 'profiles' ? '' : tab })}
        tabs={[
          { id: 'profiles', label: 'Profiles', panel: <ProfileCards /> },
          {
            id: 'types',
            label: 'Event types',
            panel: (
              <EventTypeList
                types={types.data}
                error={types.error}
                onRetry={() => void types.refetch()}
                onOpen={(type) => setSearch({ type: type.name, of: type.profile ?? '' })}
                showsProfile
              />
            ),
          },
        ]}
      />
      {chosen !== undefined && <EventTypeDialog type={chosen} onClose={() => setSearch({ type: '', of: '' })} />}
      {creates === 'type' && <EventTypeEditor type={null} profile={null} onClose={() => setCreates(null)} />}
      {creates === 'profile' && <NameDialog onClose={() => setCreates(null)} />}
    </Page>
  );
}

function ProfileCards(): ReactNode {
  const { data, error, refetch } = useProfiles();
  const types = useEventTypes(null).data;
  const counts = useMemo(() => countByProfile(types ?? []), [types]);
  if (data === undefined)
    return <Panel>{error === null ? <Loading lines={8} /> : <Failure error={error} onRetry={() => void refetch()} />}</Panel>;
  return (
    <ul className={styles.cards}>
      {data.map((profile) => (
        <ProfileCard key={profile.name} profile={profile} count={counts.get(profile.name) ?? profile.eventTypes.length} />
      ))}
    </ul>
  );
}

function ProfileCard({ profile, count }: { readonly profile: ProfileResource; readonly count: number }): ReactNode {
  return (
    <li className={styles.card}>
      <h2 className={styles.cardTitle}>
        <Link to={paths.profile(profile.name)} className={styles.cardLink}>
          <Inert text={profile.title} />
        </Link>
        {!profile.builtIn && <Tag tone="info">your own, v{profile.version}</Tag>}
      </h2>
      <p className={styles.soft}>
        <Inert text={profile.description} />
      </p>
      <p className={styles.signature}>{signatureWords(profile.signature)}</p>
      <p className={styles.faint}>
        {count} event {count === 1 ? 'type' : 'types'}, {profile.catalogueClosed ? 'closed' : 'open'} catalogue ·{' '}
        {profile.schedule.maxRetriesDefault} retries
      </p>
    </li>
  );
}

function countByProfile(types: readonly EventType[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { profile } of types) if (profile !== null) counts.set(profile, (counts.get(profile) ?? 0) + 1);
  return counts;
}

function NameDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  const profiles = useProfiles().data ?? [];
  const [name, setName] = useState('');
  const taken = profiles.some((profile) => profile.name === name);
  const good = /^[a-z][a-z0-9-]{0,63}$/.test(name) && !taken;
  return (
    <Dialog
      title="New profile"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={!good} onPress={() => void navigate({ to: paths.profile(name), search: { tab: 'edit' } })}>
            Write it
          </Button>
        </>
      }
    >
      <TextField
        label="Name"
        mono
        autoFocus
        value={name}
        onChange={setName}
        placeholder="acme"
        help="Small letters, digits and hyphens. Endpoints name it; it cannot be changed later."
        error={taken ? 'There is one of this name.' : null}
      />
    </Dialog>
  );
}
