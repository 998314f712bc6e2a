// An event type of one's own, to write: its schema and a sample that the schema takes. The server checks both.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { EventType, EventTypeInput } from '@waxwing/protocol';
import { isEventTypeName } from '@waxwing/protocol/event-types';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useProfiles } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { TextField } from '../../design/field.tsx';
import { Select } from '../../design/select.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import styles from './catalogue.module.css';
import { jsonObject } from './json-object.ts';

export interface EventTypeEditorProps {
  /** Null for a new one. */
  readonly type: EventType | null;
  /** Whose catalogue it is to belong to; null for the deployment's own. */
  readonly profile: string | null;
  readonly onClose: () => void;
}

const OWN = ' own';
const SCHEMA = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
const SAMPLE = { id: 'thing_1' };

export function EventTypeEditor({ type, profile, onClose }: EventTypeEditorProps): ReactNode {
  const { api } = useConsole();
  const queries = useQueryClient();
  const profiles = (useProfiles().data ?? []).filter(({ builtIn }) => !builtIn);
  const [name, setName] = useState(type?.name ?? '');
  const [of, setOf] = useState(profile ?? OWN);
  const [description, setDescription] = useState(type?.description ?? '');
  const [group, setGroup] = useState(type?.group ?? '');
  const [schema, setSchema] = useState(JSON.stringify(type?.schema ?? SCHEMA, null, 2));
  const [sample, setSample] = useState(JSON.stringify(type?.sample ?? SAMPLE, null, 2));
  const read = { schema: jsonObject(schema), sample: jsonObject(sample) };
  const save = useMutation({
    mutationFn: (input: EventTypeInput) => api.eventTypes.put(name, input),
    onSuccess: (saved) => {
      void queries.invalidateQueries({ queryKey: ['catalogue'] });
      toastGood(`${saved.name} is saved.`);
      onClose();
    },
  });
  const submit = (): void => {
    if ('error' in read.schema || 'error' in read.sample) return;
    save.mutate({ profile: of === OWN ? null : of, description, group, schema: read.schema.value, sample: read.sample.value });
  };
  const good = isEventTypeName(name) && !('error' in read.schema) && !('error' in read.sample);
  return (
    <Dialog
      title={type === null ? 'New event type' : `Edit ${type.name}`}
      isOpen
      wide
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={!good} isPending={save.isPending} onPress={submit}>
            Save
          </Button>
        </>
      }
    >
      <div className={styles.pair}>
        <TextField
          label="Name"
          mono
          isDisabled={type !== null}
          value={name}
          onChange={setName}
          placeholder="invoice.paid"
          error={name === '' || isEventTypeName(name) ? null : 'Words of letters, digits, _ and -, joined by dots.'}
        />
        <Select
          label="Belongs to"
          isDisabled={type !== null}
          options={[{ id: OWN, label: 'The deployment: every tenant' }, ...profiles.map(({ name: id, title }) => ({ id, label: title }))]}
          value={of}
          onChange={setOf}
        />
        <TextField label="What it tells" value={description} onChange={setDescription} maxLength={2000} />
        <TextField label="Group" value={group} onChange={setGroup} maxLength={200} />
      </div>
      <div className={styles.pair}>
        <TextField
          label="Schema of its data (JSON Schema)"
          mono
          rows={12}
          value={schema}
          onChange={setSchema}
          error={'error' in read.schema ? read.schema.error : null}
        />
        <TextField
          label="Sample"
          mono
          rows={12}
          value={sample}
          onChange={setSample}
          error={'error' in read.sample ? read.sample.error : null}
        />
      </div>
      <Refusal error={save.error} />
    </Dialog>
  );
}
