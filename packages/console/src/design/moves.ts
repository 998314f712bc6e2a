// `j` and `k` through the rows of a list: the row's own link gets the focus, so Enter and screen readers follow.
//
// The list on the page that was touched last listens; the keys themselves come from the keyboard layer as events, so that
// a page may hold several lists and none knows of the keyboard.

import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

/** Sent on the window by the keyboard layer: `detail` is how many rows to move. */
export const MOVE_EVENT = 'waxwing-move';

export interface Moves {
  readonly count: number;
  /** Brings a row into the page. */
  readonly show: (index: number) => void;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly onCurrent: (index: number | null) => void;
}

/** The index of the current row; null before any was. */
export function useMoves(moves: Moves): number | null {
  const [current, setCurrent] = useState<number | null>(null);
  const latest = useRef(moves);
  const place = useRef<number | null>(null); // not the state: two keys may come before the next drawing
  useEffect(() => {
    latest.current = moves;
  });
  useEffect(() => {
    const element = moves.scroller.current;
    if (element === null) return undefined;
    const become = (index: number): void => {
      place.current = index;
      setCurrent(index);
      latest.current.onCurrent(index);
    };
    const onMove = (event: Event): void => {
      const now = latest.current;
      const at = place.current;
      const step: unknown = event instanceof CustomEvent ? event.detail : 0;
      if (now.count === 0 || typeof step !== 'number' || !isFirstList(element)) return;
      const next = at === null ? 0 : Math.max(0, Math.min(now.count - 1, at + step));
      become(next);
      now.show(next);
      focusSoon(element, next, () => place.current === next);
    };
    const onFocus = (event: FocusEvent): void => {
      const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
      const index = row?.getAttribute('data-index');
      if (index !== null && index !== undefined) become(Number(index));
    };
    window.addEventListener(MOVE_EVENT, onMove);
    element.addEventListener('focusin', onFocus);
    return () => {
      window.removeEventListener(MOVE_EVENT, onMove);
      element.removeEventListener('focusin', onFocus);
    };
  }, [moves.scroller]);
  return current !== null && current < moves.count ? current : null;
}

/** The list that holds the focus moves; where none does, the first on the page. */
function isFirstList(element: Element): boolean {
  const focused = document.activeElement?.closest('[role="table"]') ?? null;
  return (focused ?? document.querySelector('main [role="table"]')) === element;
}

const FRAMES_MAX = 30;

/** Once the row is drawn: a frame later, or some where the machine is busy. Not any more when the reader has moved on. */
function focusSoon(element: Element, index: number, isStillMeant: () => boolean, frames = FRAMES_MAX): void {
  requestAnimationFrame(() => {
    if (!isStillMeant()) return;
    const link = element.querySelector(`[data-index="${index}"] a`);
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
    else if (frames > 0) focusSoon(element, index, isStillMeant, frames - 1);
  });
}
