// What can be done to an endpoint, each said first: test, replay, edit, pause and resume, disable and enable, a new secret,
// delete.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Endpoint } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button, IconButton, LinkButton } from '../../design/button.tsx';
import { Inert } from '../../design/code-block.tsx';
import { Confirm } from '../../design/dialog.tsx';
import { Menu } from '../../design/menu.tsx';
import type { MenuEntry } from '../../design/menu.tsx';
import { compact } from '../../design/numbers.ts';
import { toastBad, toastGood } from '../../design/toasts.tsx';
import { ReplayDialog } from '../../parts/replay-dialog.tsx';
import { RotateDialog } from './rotation.tsx';
import { TestDialog } from './test-dialog.tsx';

type Open = 'test' | 'replay' | 'rotate' | 'delete' | 'disable' | null;
type Verb = 'pause' | 'resume' | 'enable' | 'disable';

const COUNT_EVERY_MS = 2_000;

const DONE: { readonly [V in Verb]: string } = {
  pause: 'It is paused: everything is held.',
  resume: 'It goes on; what was held is due, spread out.',
  enable: 'It is enabled; what was held is due, spread out.',
  disable: 'It is disabled: new events are skipped.',
};

export function EndpointActions({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const { of } = useConsole();
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const { tenant, id, status } = endpoint;
  const change = useMutation({
    mutationFn: (verb: Verb) => of(tenant).endpoints[verb](id),
    onSuccess: (saved, verb) => {
      queries.setQueryData(['endpoint', tenant, id], saved);
      void queries.invalidateQueries({ queryKey: ['endpoints'] });
      toastGood(DONE[verb]);
    },
    onError: toastBad,
  });
  const close = (): void => setOpen(null);
  const entries: readonly MenuEntry[] = [
    ...(status === 'paused'
      ? [{ id: 'resume', label: 'Resume', icon: 'play', onAction: () => change.mutate('resume') } as const]
      : status === 'disabled'
        ? [{ id: 'enable', label: 'Enable', icon: 'play', onAction: () => change.mutate('enable') } as const]
        : [
            { id: 'pause', label: 'Pause', icon: 'pause', onAction: () => change.mutate('pause') } as const,
            { id: 'disable', label: 'Disable …', icon: 'close', onAction: () => setOpen('disable') } as const,
          ]),
    { id: 'rotate', label: 'Change the secret …', icon: 'keys', onAction: () => setOpen('rotate') },
    { id: 'delete', label: 'Delete …', icon: 'trash', danger: true, onAction: () => setOpen('delete') },
  ];
  return (
    <>
      <Button icon="send" onPress={() => setOpen('test')}>
        Send a test
      </Button>
      <Button icon="replays" onPress={() => setOpen('replay')}>
        Replay
      </Button>
      <LinkButton to={paths.editEndpoint(tenant, id)} icon="edit">
        Edit
      </LinkButton>
      <Menu label="More actions" trigger={<IconButton icon="more" label="More actions" />} entries={entries} />
      {open === 'test' && <TestDialog endpoint={endpoint} onClose={close} />}
      {open === 'replay' && <ReplayDialog tenant={tenant} endpoint={endpoint} onClose={close} />}
      {open === 'rotate' && <RotateDialog endpoint={endpoint} onClose={close} />}
      {open === 'delete' && <DeleteDialog endpoint={endpoint} onClose={close} />}
      <Confirm
        title="Disable this endpoint"
        verb="Disable"
        isOpen={open === 'disable'}
        onClose={close}
        onConfirm={() => change.mutateAsync('disable')}
      >
        <PendingLine endpoint={endpoint} then="are held until it is enabled again." />
        <p>New events for it are skipped, which is recorded: a replay can deliver them later.</p>
      </Confirm>
    </>
  );
}

function DeleteDialog({ endpoint, onClose }: { readonly endpoint: Endpoint; readonly onClose: () => void }): ReactNode {
  const { of } = useConsole();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <Confirm
      title="Delete this endpoint"
      verb="Delete"
      danger
      isOpen
      onClose={onClose}
      onConfirm={async () => {
        await of(endpoint.tenant).endpoints.delete(endpoint.id);
        toastGood(`${endpoint.name} is deleted.`);
        void queries.invalidateQueries({ queryKey: ['endpoints'] });
        await navigate({ to: paths.endpoints });
        queries.removeQueries({ queryKey: ['endpoint', endpoint.tenant, endpoint.id] });
      }}
    >
      <p>
        <Inert text={endpoint.name} /> receives nothing more, and this cannot be undone.
      </p>
      <PendingLine endpoint={endpoint} then="are cancelled; what is in flight still leaves its record." />
      <p>Its history stays until the retention ends.</p>
    </Confirm>
  );
}

/** How many deliveries an action is about, asked as the question is. */
function PendingLine({ endpoint, then }: { readonly endpoint: Endpoint; readonly then: string }): ReactNode {
  const { of } = useConsole();
  const { data } = useQuery({
    queryKey: ['stats', endpoint.tenant, endpoint.id, 'pending'],
    queryFn: ({ signal }) => of(endpoint.tenant).endpoints.stats(endpoint.id, { window: '15m' }, { signal }),
    staleTime: 0,
    refetchInterval: COUNT_EVERY_MS,
  });
  return (
    <p role="status">
      {data === undefined ? (
        'Counting its pending deliveries …'
      ) : data.pending === 0 ? (
        'It has no pending deliveries.'
      ) : (
        <>
          <strong>
            {compact(data.pending)} pending {data.pending === 1 ? 'delivery' : 'deliveries'}
          </strong>{' '}
          {data.pending === 1 ? then.replace(/^are /, 'is ') : then}
        </>
      )}
    </p>
  );
}
