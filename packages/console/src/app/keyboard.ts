// The keyboard layer: single keys that work wherever nothing is being typed. What each does stands in help.tsx as well.
//
// `j` and `k` and `r` are sent to the page as events on the window: the list or page that can act on them listens.

import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { MOVE_EVENT } from '../design/moves.ts';
import { GLOBAL_SEARCH_ID } from './global-search.tsx';
import { usePlaces } from './navigation.tsx';
import { RETRY_EVENT } from '../data/retry-key.ts';

/** After `g`, a letter within this time leads to a page. */
const CHORD_MS = 1_200;

export function useKeyboard({ onHelp }: { readonly onHelp: () => void }): void {
  const navigate = useNavigate();
  const places = usePlaces();
  const latest = useRef({ navigate, places, onHelp });
  useEffect(() => {
    latest.current = { navigate, places, onHelp };
  });
  useEffect(() => {
    let chordMs = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const { navigate: go, places: known, onHelp: help } = latest.current;
      if (Date.now() - chordMs < CHORD_MS) {
        chordMs = 0;
        const place = known.find(({ letter }) => letter === event.key);
        if (place === undefined) return;
        event.preventDefault();
        void go({ to: place.to });
        return;
      }
      switch (event.key) {
        case 'g':
          chordMs = Date.now();
          return;
        case '/':
          event.preventDefault();
          document.getElementById(GLOBAL_SEARCH_ID)?.focus();
          return;
        case '?':
          event.preventDefault();
          help();
          return;
        case 'j':
        case 'k':
          window.dispatchEvent(new CustomEvent(MOVE_EVENT, { detail: event.key === 'j' ? 1 : -1 }));
          return;
        case 'r':
          window.dispatchEvent(new CustomEvent(RETRY_EVENT));
          return;
        default:
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** Whether a key pressed there is text, or belongs to something open over the page. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest('input, textarea, select, [role="dialog"], [role="menu"], [role="listbox"]') !== null;
}
