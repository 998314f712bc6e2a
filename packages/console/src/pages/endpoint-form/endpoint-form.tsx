// The form of an endpoint, for creating and for editing: built from its profile, its catalogue and its limits.

import type { EventType, ProfileResource } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { Switch, TextField } from '../../design/field.tsx';
import { Panel } from '../../design/page.tsx';
import { PaceFields, ReactionFields, RetryFields } from './delivery-fields.tsx';
import { faultsOf, filled } from './draft.ts';
import type { Draft, FieldErrors, Fields } from './draft.ts';
import styles from './endpoint-form.module.css';
import { HeaderRows } from './header-rows.tsx';
import { SubscriptionField } from './subscription-field.tsx';
import { checkUrl } from './url-check.ts';

export interface EndpointFormProps {
  readonly base: Fields;
  readonly draft: Draft;
  readonly set: (draft: Draft) => void;
  readonly profile: ProfileResource;
  readonly catalogue: readonly EventType[];
  /** What the server said of the fields when they were sent. */
  readonly refused: FieldErrors;
  /** Above the URL: the tenant and the profile, while creating. */
  readonly head?: ReactNode;
  /** Whether what is missing is said. */
  readonly isTried: boolean;
  /** Whether a secret of one's own can be given. */
  readonly takesSecret: boolean;
}

export function EndpointForm({ base, draft, set, profile, catalogue, refused, head, isTried, takesSecret }: EndpointFormProps): ReactNode {
  const fields = useMemo(() => filled(base, draft, profile), [base, draft, profile]);
  const errors: FieldErrors = { ...refused, ...faultsOf(fields, draft, profile) };
  const shown = { fields, errors, profile, set };
  const { warning } = checkUrl(fields.url, profile.httpsRequired);
  const calls = profile.name === 'meshagent' || fields.call !== '';
  return (
    <>
      <Panel title="Where to">
        {head}
        <TextField
          label="URL"
          kind="url"
          mono
          isRequired
          placeholder="https://example.com/webhooks"
          value={fields.url}
          onChange={(url) => set({ url })}
          error={errors.url ?? null}
          {...(warning === null ? {} : { help: <span className={styles.warn}>{warning}</span> })}
          maxLength={4096}
        />
        <TextField
          label="Name"
          placeholder={hostOf(fields.url)}
          value={fields.name}
          onChange={(name) => set({ name })}
          error={errors.name ?? null}
          maxLength={200}
        />
        <TextField
          label="Description"
          rows={2}
          value={fields.description}
          onChange={(description) => set({ description })}
          error={errors.description ?? null}
          maxLength={2000}
        />
      </Panel>
      <Panel title="What it receives">
        <SubscriptionField
          value={fields.eventTypes}
          onChange={(eventTypes) => set({ eventTypes })}
          catalogue={catalogue}
          error={isTried ? (errors.eventTypes ?? null) : null}
        />
      </Panel>
      <Panel title="Retries">
        <RetryFields {...shown} />
      </Panel>
      <Panel title="Pace and order">
        <PaceFields {...shown} />
      </Panel>
      <Panel title="When it answers badly">
        <ReactionFields {...shown} />
      </Panel>
      <Panel title="The request">
        <HeaderRows value={fields.headers} onChange={(headers) => set({ headers })} error={errors.headers ?? null} />
        <Switch
          label="Verify the TLS certificate"
          help={
            fields.verifyTls ? undefined : <span className={styles.warn}>Whoever stands between can read and change what is sent.</span>
          }
          isSelected={fields.verifyTls}
          onChange={(verifyTls) => set({ verifyTls })}
        />
        {takesSecret && (
          <TextField
            label="A secret of your own"
            mono
            value={fields.secret}
            onChange={(secret) => set({ secret })}
            error={errors.secret ?? null}
            help={`Left empty, a strong one is made. ${secretWords(profile)}`}
          />
        )}
        {calls && (
          <TextField
            label="Call an agent with"
            mono
            rows={4}
            value={fields.call}
            onChange={(call) => set({ call })}
            error={errors.call ?? null}
            help="A JSON object that is merged into each event's data, which then arrives as room.call. Empty: the endpoint is told of events as they are."
          />
        )}
      </Panel>
    </>
  );
}

function secretWords({ secret }: ProfileResource): string {
  switch (secret.form) {
    case 'standard':
      return 'whsec_ and the base64 of 24 to 64 bytes, or an ed25519 key (whsk_).';
    case 'base64':
      return `${secret.prefix} and the base64 of ${secret.minBytes} to ${secret.maxBytes} bytes.`;
    case 'utf8':
      return `${secret.minBytes} to ${secret.maxBytes} bytes of text.`;
    default:
      return secret.form satisfies never;
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'What people call it';
}
