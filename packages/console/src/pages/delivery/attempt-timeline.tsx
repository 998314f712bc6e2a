// The attempts of a delivery as a line in time: when each began, how it went, how long was waited, what comes next.

import type { Attempt, DeliveryDetail, OutcomeKind } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { Inert } from '../../design/code-block.tsx';
import { OutcomePill } from '../../design/pill.tsx';
import { duration, Time } from '../../design/time.tsx';
import styles from './timeline.module.css';
import { NextAttempt } from './standing.tsx';

export interface AttemptTimelineProps {
  readonly delivery: DeliveryDetail;
  readonly shown: number | null;
  readonly onShow: (number: number) => void;
}

export function AttemptTimeline({ delivery, shown, onShow }: AttemptTimelineProps): ReactNode {
  const { attemptLog, state, nextAttemptAt, finishedAt } = delivery;
  return (
    <ol className={styles.line}>
      <li className={styles.mark} data-tone="idle">
        <span className={styles.row}>
          <span className={styles.faint}>{MADE[delivery.cause]}</span>
          <span className={styles.when}>
            <Time at={delivery.createdAt} show="clock" />
          </span>
        </span>
      </li>
      {attemptLog.map((attempt, index) => (
        <li key={attempt.id} className={styles.mark} data-tone={TONES[attempt.outcome]}>
          <Wait from={endOf(attemptLog[index - 1]) ?? Date.parse(delivery.createdAt)} to={Date.parse(attempt.startedAt)} />
          <button
            type="button"
            className={styles.attempt}
            aria-current={attempt.number === shown ? 'true' : undefined}
            onClick={() => onShow(attempt.number)}
          >
            <span className={styles.row}>
              <span className={styles.number}>{attempt.number}</span>
              <OutcomePill outcome={attempt.outcome} />
              {attempt.response !== null && <span className={styles.status}>HTTP {attempt.response.status}</span>}
              <span className={styles.when}>
                <Time at={attempt.startedAt} show="clock" />
              </span>
            </span>
            <span className={styles.row}>
              <span className={styles.error}>{attempt.error !== null && <Inert text={attempt.error.message} />}</span>
              <span className={styles.took}>{duration(attempt.timings.totalMs)}</span>
            </span>
          </button>
        </li>
      ))}
      {state === 'pending' && (
        <li className={styles.mark} data-tone="next">
          <span className={styles.row}>
            <span className={styles.next}>
              <NextAttempt delivery={delivery} />
            </span>
            {nextAttemptAt !== null && (
              <span className={styles.when}>
                <Time at={nextAttemptAt} show="clock" />
              </span>
            )}
          </span>
        </li>
      )}
      {state !== 'pending' && state !== 'delivered' && (
        <li className={styles.mark} data-tone={state === 'failed' ? 'bad' : 'idle'}>
          <span className={styles.row}>
            <b>{state}</b>
            {finishedAt !== null && (
              <span className={styles.when}>
                <Time at={finishedAt} show="clock" />
              </span>
            )}
          </span>
        </li>
      )}
    </ol>
  );
}

/** Waits shorter than this are not worth a word. */
const WAIT_SHOWN_MS = 1_000;

function Wait({ from, to }: { readonly from: number; readonly to: number }): ReactNode {
  return to - from < WAIT_SHOWN_MS ? null : <span className={styles.wait}>after {duration(to - from)}</span>;
}

function endOf(attempt: Attempt | undefined): number | null {
  return attempt === undefined ? null : Date.parse(attempt.startedAt) + attempt.timings.totalMs;
}

const MADE: { readonly [C in DeliveryDetail['cause']]: string } = {
  publish: 'published',
  retry: 'retried by hand',
  replay: 'replayed',
  test: 'sent as a test',
};

const TONES: { readonly [O in OutcomeKind]: string } = {
  delivered: 'good',
  refused: 'bad',
  timed_out: 'warn',
  unreachable: 'bad',
  blocked: 'warn',
};
