// Around a tail: whether it is held, and what waits. It is held while it is paused by hand, while the reader has scrolled
// down in it or stands on one of its rows; then new rows are counted on a button that leads to them.

import { useCallback, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { Button } from '../design/button.tsx';
import { compact } from '../design/numbers.ts';
import styles from './tail-frame.module.css';

export interface Reading {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly paused: boolean;
  readonly pause: (paused: boolean) => void;
  readonly held: boolean;
  readonly noticed: (change: { readonly scrolled?: boolean; readonly onRow?: boolean }) => void;
}

const AT_TOP_PX = 8;

/** Whether a tail is held; for one `<TailFrame>`. */
export function useReading(): Reading {
  const frame = useRef<HTMLDivElement>(null);
  const [paused, pause] = useState(false);
  const [reading, setReading] = useState({ scrolled: false, onRow: false });
  const noticed = useCallback(
    (change: { readonly scrolled?: boolean; readonly onRow?: boolean }) =>
      setReading((before) => {
        const next = { ...before, ...change };
        return next.scrolled === before.scrolled && next.onRow === before.onRow ? before : next;
      }),
    [],
  );
  return { frame, paused, pause, held: paused || reading.scrolled || reading.onRow, noticed };
}

export function TailFrame({
  reading,
  waiting,
  letIn,
  noun,
  children,
}: {
  readonly reading: Reading;
  readonly waiting: number;
  readonly letIn: () => void;
  /** What waits, in one word: `event`. */
  readonly noun: string;
  readonly children: ReactNode;
}): ReactNode {
  const { frame, noticed } = reading;
  const show = (): void => {
    letIn();
    frame.current?.querySelector('[role="table"]')?.scrollTo({ top: 0 });
  };
  return (
    <div
      ref={frame}
      className={styles.frame}
      onScrollCapture={({ target }) => {
        if (target instanceof Element && target.getAttribute('role') === 'table') noticed({ scrolled: target.scrollTop > AT_TOP_PX });
      }}
      onFocusCapture={({ target }) => noticed({ onRow: target.closest('[data-index]') !== null })}
      onBlurCapture={({ relatedTarget }) =>
        noticed({ onRow: relatedTarget instanceof Element && relatedTarget.closest('[data-index]') !== null })
      }
    >
      <div className={styles.waiting} role="status">
        {waiting > 0 && (
          <Button small kind="primary" onPress={show}>
            {`${compact(waiting)} new ${waiting === 1 ? noun : `${noun.replace(/y$/, 'ie')}s`}`}
          </Button>
        )}
      </div>
      {children}
    </div>
  );
}

/** Pauses a tail, and lets it go on. */
export function PauseButton({ reading, waiting }: { readonly reading: Reading; readonly waiting: number }): ReactNode {
  const { paused, pause } = reading;
  return (
    <Button icon={paused ? 'play' : 'pause'} onPress={() => pause(!paused)}>
      {paused ? (waiting > 0 ? `Go on (${compact(waiting)})` : 'Go on') : 'Pause'}
    </Button>
  );
}
