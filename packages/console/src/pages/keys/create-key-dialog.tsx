// A new key: what it may do, until when; then the key itself, this once.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { KeyFormat, KeyInput, KeyScope, TenantAction } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTenants } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { Checkbox, RadioGroup, TextField } from '../../design/field.tsx';
import { ComboBox, Select } from '../../design/select.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { OneLine } from '../../parts/secret-shown.tsx';
import styles from './keys.module.css';

const SCOPES: readonly { readonly id: KeyScope; readonly label: string; readonly help: string }[] = [
  { id: 'tenant', label: 'One tenant', help: 'what you choose below, and nothing of any other' },
  { id: 'publish', label: 'Publish', help: 'events to any tenant, and nothing else' },
  { id: 'read', label: 'Read', help: 'everything, over all tenants' },
  { id: 'admin', label: 'Administer', help: 'everything' },
];
const ACTIONS: readonly { readonly id: TenantAction; readonly label: string }[] = [
  { id: 'publish', label: 'publish events' },
  { id: 'manage', label: 'manage endpoints and deliveries' },
  { id: 'read', label: 'read' },
];
const NEVER = 'never';
const EXPIRIES = [
  { id: NEVER, label: 'Never' },
  { id: '1', label: 'In a day' },
  { id: '30', label: 'In 30 days' },
  { id: '90', label: 'In 90 days' },
  { id: '365', label: 'In a year' },
];
const FORMATS: readonly { readonly id: KeyFormat; readonly label: string }[] = [
  { id: 'wxw', label: 'wxw_ (Waxwing)' },
  { id: 'hc', label: 'hc_ (HumanConnection)' },
  { id: 'sk_live', label: 'sk_live_ (MeetLoyd)' },
  { id: 'sk_test', label: 'sk_test_ (MeetLoyd, for tests)' },
];

export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { api, tenant: chosen } = useConsole();
  const queries = useQueryClient();
  const { rows: tenants } = useTenants();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<KeyScope>('tenant');
  const [tenant, setTenant] = useState<string | null>(chosen);
  const [actions, setActions] = useState<readonly TenantAction[]>(['publish', 'manage', 'read']);
  const [expiry, setExpiry] = useState(NEVER);
  const [format, setFormat] = useState<KeyFormat>('wxw');
  const create = useMutation({
    mutationFn: (input: KeyInput) => api.keys.create(input),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  if (create.data !== undefined)
    return (
      <Dialog
        title="The new key"
        isOpen
        sticky
        onClose={onClose}
        actions={
          <Button kind="primary" onPress={onClose}>
            I have kept it
          </Button>
        }
      >
        <p>
          It is shown <strong>once</strong>: only its hash is kept.
        </p>
        <OneLine label="Key" text={create.data.key} />
      </Dialog>
    );
  const ofTenant = scope === 'tenant';
  const submit = (): void =>
    create.mutate({
      name,
      scope,
      ...(ofTenant ? { tenant: tenant ?? '', actions, format } : {}),
      ...(expiry === NEVER ? {} : { expiresAt: new Date(Date.now() + Number(expiry) * 86_400_000).toISOString() }),
    });
  return (
    <Dialog
      title="New key"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={create.isPending}
            isDisabled={ofTenant && (tenant === null || tenant === '' || actions.length === 0)}
            onPress={submit}
          >
            Create key
          </Button>
        </>
      }
    >
      <TextField label="Name" placeholder="What uses it" value={name} onChange={setName} maxLength={200} autoFocus />
      <RadioGroup
        label="May"
        value={scope}
        onChange={(id) => setScope(SCOPES.find((one) => one.id === id)?.id ?? 'tenant')}
        options={SCOPES}
      />
      {ofTenant && (
        <>
          <ComboBox
            label="Tenant"
            options={tenants.map(({ id, name: title }) => ({ id, label: id, ...(title === id ? {} : { detail: title }) }))}
            value={tenant}
            onChange={setTenant}
          />
          <div role="group" aria-label="Actions" className={styles.actions}>
            {ACTIONS.map(({ id, label }) => (
              <Checkbox
                key={id}
                label={label}
                isSelected={actions.includes(id)}
                onChange={(on) => setActions(on ? [...actions, id] : actions.filter((one) => one !== id))}
              />
            ))}
          </div>
          <Select
            label="Looks like"
            options={FORMATS}
            value={format}
            onChange={(id) => setFormat(FORMATS.find((one) => one.id === id)?.id ?? 'wxw')}
            help="As the clients of a platform expect it."
          />
        </>
      )}
      <Select label="Expires" options={EXPIRIES} value={expiry} onChange={setExpiry} />
      <Refusal error={create.error} />
    </Dialog>
  );
}
