// Changing an endpoint's secret: said first what will happen, then the new one, this once; and while the grace lasts, how
// long it still does, with a way to end it.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Endpoint, EndpointWithSecret } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useProfiles } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { Confirm, Dialog } from '../../design/dialog.tsx';
import { TextField } from '../../design/field.tsx';
import { Select } from '../../design/select.tsx';
import { absoluteTime, duration, useNow } from '../../design/time.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { rotationWords } from '../../parts/profile-words.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { SecretShown } from '../../parts/secret-shown.tsx';
import styles from './endpoint.module.css';

const GRACES = [
  { id: '3600', label: '1 hour' },
  { id: '86400', label: '24 hours' },
  { id: '604800', label: '7 days' },
  { id: '2592000', label: '30 days' },
  { id: '0', label: 'None: the old one is no longer good at once' },
];
const GRACE_DEFAULT = '86400';

export function RotateDialog({ endpoint, onClose }: { readonly endpoint: Endpoint; readonly onClose: () => void }): ReactNode {
  const { of } = useConsole();
  const queries = useQueryClient();
  const profile = useProfiles().data?.find(({ name }) => name === endpoint.profile);
  const [grace, setGrace] = useState(GRACE_DEFAULT);
  const [secret, setSecret] = useState('');
  const rotate = useMutation({
    mutationFn: () =>
      of(endpoint.tenant).endpoints.rotateSecret(endpoint.id, { graceSeconds: Number(grace), ...(secret === '' ? {} : { secret }) }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['endpoint', endpoint.tenant, endpoint.id] }),
  });
  if (rotate.data !== undefined) return <NewSecret endpoint={rotate.data} onClose={onClose} />;
  return (
    <Dialog
      title="Change the secret"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={rotate.isPending} onPress={() => rotate.mutate()}>
            Make a new secret
          </Button>
        </>
      }
    >
      <p>
        {grace === '0'
          ? 'The new secret alone signs at once: receivers that do not have it yet refuse what comes.'
          : profile === undefined
            ? ''
            : rotationWords(profile.signature)}
      </p>
      <Select label="Grace" options={GRACES} value={grace} onChange={setGrace} help="How long your receivers have to take the new one." />
      <TextField label="A secret of your own" mono value={secret} onChange={setSecret} help="Left empty, a strong one is made." />
      <Refusal error={rotate.error} />
    </Dialog>
  );
}

function NewSecret({ endpoint, onClose }: { readonly endpoint: EndpointWithSecret; readonly onClose: () => void }): ReactNode {
  return (
    <Dialog
      title="The new secret"
      isOpen
      wide
      sticky
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          I have kept it
        </Button>
      }
    >
      <SecretShown endpoint={endpoint} />
    </Dialog>
  );
}

/** While two secrets are good: until when, and how long that is. */
export function GraceBanner({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const { of, may } = useConsole();
  const queries = useQueryClient();
  const [asks, setAsks] = useState(false);
  const now = useNow();
  const endsAt = endpoint.secretGraceEndsAt;
  if (endsAt === null) return null;
  const leftMs = Date.parse(endsAt) - now;
  if (leftMs <= 0) return null;
  return (
    <div className={styles.grace} role="group" aria-label="Rotation">
      <span>
        Two secrets are good for another <strong title={absoluteTime(endsAt)}>{duration(Math.floor(leftMs / 1000) * 1000)}</strong>; then
        the new one alone.
      </span>
      {may('manage') && (
        <Button small onPress={() => setAsks(true)}>
          Activate the new one now
        </Button>
      )}
      <Confirm
        title="Activate the new secret"
        verb="Activate"
        isOpen={asks}
        onClose={() => setAsks(false)}
        onConfirm={async () => {
          const saved = await of(endpoint.tenant).endpoints.activateSecret(endpoint.id);
          queries.setQueryData(['endpoint', endpoint.tenant, endpoint.id], saved);
          toastGood('The new secret signs; the old one is no longer good.');
        }}
      >
        From the next attempt on the new secret alone signs. Receivers that still have only the old one refuse what comes.
      </Confirm>
    </div>
  );
}
