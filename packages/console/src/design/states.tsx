// What a page shows when there is nothing yet, nothing at all, or something wrong. Each takes the room that the thing
// itself will take, so that nothing jumps.

import { WaxwingApiError } from '@waxwing/client';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';
import styles from './states.module.css';

export interface EmptyProps {
  readonly icon?: IconName;
  readonly title: string;
  /** What to do about it. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function Empty({ icon = 'search', title, children, action }: EmptyProps): ReactNode {
  return (
    <div className={styles.state}>
      <span className={styles.icon}>
        <Icon name={icon} size={22} />
      </span>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <div className={styles.text}>{children}</div>}
      {action}
    </div>
  );
}

export interface FailureProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What went wrong, in the server's own words, and a way to try again. */
export function Failure({ error, onRetry }: FailureProps): ReactNode {
  const title = error instanceof WaxwingApiError ? error.title : 'Something went wrong';
  const detail = error instanceof WaxwingApiError ? error.detail : error instanceof Error ? error.message : String(error);
  const requestId = error instanceof WaxwingApiError ? error.requestId : null;
  return (
    <div className={styles.state} role="alert">
      <span className={styles.bad}>
        <Icon name="warning" size={22} />
      </span>
      <p className={styles.title}>{title}</p>
      <div className={styles.text}>{detail}</div>
      {requestId !== null && (
        <div className={styles.text}>
          Request <code>{requestId}</code>
        </div>
      )}
      {onRetry !== undefined && <Button onPress={onRetry}>Try again</Button>}
    </div>
  );
}

/** A grey place for a line of text. `width` in em. */
export function Skeleton({ width = 8, height = 1 }: { readonly width?: number; readonly height?: number }): ReactNode {
  return <span className={styles.skeleton} style={{ width: `${width}em`, height: `${height}em` }} aria-hidden="true" />;
}

/** Grey lines where a block of content will be; says once that it loads. */
export function Loading({ lines = 6, label = 'Loading' }: { readonly lines?: number; readonly label?: string }): ReactNode {
  return (
    <div className={styles.loading} role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} width={[28, 22, 34, 18, 30, 24][index % 6] ?? 20} height={1.1} />
      ))}
    </div>
  );
}
