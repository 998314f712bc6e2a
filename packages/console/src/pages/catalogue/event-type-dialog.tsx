// One event type: what it tells, its schema and its sample, a sample sent to an endpoint; changed or removed where it is
// one's own.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { EventType } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useEndpoints } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { CodeBlock, Inert, inertText } from '../../design/code-block.tsx';
import { Confirm, Dialog } from '../../design/dialog.tsx';
import { Tag } from '../../design/pill.tsx';
import { ComboBox } from '../../design/select.tsx';
import { toastGood } from '../../design/toasts.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { TestResult } from '../../parts/test-result.tsx';
import styles from './catalogue.module.css';
import { EventTypeEditor } from './event-type-editor.tsx';
import { Owner } from './event-type-list.tsx';

export function EventTypeDialog({ type, onClose }: { readonly type: EventType; readonly onClose: () => void }): ReactNode {
  const { api, may, mayAdminister } = useConsole();
  const queries = useQueryClient();
  const [mode, setMode] = useState<'look' | 'edit' | 'delete'>('look');
  const mayChange = mayAdminister && !type.builtIn;
  if (mode === 'edit') return <EventTypeEditor type={type} profile={type.profile} onClose={() => setMode('look')} />;
  return (
    <Dialog
      title={inertText(type.name)}
      isOpen
      wide
      onClose={onClose}
      actions={
        <>
          {mayChange && (
            <>
              <Button kind="danger" onPress={() => setMode('delete')}>
                Remove
              </Button>
              <Button icon="edit" onPress={() => setMode('edit')}>
                Edit
              </Button>
            </>
          )}
          <Button onPress={onClose}>Close</Button>
        </>
      }
    >
      <p className={styles.line}>
        <Owner type={type} />
        {type.group !== '' && <Tag>{inertText(type.group)}</Tag>}
        <Inert text={type.description} />
      </p>
      <div className={styles.pair}>
        <CodeBlock label="Sample" text={JSON.stringify(type.sample)} pretty />
        <CodeBlock label="Schema" text={JSON.stringify(type.schema)} pretty />
      </div>
      {may('manage') && <SendSample type={type} />}
      <Confirm
        title="Remove this event type"
        verb="Remove"
        danger
        isOpen={mode === 'delete'}
        onClose={() => setMode('look')}
        onConfirm={async () => {
          await api.eventTypes.delete(type.name);
          await queries.invalidateQueries({ queryKey: ['catalogue'] });
          toastGood(`${type.name} is removed.`);
          onClose();
        }}
      >
        Events of it that were published stay. Where the catalogue is closed, no new ones are taken.
      </Confirm>
    </Dialog>
  );
}

/** The sample, to an endpoint of one's choice: of the type's profile first. */
function SendSample({ type }: { readonly type: EventType }): ReactNode {
  const { of } = useConsole();
  const { rows } = useEndpoints();
  const [chosen, setChosen] = useState<string | null>(null);
  const fitting = rows.toSorted((a, b) => Number(b.profile === type.profile) - Number(a.profile === type.profile));
  const endpoint = rows.find(({ id }) => id === chosen) ?? fitting[0];
  const send = useMutation({
    mutationFn: (by: { readonly tenant: string; readonly id: string }) => of(by.tenant).endpoints.test(by.id, { eventType: type.name }),
  });
  if (endpoint === undefined) return <p className={styles.faint}>With an endpoint, its sample can be sent from here.</p>;
  return (
    <section className={styles.send} aria-label="Send the sample">
      <div className={styles.sendLine}>
        <ComboBox
          label="Send the sample to"
          options={fitting.map(({ id, name, tenant, profile }) => ({ id, label: name, detail: `${tenant}, ${profile}` }))}
          value={endpoint.id}
          onChange={setChosen}
        />
        <Button icon="send" isPending={send.isPending} onPress={() => send.mutate(endpoint)}>
          Send
        </Button>
      </div>
      <Refusal error={send.error} />
      <TestResult delivery={send.data} isSending={send.isPending} />
    </section>
  );
}
