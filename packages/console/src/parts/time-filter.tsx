// When: the last so-long, or from one moment to another, as a filter in the address. `last=1h` moves with the clock and so
// is read as of when it was chosen; `from` and `to` are moments.

import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../design/button.tsx';
import { Dialog } from '../design/dialog.tsx';
import { TextField } from '../design/field.tsx';
import { Select } from '../design/select.tsx';
import { absoluteTime } from '../design/time.tsx';

export interface TimeFilterState {
  readonly last: string;
  readonly from: string;
  readonly to: string;
}

export interface TimeBounds {
  readonly from?: string;
  readonly to?: string;
}

const ANY = 'any';
const BETWEEN = 'between';
const CHOOSE = 'choose';
const LASTS: readonly { readonly id: string; readonly label: string; readonly ms: number }[] = [
  { id: '15m', label: 'Last 15 minutes', ms: 900_000 },
  { id: '1h', label: 'Last hour', ms: 3_600_000 },
  { id: '24h', label: 'Last 24 hours', ms: 86_400_000 },
  { id: '7d', label: 'Last 7 days', ms: 604_800_000 },
];

/** What the API is asked for. The moment that `last` counts back from stays the same until another is chosen. */
export function useTimeBounds({ last, from, to }: TimeFilterState): TimeBounds {
  return useMemo(() => {
    const length = LASTS.find(({ id }) => id === last);
    if (length !== undefined) return { from: new Date(Date.now() - length.ms).toISOString() };
    return { ...(isMoment(from) ? { from } : {}), ...(isMoment(to) ? { to } : {}) };
  }, [last, from, to]);
}

/** Whether a moment lies within: `from` included, `to` not. */
export function isWithin({ from, to }: TimeBounds, iso: string): boolean {
  const ms = Date.parse(iso);
  return (from === undefined || ms >= Date.parse(from)) && (to === undefined || ms < Date.parse(to));
}

export function TimeFilter({
  value,
  onChange,
}: {
  readonly value: TimeFilterState;
  readonly onChange: (value: TimeFilterState) => void;
}): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const between = value.last === '' && (value.from !== '' || value.to !== '');
  const options = [
    { id: ANY, label: 'Any time' },
    ...LASTS.map(({ id, label }) => ({ id, label })),
    ...(between ? [{ id: BETWEEN, label: rangeWords(value) }] : []),
    { id: CHOOSE, label: 'From … to …' },
  ];
  return (
    <>
      <Select
        compact
        label="Time"
        options={options}
        value={between ? BETWEEN : LASTS.some(({ id }) => id === value.last) ? value.last : ANY}
        onChange={(id) => {
          if (id === CHOOSE) setOpen(true);
          else if (id !== BETWEEN) onChange({ last: id === ANY ? '' : id, from: '', to: '' });
        }}
      />
      {isOpen && <RangeDialog value={value} onChange={onChange} onClose={() => setOpen(false)} />}
    </>
  );
}

function RangeDialog({
  value,
  onChange,
  onClose,
}: {
  readonly value: TimeFilterState;
  readonly onChange: (value: TimeFilterState) => void;
  readonly onClose: () => void;
}): ReactNode {
  const [from, setFrom] = useState(localText(value.from));
  const [to, setTo] = useState(localText(value.to));
  const wrong = from !== '' && to !== '' && from >= to;
  const apply = (): void => {
    onChange({ last: '', from: isoOf(from), to: isoOf(to) });
    onClose();
  };
  return (
    <Dialog
      title="From … to …"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={wrong} onPress={apply}>
            Show
          </Button>
        </>
      }
    >
      <TextField
        label="From"
        kind="datetime-local"
        value={from}
        onChange={setFrom}
        help="In your own time zone. Empty: from the beginning."
      />
      <TextField
        label="To"
        kind="datetime-local"
        value={to}
        onChange={setTo}
        help="Not included. Empty: until now, and live."
        error={wrong ? 'It must be later than the beginning.' : null}
      />
    </Dialog>
  );
}

function rangeWords({ from, to }: TimeFilterState): string {
  if (to === '') return `Since ${absoluteTime(from)}`;
  return from === '' ? `Until ${absoluteTime(to)}` : `${absoluteTime(from)} – ${absoluteTime(to)}`;
}

function isMoment(text: string): boolean {
  return text !== '' && Number.isFinite(Date.parse(text));
}

function isoOf(local: string): string {
  return isMoment(local) ? new Date(local).toISOString() : '';
}

/** As a field for local times takes it: `2026-05-12T15:30`. */
function localText(iso: string): string {
  if (!isMoment(iso)) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
