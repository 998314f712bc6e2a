// How far something is: a bar, and the same in words.

import type { ReactNode } from 'react';
import { classNames } from '../design/class-names.ts';
import styles from './progress-bar.module.css';

export interface ProgressBarProps {
  readonly label: string;
  /** 0 to 1; null while that is not known. */
  readonly ratio: number | null;
  /** The share of it that went wrong. */
  readonly badRatio?: number;
  /** In words, beside the bar. */
  readonly children?: ReactNode;
}

export function ProgressBar({ label, ratio, badRatio = 0, children }: ProgressBarProps): ReactNode {
  const percent = ratio === null ? 0 : Math.floor(ratio * 1000) / 10;
  return (
    <div className={styles.progress}>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(ratio === null ? {} : { 'aria-valuenow': percent })}
        className={classNames(styles.track, ratio === null && styles.unknown)}
      >
        <span className={styles.good} style={{ width: `${percent - badRatio * 100}%` }} />
        <span className={styles.bad} style={{ width: `${badRatio * 100}%` }} />
      </div>
      {children !== undefined && children !== false && <span className={styles.words}>{children}</span>}
    </div>
  );
}
