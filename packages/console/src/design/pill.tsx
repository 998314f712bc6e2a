// Pills: a state in one word, with a dot that says the same in colour. Never colour alone.

import type { DeliveryState, EndpointStatus, OutcomeKind, ReplayState } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import styles from './pill.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'idle';

export interface PillProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  /** A hollow dot: still to come. */
  readonly open?: boolean;
  readonly title?: string;
}

export function Pill({ tone, children, open = false, title }: PillProps): ReactNode {
  return (
    <span className={classNames(styles.pill, styles[tone])} title={title}>
      <span className={classNames(styles.dot, open && styles.open)} aria-hidden="true" />
      {children}
    </span>
  );
}

/** A small plain word beside something: a profile, a count, a cause. */
export function Tag({ children, tone = 'idle' }: { readonly children: ReactNode; readonly tone?: Tone }): ReactNode {
  return <span className={classNames(styles.tag, styles[tone])}>{children}</span>;
}

const ENDPOINT: { readonly [S in EndpointStatus]: Tone } = { active: 'good', failing: 'bad', paused: 'warn', disabled: 'idle' };
const DELIVERY: { readonly [S in DeliveryState]: Tone } = {
  pending: 'info',
  delivered: 'good',
  failed: 'bad',
  cancelled: 'idle',
  skipped: 'warn',
};
const OUTCOME: { readonly [O in OutcomeKind]: Tone } = {
  delivered: 'good',
  refused: 'bad',
  timed_out: 'warn',
  unreachable: 'bad',
  blocked: 'warn',
};
const REPLAY: { readonly [S in ReplayState]: Tone } = {
  counting: 'info',
  running: 'info',
  completed: 'good',
  cancelled: 'idle',
};

export function EndpointPill({ status }: { readonly status: EndpointStatus }): ReactNode {
  return <Pill tone={ENDPOINT[status]}>{status}</Pill>;
}

export function DeliveryPill({ state }: { readonly state: DeliveryState }): ReactNode {
  return (
    <Pill tone={DELIVERY[state]} open={state === 'pending'}>
      {state}
    </Pill>
  );
}

export function OutcomePill({ outcome }: { readonly outcome: OutcomeKind }): ReactNode {
  return <Pill tone={OUTCOME[outcome]}>{outcome.replace('_', ' ')}</Pill>;
}

export function ReplayPill({ state }: { readonly state: ReplayState }): ReactNode {
  return (
    <Pill tone={REPLAY[state]} open={state === 'counting' || state === 'running'}>
      {state}
    </Pill>
  );
}
