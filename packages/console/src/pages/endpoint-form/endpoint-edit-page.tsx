// An endpoint's settings, to change. Only what was changed is sent; it applies from the next attempt.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { WaxwingApiError } from '@waxwing/client';
import type { Endpoint, EndpointPatch, ProfileResource } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useEndpoint, useProfiles } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { usePathPart } from '../../data/url-state.ts';
import { Button, LinkButton } from '../../design/button.tsx';
import { Inert, inertText } from '../../design/code-block.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { EndpointPill } from '../../design/pill.tsx';
import { Empty, Failure, Loading } from '../../design/states.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useCatalogue } from '../../parts/tenant-catalogue.ts';
import { errorsByField, faultsOf, fieldsOfEndpoint, filled, patchOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { EndpointForm } from './endpoint-form.tsx';
import styles from './endpoint-form.module.css';
import { ProfileNote } from './profile-note.tsx';

export function EndpointEditPage(): ReactNode {
  const { may } = useConsole();
  const [tenant, id] = [usePathPart('tenant'), usePathPart('id')];
  const endpoint = useEndpoint(tenant, id);
  const profiles = useProfiles();
  const error = endpoint.error ?? profiles.error;
  const profile = profiles.data?.find(({ name }) => name === endpoint.data?.profile);
  if (endpoint.data === undefined || profile === undefined || !may('manage'))
    return (
      <Page title="Edit endpoint">
        <Panel>
          {!may('manage') ? (
            <Empty icon="keys" title="You may look, not change" />
          ) : error === null ? (
            <Loading lines={10} />
          ) : (
            <Failure error={error} onRetry={() => void Promise.all([endpoint.refetch(), profiles.refetch()])} />
          )}
        </Panel>
      </Page>
    );
  return (
    <Page
      title={
        <>
          Edit <Inert text={endpoint.data.name} />
        </>
      }
      name={`Edit ${inertText(endpoint.data.name)}`}
      beside={<EndpointPill status={endpoint.data.status} />}
      lead="What is changed applies from the next attempt."
    >
      <EditForm key={endpoint.data.id} endpoint={endpoint.data} profile={profile} />
    </Page>
  );
}

function EditForm({ endpoint, profile }: { readonly endpoint: Endpoint; readonly profile: ProfileResource }): ReactNode {
  const { of } = useConsole();
  const queries = useQueryClient();
  const navigate = useNavigate();
  // As it stood when editing began: what others change meanwhile is not undone, since only one's own changes are sent.
  const [base] = useState(() => fieldsOfEndpoint(endpoint));
  const [draft, setDraft] = useState<Draft>({});
  const catalogue = useCatalogue({ tenant: endpoint.tenant, profile: profile.name });
  const fields = filled(base, draft, profile);
  const faults = faultsOf(fields, draft, profile);
  const patch = patchOf(base, fields, draft);
  const unchanged = Object.keys(patch).length === 0;
  const back = paths.endpoint(endpoint.tenant, endpoint.id);
  const save = useMutation({
    mutationFn: (change: EndpointPatch) => of(endpoint.tenant).endpoints.update(endpoint.id, change),
    onSuccess: (saved) => {
      queries.setQueryData(['endpoint', endpoint.tenant, endpoint.id], saved);
      void queries.invalidateQueries({ queryKey: ['endpoints'] });
      toastGood('Saved.');
      void navigate({ to: back });
    },
  });
  const refused = save.error instanceof WaxwingApiError ? errorsByField(save.error.errors) : {};
  return (
    <div className={styles.form}>
      <div className={styles.panels}>
        <EndpointForm
          base={base}
          draft={draft}
          set={(change) => setDraft((before) => ({ ...before, ...change }))}
          profile={profile}
          catalogue={catalogue}
          refused={refused}
          isTried
          takesSecret={false}
        />
        <Refusal error={save.error} />
        <div className={styles.actions}>
          <Button
            kind="primary"
            isPending={save.isPending}
            isDisabled={unchanged || Object.keys(faults).length > 0}
            onPress={() => save.mutate(patch)}
          >
            Save
          </Button>
          <LinkButton to={back}>Cancel</LinkButton>
          {unchanged && <span className={styles.faint}>Nothing is changed yet.</span>}
        </div>
      </div>
      <aside className={styles.aside} aria-label="The profile">
        <ProfileNote profile={profile} />
      </aside>
    </div>
  );
}
