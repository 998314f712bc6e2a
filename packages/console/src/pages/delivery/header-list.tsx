// Headers as they were sent or came, one a line; values that are secret say so.

import type { ReactNode } from 'react';
import { Inert } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import styles from './delivery.module.css';

/** As the API writes the value of an endpoint's own header: it may be a credential. */
const HIDDEN = '(hidden)';

export function HeaderList({
  label,
  headers,
}: {
  readonly label: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}): ReactNode {
  const text = headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  return (
    <section className={styles.headers} aria-label={label}>
      <div className={styles.headersHead}>
        <span>{label}</span>
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
      </div>
      {headers.length === 0 ? (
        <p className={styles.none}>None.</p>
      ) : (
        <dl className={styles.headerList}>
          {headers.map(([name, value], index) => (
            <div key={index}>
              <dt>
                <Inert text={name} mono />
              </dt>
              <dd>
                {value === HIDDEN ? (
                  <span className={styles.faint}>hidden: the endpoint&rsquo;s own header</span>
                ) : (
                  <Inert text={value} mono />
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
