// Toasts: what just happened, said once, briefly, in the corner. Read out by screen readers; gone after a while. They name
// what people named, so their words are shown inert.

import type { ReactNode } from 'react';
import {
  Text,
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import { inertText } from './inert-text.ts';
import styles from './toasts.module.css';

interface Message {
  readonly text: string;
  readonly kind: 'good' | 'bad';
}

const SHOWN_MS = 6_000;
const queue = new ToastQueue<Message>({ maxVisibleToasts: 3 });

/** Says that something went well. */
export function toastGood(text: string): void {
  queue.add({ text, kind: 'good' }, { timeout: SHOWN_MS });
}

/** Says that something went wrong, in the words of what was thrown. */
export function toastBad(error: unknown): void {
  queue.add({ text: error instanceof Error ? error.message : String(error), kind: 'bad' }, { timeout: SHOWN_MS * 2 });
}

/** Where they appear; once in the page. */
export function Toasts(): ReactNode {
  return (
    <ToastRegion queue={queue} className={classNames(styles.region)}>
      {({ toast }) => (
        <AriaToast toast={toast} className={classNames(styles.toast, styles[toast.content.kind])}>
          <ToastContent className={styles.content ?? ''}>
            <Text slot="title">{inertText(toast.content.text)}</Text>
          </ToastContent>
          <IconButton slot="close" icon="close" label="Dismiss" small />
        </AriaToast>
      )}
    </ToastRegion>
  );
}
