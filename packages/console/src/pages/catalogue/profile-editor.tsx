// A profile of one's own as JSON, with the message that it makes beside it, judged by the server as one types. Nothing is
// kept before Save; endpoints that exist keep the version they were made with.

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { WaxwingApiError } from '@waxwing/client';
import type { ProfileResource } from '@waxwing/protocol';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Columns, Panel } from '../../design/page.tsx';
import { Loading } from '../../design/states.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { MessageView } from '../../parts/message-view.tsx';
import { signatureWords } from '../../parts/profile-words.ts';
import { Refusal } from '../../parts/refusal.tsx';
import styles from './catalogue.module.css';
import { jsonObject } from './json-object.ts';

export interface ProfileEditorProps {
  readonly name: string;
  /** Null for a new one. */
  readonly profile: ProfileResource | null;
  readonly onSaved: () => void;
}

const WAIT_MS = 250;
const BEGINNING = {
  title: 'Acme',
  description: '',
  signature: {
    header: 'X-Acme-Signature',
    algorithm: 'sha256',
    content: '{timestamp}.{body}',
    timestampHeader: 'X-Acme-Timestamp',
    prefix: 'sha256=',
  },
  envelope: { id: '{id}', event: '{type}', at: '{timestamp}', data: '{data}' },
  schedule: { delaysSeconds: [10, 60, 600, 3600] },
  eventTypes: [{ name: 'invoice.paid', description: 'An invoice was paid.', sample: { invoice_id: 'inv_1', amount: 4200 } }],
};

export function ProfileEditor({ name, profile, onSaved }: ProfileEditorProps): ReactNode {
  const { api } = useConsole();
  const queries = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(profile === null ? BEGINNING : definitionOf(profile), null, 2));
  const parsed = useMemo(() => jsonObject(text), [text]);
  const settled = useSettled(text);
  const preview = useQuery({
    queryKey: ['profile-preview', name, settled],
    queryFn: ({ signal }) => {
      const read = jsonObject(settled);
      return api.profiles.preview(name, 'value' in read ? read.value : {}, { signal });
    },
    enabled: 'value' in jsonObject(settled),
    placeholderData: keepPreviousData,
  });
  const save = useMutation({
    mutationFn: (definition: unknown) => api.profiles.put(name, definition),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ['catalogue'] });
      toastGood(`${name} is saved as version ${saved.version}.`);
      onSaved();
    },
  });
  return (
    <Columns>
      <Panel
        title="Definition"
        actions={
          <Button
            kind="primary"
            small
            isPending={save.isPending}
            isDisabled={'error' in parsed || preview.error !== null}
            onPress={() => 'value' in parsed && save.mutate(parsed.value)}
          >
            Save
          </Button>
        }
      >
        <TextField label="JSON" mono rows={30} value={text} onChange={setText} error={'error' in parsed ? parsed.error : null} />
        <Refusal error={save.error} />
      </Panel>
      <Panel title="The message it makes">
        {'value' in parsed && preview.error !== null ? (
          <Problems error={preview.error} />
        ) : preview.data === undefined ? (
          <Loading lines={8} />
        ) : (
          <Preview profile={preview.data} />
        )}
      </Panel>
    </Columns>
  );
}

function Preview({ profile }: { readonly profile: ProfileResource }): ReactNode {
  return (
    <>
      <p className={styles.soft}>{signatureWords(profile.signature)}</p>
      {profile.sampleMessage !== null && (
        <>
          <p className={styles.faint}>
            Signed with <code>{profile.sampleMessage.secret}</code>, which is nobody’s.
          </p>
          <MessageView message={profile.sampleMessage} />
        </>
      )}
    </>
  );
}

function Problems({ error }: { readonly error: Error }): ReactNode {
  const errors = error instanceof WaxwingApiError ? error.errors : [];
  if (errors.length === 0) return <Refusal error={error} />;
  return (
    <ul className={styles.problems} role="alert">
      {errors.map(({ path, message }) => (
        <li key={path + message}>
          <code>{path === '' ? '/' : path}</code> {message}
        </li>
      ))}
    </ul>
  );
}

/** What can be put again: the definition, without what the server adds. */
function definitionOf({ version: _version, builtIn: _builtIn, sampleMessage: _sampleMessage, ...definition }: ProfileResource): object {
  return definition;
}

/** The text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
