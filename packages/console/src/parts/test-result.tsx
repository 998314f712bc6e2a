// What came of a test: the outcome first, then why, then what the receiver said.

import { Link } from '@tanstack/react-router';
import type { DeliveryDetail } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { paths } from '../data/paths.ts';
import { CodeBlock, Inert } from '../design/code-block.tsx';
import { OutcomePill } from '../design/pill.tsx';
import { Loading } from '../design/states.tsx';
import { duration } from '../design/time.tsx';
import styles from './test-result.module.css';

export interface TestResultProps {
  /** Undefined before anything was sent. */
  readonly delivery: DeliveryDetail | undefined;
  readonly isSending: boolean;
}

export function TestResult({ delivery, isSending }: TestResultProps): ReactNode {
  if (isSending) return <Loading lines={3} label="Sending" />;
  const attempt = delivery?.attemptLog.at(-1);
  if (delivery === undefined || attempt === undefined) return null;
  const { response, error, timings } = attempt;
  return (
    <section className={styles.result} aria-label="Result" role="status">
      <div className={styles.line}>
        <OutcomePill outcome={attempt.outcome} />
        {response !== null && <strong>{response.status}</strong>}
        <span>in {duration(timings.totalMs)}</span>
        <Link to={paths.delivery(delivery.tenant, delivery.id)} className={styles.more}>
          The whole delivery
        </Link>
      </div>
      {error !== null && (
        <p className={styles.why}>
          <Inert text={error.explanation} />
        </p>
      )}
      {response !== null && response.body !== '' && response.bodyEncoding === 'utf8' && (
        <CodeBlock label="Answer" text={response.body} note={response.bodyTruncated ? 'cut' : undefined} />
      )}
    </section>
  );
}
