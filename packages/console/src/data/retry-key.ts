// `r`: the page that can retry what is current listens.

import { useEffect, useRef } from 'react';

/** Sent on the window by the keyboard layer. */
export const RETRY_EVENT = 'waxwing-retry';

/** Runs when `r` is pressed and nothing is being typed; null while there is nothing to retry. */
export function useRetryKey(retry: (() => void) | null): void {
  const latest = useRef(retry);
  useEffect(() => {
    latest.current = retry;
  });
  useEffect(() => {
    const onRetry = (): void => latest.current?.();
    window.addEventListener(RETRY_EVENT, onRetry);
    return () => window.removeEventListener(RETRY_EVENT, onRetry);
  }, []);
}
