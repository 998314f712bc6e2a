// Keys, and links to a tenant's own portal: who may ask the API, for what, until when.

import { useQueryClient } from '@tanstack/react-query';
import type { Key } from '@waxwing/protocol';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useList } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { useUrlState } from '../../data/url-state.ts';
import { Button } from '../../design/button.tsx';
import { Inert, inertText } from '../../design/code-block.tsx';
import { Confirm } from '../../design/dialog.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { Pill, Tag } from '../../design/pill.tsx';
import { Empty } from '../../design/states.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { Time } from '../../design/time.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { PlainTable } from '../../parts/plain-table.tsx';
import type { PlainColumn } from '../../parts/plain-table.tsx';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import styles from './keys.module.css';
import { PortalLinkForm } from './portal-link-form.tsx';

export function KeysPage(): ReactNode {
  const { mayAdminister } = useConsole();
  const [search, setSearch] = useUrlState('tab');
  const [creates, setCreates] = useState(false);
  const tab = search.tab === 'portal' ? 'portal' : 'keys';
  if (!mayAdminister)
    return (
      <Page title="Keys">
        <Panel>
          <Empty icon="keys" title="Keys are for administrators">
            Sign in with a key of scope admin.
          </Empty>
        </Panel>
      </Page>
    );
  return (
    <Page
      title="Keys"
      actions={
        tab === 'keys' && (
          <Button kind="primary" icon="plus" onPress={() => setCreates(true)}>
            New key
          </Button>
        )
      }
    >
      <Tabs
        label="Keys"
        selected={tab}
        onSelect={(next) => setSearch({ tab: next === 'keys' ? '' : next })}
        tabs={[
          { id: 'keys', label: 'Keys', panel: <KeyList /> },
          { id: 'portal', label: 'Portal link', panel: <PortalLinkForm /> },
        ]}
      />
      {creates && <CreateKeyDialog onClose={() => setCreates(false)} />}
    </Page>
  );
}

function KeyList(): ReactNode {
  const { api } = useConsole();
  const queries = useQueryClient();
  const list = useList<Key>(['keys'], (options, signal) => api.keys.list(options, { signal }).page());
  const [revokes, setRevokes] = useState<Key | null>(null);
  const columns = useMemo(() => columnsOf(setRevokes), []);
  return (
    <>
      <Panel flush>
        <PlainTable<Key>
          label="Keys"
          columns={columns}
          rows={list.rows}
          keyOf={({ id }) => id}
          isLoading={list.isLoading}
          error={list.error}
          onRetry={list.retry}
          empty={<Empty icon="keys" title="No keys" />}
        />
        {list.more !== undefined && (
          <div className={styles.more}>
            <Button onPress={list.more} isPending={list.isLoadingMore}>
              More keys
            </Button>
          </div>
        )}
      </Panel>
      <Confirm
        title="Revoke this key"
        verb="Revoke"
        danger
        isOpen={revokes !== null}
        onClose={() => setRevokes(null)}
        onConfirm={async () => {
          if (revokes === null) return;
          await api.keys.revoke(revokes.id);
          await queries.invalidateQueries({ queryKey: ['keys'] });
          toastGood('The key is revoked.');
        }}
      >
        {revokes !== null && (
          <p>
            Whoever uses <strong>{nameOf(revokes)}</strong> is refused at once, signed in to the console or not. It stays in this list,
            marked.
          </p>
        )}
      </Confirm>
    </>
  );
}

function columnsOf(revoke: (key: Key) => void): readonly PlainColumn<Key>[] {
  return [
    {
      id: 'name',
      title: 'Key',
      cell: (key) => (
        <span className={styles.name}>
          <Inert text={nameOf(key)} />
          <code className={styles.id}>{key.id}</code>
        </span>
      ),
    },
    { id: 'state', title: 'State', cell: (key) => <KeyState of={key} /> },
    {
      id: 'scope',
      title: 'May',
      cell: ({ scope, tenant, actions }) => (
        <span className={styles.may}>
          <Tag tone={scope === 'admin' ? 'warn' : 'idle'}>{scope}</Tag>
          {tenant !== null && (
            <>
              <Inert text={tenant} />: {actions.join(', ')}
            </>
          )}
        </span>
      ),
    },
    { id: 'created', title: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
    { id: 'expires', title: 'Expires', cell: ({ expiresAt }) => (expiresAt === null ? 'never' : <Time at={expiresAt} show="absolute" />) },
    {
      id: 'revoke',
      title: 'Action',
      align: 'end',
      cell: (key) =>
        key.revokedAt === null && (
          <Button small kind="quiet" aria-label={`Revoke ${nameOf(key)}`} onPress={() => revoke(key)}>
            Revoke
          </Button>
        ),
    },
  ];
}

function KeyState({ of: { revokedAt, expiresAt } }: { readonly of: Key }): ReactNode {
  if (revokedAt !== null) return <Pill tone="bad">revoked</Pill>;
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) return <Pill tone="idle">expired</Pill>;
  return <Pill tone="good">good</Pill>;
}

function nameOf({ name, id }: Key): string {
  return name === '' ? id : inertText(name);
}
