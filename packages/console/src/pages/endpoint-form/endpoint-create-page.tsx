// A new endpoint: whose, where, what; then its secret, this once, with the code that verifies by it.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { WaxwingApiError } from '@waxwing/client';
import type { EndpointWithSecret, ProfileResource } from '@waxwing/protocol';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useProfiles, useTenants } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button, LinkButton } from '../../design/button.tsx';
import { Inert } from '../../design/code-block.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { ComboBox, Select } from '../../design/select.tsx';
import { Empty, Failure, Loading } from '../../design/states.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { SecretShown } from '../../parts/secret-shown.tsx';
import { useCatalogue } from '../../parts/tenant-catalogue.ts';
import { errorsByField, faultsOf, fieldsOfProfile, filled, inputOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { EndpointForm } from './endpoint-form.tsx';
import styles from './endpoint-form.module.css';
import { ProfileNote } from './profile-note.tsx';

const STANDARD = 'standard';

export function EndpointCreatePage(): ReactNode {
  const { tenant: chosen, may } = useConsole();
  const profiles = useProfiles();
  const [typed, setTyped] = useState<TypedTenant>({ id: null, isNew: false });
  const [created, setCreated] = useState<EndpointWithSecret | null>(null);
  const tenant = chosen ?? typed.id;
  if (created !== null) return <Created endpoint={created} />;
  return (
    <Page title="New endpoint" lead="A URL that receives the events it subscribes to, signed, and again until it says yes.">
      {!may('manage') ? (
        <Panel>
          <Empty icon="keys" title="You may look, not change">
            Creating endpoints takes a key that manages this tenant.
          </Empty>
        </Panel>
      ) : profiles.data === undefined ? (
        <Panel>
          {profiles.error === null ? <Loading lines={10} /> : <Failure error={profiles.error} onRetry={() => void profiles.refetch()} />}
        </Panel>
      ) : (
        <CreateForm
          tenant={tenant}
          isNew={chosen === null && typed.isNew}
          onTenant={chosen === null ? setTyped : null}
          profiles={profiles.data}
          onCreated={setCreated}
        />
      )}
    </Page>
  );
}

interface TypedTenant {
  readonly id: string | null;
  /** Nobody has heard of it: it is made with the endpoint. */
  readonly isNew: boolean;
}

interface CreateFormProps {
  readonly tenant: string | null;
  readonly isNew: boolean;
  /** Null where the tenant is settled. */
  readonly onTenant: ((tenant: TypedTenant) => void) | null;
  readonly profiles: readonly ProfileResource[];
  readonly onCreated: (endpoint: EndpointWithSecret) => void;
}

function CreateForm({ tenant, isNew, onTenant, profiles, onCreated }: CreateFormProps): ReactNode {
  const { of } = useConsole();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>({});
  const [chosenProfile, setChosenProfile] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const own = useQuery({
    queryKey: ['tenants', tenant],
    queryFn: ({ signal }) => of(tenant ?? '').get({ signal }),
    enabled: tenant !== null && tenant !== '' && !isNew,
    retry: false,
  });
  const profileName = chosenProfile ?? own.data?.profile ?? STANDARD;
  const profile = profiles.find(({ name }) => name === profileName) ?? profiles[0];
  const catalogue = useCatalogue({ tenant, profile: profileName, tenantProfile: own.data?.profile ?? null });
  const base = useMemo(() => (profile === undefined ? null : fieldsOfProfile(profile)), [profile]);
  const create = useMutation({
    mutationFn: (by: { readonly tenant: string; readonly input: ReturnType<typeof inputOf> }) => of(by.tenant).endpoints.create(by.input),
    onSuccess: (endpoint) => {
      toastGood(`${endpoint.name} is created.`);
      void queries.invalidateQueries({ queryKey: ['endpoints'] });
      onCreated(endpoint);
    },
  });
  if (profile === undefined || base === null) return null;
  const fields = filled(base, draft, profile);
  const faults = faultsOf(fields, draft, profile);
  const refused = create.error instanceof WaxwingApiError ? errorsByField(create.error.errors) : {};
  const missing: { readonly url?: string; readonly tenant?: string } = {
    ...(tried && fields.url === '' ? { url: 'Where should it be delivered?' } : {}),
    ...(tried && !tenant ? { tenant: 'Whose endpoint is it?' } : {}),
  };
  const submit = (): void => {
    setTried(true);
    if (tenant === null || tenant === '' || fields.url === '' || Object.keys(faults).length > 0) return;
    create.mutate({ tenant, input: inputOf(fields, draft, profile.name) });
  };
  return (
    <div className={styles.form}>
      <div className={styles.panels}>
        <EndpointForm
          base={base}
          draft={draft}
          set={(change) => setDraft((before) => ({ ...before, ...change }))}
          profile={profile}
          catalogue={catalogue}
          refused={{ ...refused, ...(missing.url === undefined ? {} : { url: missing.url }) }}
          isTried={tried}
          takesSecret
          head={
            <>
              {onTenant !== null && <TenantField value={tenant} onChange={onTenant} error={missing.tenant ?? null} />}
              <Select
                label="Profile"
                value={profile.name}
                onChange={setChosenProfile}
                options={profiles.map(({ name, title }) => ({ id: name, label: title, detail: name }))}
                help="The wire convention: envelope, signature, retries. It cannot be changed later."
              />
            </>
          }
        />
        <Refusal error={create.error} />
        <div className={styles.actions}>
          <Button kind="primary" isPending={create.isPending} onPress={submit}>
            Create endpoint
          </Button>
          <LinkButton to={paths.endpoints}>Cancel</LinkButton>
          {tried && Object.keys({ ...faults, ...missing }).length > 0 && (
            <span className={styles.error} role="alert">
              Something above needs another look.
            </span>
          )}
        </div>
      </div>
      <aside className={styles.aside} aria-label="The profile">
        <ProfileNote profile={profile} />
      </aside>
    </div>
  );
}

function TenantField(props: {
  readonly value: string | null;
  readonly onChange: (tenant: TypedTenant) => void;
  readonly error: string | null;
}): ReactNode {
  const { rows } = useTenants();
  return (
    <ComboBox
      label="Tenant"
      options={rows.map(({ id, name }) => ({ id, label: id, ...(name === id ? {} : { detail: name }) }))}
      value={props.value}
      onChange={(id) => props.onChange({ id, isNew: !rows.some((row) => row.id === id) })}
      error={props.error}
      placeholder="Whose endpoint is it?"
      allowsOther
      help="A customer of yours, by your own id. One that is not known yet is made with its first endpoint."
    />
  );
}

function Created({ endpoint }: { readonly endpoint: EndpointWithSecret }): ReactNode {
  const to = paths.endpoint(endpoint.tenant, endpoint.id);
  return (
    <Page
      title={<Inert text={endpoint.name} />}
      name="Endpoint created"
      lead="The endpoint is created."
      actions={
        <LinkButton to={to} kind="primary" icon="right">
          To the endpoint
        </LinkButton>
      }
    >
      <div className={styles.created}>
        <Panel title="Its secret">
          <SecretShown endpoint={endpoint} />
        </Panel>
      </div>
    </Page>
  );
}
