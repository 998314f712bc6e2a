// One profile: its event types, its wire convention, a message of it, the code that verifies it; to edit where it is one's own.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { WaxwingApiError } from '@waxwing/client';
import type { ProfileResource } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useEventTypes } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { usePathPart, useUrlState } from '../../data/url-state.ts';
import { Button } from '../../design/button.tsx';
import { Inert, inertText } from '../../design/code-block.tsx';
import { Confirm } from '../../design/dialog.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { Tag } from '../../design/pill.tsx';
import { Failure, Loading } from '../../design/states.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { MessageView } from '../../parts/message-view.tsx';
import { SnippetView } from '../../parts/verify-snippets/snippet-view.tsx';
import styles from './catalogue.module.css';
import { Convention } from './convention.tsx';
import { EventTypeDialog } from './event-type-dialog.tsx';
import { EventTypeList } from './event-type-list.tsx';
import { ProfileEditor } from './profile-editor.tsx';

const TABS = ['types', 'convention', 'message', 'verify', 'edit'] as const;

export function ProfilePage(): ReactNode {
  const { api, mayAdminister } = useConsole();
  const name = usePathPart('profile');
  const [search, setSearch] = useUrlState('tab', 'type');
  const { data, error, refetch } = useQuery({
    queryKey: ['catalogue', 'profile', name],
    queryFn: ({ signal }) => api.profiles.get(name, { signal }),
  });
  const isNew = error instanceof WaxwingApiError && error.code === 'profile_not_found';
  if (isNew && search.tab === 'edit' && mayAdminister)
    return (
      <Page title={`New profile ${name}`} lead="A wire convention as data: what is left out has a default. The message shows as you write.">
        <ProfileEditor name={name} profile={null} onSaved={() => setSearch({ tab: '' })} />
      </Page>
    );
  if (data === undefined)
    return (
      <Page title="Profile">
        <Panel>{error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />}</Panel>
      </Page>
    );
  const mayEdit = mayAdminister && !data.builtIn;
  return (
    <Page
      title={<Inert text={data.title} />}
      name={inertText(data.title)}
      beside={data.builtIn ? <Tag>built in</Tag> : <Tag tone="info">your own, version {data.version}</Tag>}
      lead={<Inert text={data.description} />}
      actions={mayEdit && <DeleteButton profile={data} />}
    >
      <Tabs
        label="Profile"
        selected={TABS.find((tab) => tab === search.tab) ?? 'types'}
        onSelect={(tab) => setSearch({ tab: tab === 'types' ? '' : tab })}
        tabs={[
          { id: 'types', label: 'Event types', panel: <Types name={name} onOpen={(type) => setSearch({ type })} /> },
          { id: 'convention', label: 'Convention', panel: <Convention profile={data} /> },
          { id: 'message', label: 'Message', panel: <Message profile={data} /> },
          {
            id: 'verify',
            label: 'Verify',
            panel: (
              <div className={styles.narrow}>
                <SnippetView profile={data} />
              </div>
            ),
          },
          ...(mayEdit
            ? [
                {
                  id: 'edit',
                  label: 'Edit',
                  panel: <ProfileEditor key={data.version} name={name} profile={data} onSaved={() => setSearch({ tab: 'message' })} />,
                },
              ]
            : []),
        ]}
      />
      {search.type !== '' && <ChosenType profile={name} type={search.type} onClose={() => setSearch({ type: '' })} />}
    </Page>
  );
}

function Types({ name, onOpen }: { readonly name: string; readonly onOpen: (type: string) => void }): ReactNode {
  const types = useEventTypes(name);
  return (
    <EventTypeList
      types={types.data}
      error={types.error}
      onRetry={() => void types.refetch()}
      onOpen={(type) => onOpen(type.name)}
      showsProfile={false}
    />
  );
}

function ChosenType({
  profile,
  type,
  onClose,
}: {
  readonly profile: string;
  readonly type: string;
  readonly onClose: () => void;
}): ReactNode {
  const chosen = useEventTypes(profile).data?.find(({ name }) => name === type);
  return chosen === undefined ? null : <EventTypeDialog type={chosen} onClose={onClose} />;
}

function Message({ profile }: { readonly profile: ProfileResource }): ReactNode {
  if (profile.sampleMessage === null) return null;
  return (
    <div className={styles.narrow}>
      <p className={styles.soft}>
        As a receiver gets it: the sample of the first event type, signed with <code>{profile.sampleMessage.secret}</code>, which is
        nobody’s.
      </p>
      <MessageView message={profile.sampleMessage} />
    </div>
  );
}

function DeleteButton({ profile }: { readonly profile: ProfileResource }): ReactNode {
  const { api } = useConsole();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asks, setAsks] = useState(false);
  return (
    <>
      <Button kind="danger" onPress={() => setAsks(true)}>
        Delete
      </Button>
      <Confirm
        title="Delete this profile"
        verb="Delete"
        danger
        isOpen={asks}
        onClose={() => setAsks(false)}
        onConfirm={async () => {
          await api.profiles.delete(profile.name);
          await navigate({ to: paths.catalogue });
          await queries.invalidateQueries({ queryKey: ['catalogue'] });
          toastGood(`${profile.name} is deleted.`);
        }}
      >
        It is refused while an endpoint or a tenant uses it.
      </Confirm>
    </>
  );
}
