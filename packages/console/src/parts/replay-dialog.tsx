// A replay: chosen by filter, counted before anything is sent, then watched by its progress.

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReplayFilter } from '@waxwing/client';
import type { Endpoint, Replay, ReplayableState } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../data/paths.ts';
import { useConsole } from '../data/surroundings.tsx';
import { Button } from '../design/button.tsx';
import { Inert } from '../design/code-block.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Checkbox } from '../design/field.tsx';
import { compact } from '../design/numbers.ts';
import { ComboBox } from '../design/select.tsx';
import { useEndpointNames } from './endpoint-names.ts';
import { Refusal } from './refusal.tsx';
import styles from './replay-dialog.module.css';
import { isRunning, ReplayProgress, useReplay } from './replay-progress.tsx';
import { TimeFilter, useTimeBounds } from './time-filter.tsx';
import { TypeFilter } from './type-filter.tsx';

export interface ReplayDialogProps {
  readonly tenant: string;
  /** The endpoint that is meant; null to choose one, or all. */
  readonly endpoint: Endpoint | null;
  readonly onClose: () => void;
}

const STATES: readonly { readonly id: ReplayableState; readonly label: string }[] = [
  { id: 'failed', label: 'failed' },
  { id: 'skipped', label: 'skipped' },
  { id: 'cancelled', label: 'cancelled' },
  { id: 'delivered', label: 'delivered' },
];
const COUNT_EVERY_MS = 3_000;
const NO_TIME = { last: '', from: '', to: '' };

export function ReplayDialog({ tenant, endpoint, onClose }: ReplayDialogProps): ReactNode {
  const { of } = useConsole();
  const queries = useQueryClient();
  const [states, setStates] = useState<readonly ReplayableState[]>(['failed', 'skipped']);
  const [type, setType] = useState('');
  const [time, setTime] = useState(NO_TIME);
  const [chosen, setChosen] = useState<string | null>(null);
  const bounds = useTimeBounds(time);
  const id = endpoint?.id ?? chosen;
  const filter: ReplayFilter = {
    ...(id === null ? {} : { endpoint: id }),
    ...(type === '' ? {} : { types: [type] }),
    states,
    ...bounds,
  };
  const count = useQuery({
    queryKey: ['replay-count', tenant, filter],
    queryFn: ({ signal }) => of(tenant).replays.count(filter, { signal }),
    enabled: states.length > 0,
    staleTime: 0,
    refetchInterval: COUNT_EVERY_MS,
    placeholderData: keepPreviousData,
  });
  const start = useMutation({
    mutationFn: () => of(tenant).replays.create(filter),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['replays'] }),
  });
  if (start.data !== undefined) return <Running replay={start.data} onClose={onClose} />;
  const number = states.length === 0 ? 0 : count.data;
  const words = number === undefined ? '' : `${compact(number)} ${number === 1 ? 'delivery' : 'deliveries'}`;
  return (
    <Dialog
      title="Replay"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isDisabled={number === undefined || number === 0}
            isPending={start.isPending}
            onPress={() => start.mutate()}
          >
            {number === undefined || number === 0 ? 'Replay' : `Replay ${words}`}
          </Button>
        </>
      }
    >
      <p>
        Delivers again what ended without you, or with you, to{' '}
        {endpoint === null ? 'the endpoints of this tenant' : <Inert text={endpoint.name} />}: slower than what is live, with the same event
        ids. Of each event the latest delivery counts.
      </p>
      {endpoint === null && <EndpointChoice tenant={tenant} value={chosen} onChange={setChosen} />}
      <div role="group" aria-label="States" className={styles.states}>
        {STATES.map((state) => (
          <Checkbox
            key={state.id}
            label={state.label}
            isSelected={states.includes(state.id)}
            onChange={(on) => setStates(on ? [...states, state.id] : states.filter((one) => one !== state.id))}
          />
        ))}
      </div>
      <div className={styles.filters}>
        <TypeFilter value={type} onChange={setType} />
        <TimeFilter value={time} onChange={setTime} />
      </div>
      <p className={styles.count} role="status">
        {states.length === 0 ? (
          'Choose at least one state.'
        ) : count.error !== null ? (
          count.error.message
        ) : number === undefined ? (
          'Counting …'
        ) : (
          <>
            <strong>{words}</strong> {number === 1 ? 'matches' : 'match'}.
          </>
        )}
      </p>
      <Refusal error={start.error} />
    </Dialog>
  );
}

function EndpointChoice(props: {
  readonly tenant: string;
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}): ReactNode {
  const names = useEndpointNames(props.tenant);
  return (
    <ComboBox
      label="Endpoint"
      placeholder="All of them"
      options={[...names.values()].map(({ id, name, url }) => ({ id, label: name, detail: url }))}
      value={props.value}
      onChange={props.onChange}
    />
  );
}

function Running({ replay: started, onClose }: { readonly replay: Replay; readonly onClose: () => void }): ReactNode {
  const replay = useReplay(started.tenant, started.id).data ?? started;
  return (
    <Dialog
      title={isRunning(replay) ? 'It is being replayed' : replay.state === 'completed' ? 'Replayed' : 'Cancelled'}
      isOpen
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          Close
        </Button>
      }
    >
      <ReplayProgress replay={replay} />
      {replay.note !== null && <p>{replay.note}</p>}
      <p>
        {isRunning(replay) ? 'It goes on when this is closed. ' : ''}
        <Link to={paths.replay(replay.tenant, replay.id)}>Its own page</Link>
      </p>
    </Dialog>
  );
}
