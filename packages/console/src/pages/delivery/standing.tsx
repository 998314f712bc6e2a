// How a delivery stands, in one sentence: delivered, failed and why, or when the next attempt comes.

import type { DeliveryDetail } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { duration, Time, useNow } from '../../design/time.tsx';
import { Sentence } from '../../parts/local-times.tsx';
import styles from './delivery.module.css';

export function Standing({ delivery }: { readonly delivery: DeliveryDetail }): ReactNode {
  const { state, stateReason, attempts, createdAt, finishedAt } = delivery;
  return (
    <div className={styles.standing} data-state={state}>
      <p className={styles.sentence}>
        {state === 'pending' ? (
          <NextAttempt delivery={delivery} />
        ) : state === 'delivered' ? (
          `Delivered with attempt ${attempts}${finishedAt === null ? '' : `, ${duration(between(createdAt, finishedAt))} after it was made`}.`
        ) : (
          SENTENCES[state](attempts)
        )}
      </p>
      {stateReason !== null && (
        <p className={styles.why}>
          <Sentence text={stateReason} />
        </p>
      )}
      <p className={styles.made}>
        Made <Time at={createdAt} show="absolute" />
        {finishedAt !== null && (
          <>
            , ended <Time at={finishedAt} />
          </>
        )}
      </p>
      {state === 'pending' && <Approach delivery={delivery} />}
    </div>
  );
}

const SENTENCES: { readonly [S in Exclude<DeliveryDetail['state'], 'pending' | 'delivered'>]: (attempts: number) => string } = {
  failed: (attempts) => `Failed after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: no more will be made.`,
  cancelled: (attempts) =>
    attempts === 0 ? 'Cancelled before its first attempt.' : `Cancelled after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}.`,
  skipped: () => 'Skipped: the endpoint was disabled when the event was published.',
};

/** Counts down to the next attempt. */
export function NextAttempt({ delivery }: { readonly delivery: DeliveryDetail }): ReactNode {
  const nowMs = useNow();
  const due = delivery.nextAttemptAt;
  const words = `Attempt ${delivery.attempts + 1}`;
  if (due === null) return `${words} waits.`;
  const leftMs = Date.parse(due) - nowMs;
  return leftMs <= 0 ? (
    `${words} ${delivery.stateReason === null ? 'is due now' : 'waits'}.`
  ) : (
    <>
      {words} in <span className={styles.countdown}>{duration(Math.ceil(leftMs / 1_000) * 1_000)}</span>
    </>
  );
}

/** How much of the wait is over, as a thin line. */
function Approach({ delivery }: { readonly delivery: DeliveryDetail }): ReactNode {
  const nowMs = useNow();
  const last = delivery.attemptLog.at(-1);
  if (delivery.nextAttemptAt === null || last === undefined) return null;
  const [fromMs, toMs] = [Date.parse(last.startedAt) + last.timings.totalMs, Date.parse(delivery.nextAttemptAt)];
  const over = toMs <= fromMs ? 1 : Math.min(1, Math.max(0, (nowMs - fromMs) / (toMs - fromMs)));
  return (
    <div className={styles.approach} aria-hidden="true">
      <div style={{ width: `${over * 100}%` }} />
    </div>
  );
}

function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
