// Where an attempt's time went, as one bar: dns, connect, tls, the wait for the first byte, the rest.

import type { Attempt, AttemptTimings } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { duration } from '../../design/time.tsx';
import styles from './timings.module.css';

interface Part {
  readonly id: 'dns' | 'connect' | 'tls' | 'wait' | 'rest' | 'lost';
  readonly label: string;
  readonly ms: number;
}

export function TimingsBar({ timings, outcome }: { readonly timings: AttemptTimings; readonly outcome: Attempt['outcome'] }): ReactNode {
  const parts = partsOf(timings, outcome);
  const reused = timings.connectMs === null && timings.firstByteMs !== null;
  return (
    <section className={styles.timings} aria-label={`Timings: ${parts.map(({ label, ms }) => `${label} ${duration(ms)}`).join(', ')}`}>
      <div className={styles.bar} aria-hidden="true">
        {parts.map(({ id, ms }) => (
          <div key={id} data-part={id} style={{ flexGrow: Math.max(1, (1_000 * ms) / Math.max(timings.totalMs, 0.01)) }} />
        ))}
      </div>
      <ul className={styles.legend}>
        {parts.map(({ id, label, ms }) => (
          <li key={id}>
            <span className={styles.swatch} data-part={id} aria-hidden="true" />
            {label} <b>{duration(ms)}</b>
          </li>
        ))}
        <li className={styles.total}>
          total <b>{duration(timings.totalMs)}</b>
        </li>
      </ul>
      {reused && <p className={styles.note}>Sent over a connection that was open already.</p>}
    </section>
  );
}

/** The stages that took place, each with its own length; what is left of the whole is the rest. */
function partsOf({ dnsMs, connectMs, tlsMs, firstByteMs, totalMs }: AttemptTimings, outcome: Attempt['outcome']): readonly Part[] {
  const known = [
    { id: 'dns', label: 'dns', ms: dnsMs },
    { id: 'connect', label: 'connect', ms: connectMs },
    { id: 'tls', label: 'tls', ms: tlsMs },
    { id: 'wait', label: 'first byte', ms: firstByteMs },
  ] as const;
  const stages = known.flatMap(({ id, label, ms }) => (ms === null ? [] : [{ id, label, ms }]));
  const restMs = totalMs - stages.reduce((sum, { ms }) => sum + ms, 0);
  const restWords = firstByteMs !== null ? 'the rest' : outcome === 'timed_out' ? 'until it timed out' : 'until it failed';
  return restMs < 0.05 && stages.length > 0
    ? stages
    : [...stages, { id: firstByteMs === null ? 'lost' : 'rest', label: restWords, ms: Math.max(0, restMs) }];
}
