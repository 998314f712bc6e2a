// Copies a text, and says that it did.

import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, IconButton } from './button.tsx';
import { toastBad } from './toasts.tsx';

const SAID_MS = 1_500;

export interface CopyButtonProps {
  /** What is copied; asked for when pressed. */
  readonly text: string | (() => string);
  /** What it copies, in words: "Copy the id". */
  readonly label: string;
  /** Shows the label as well. */
  readonly wordy?: boolean;
}

export function CopyButton({ text, label, wordy = false }: CopyButtonProps): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setCopied(true);
    } catch {
      toastBad(new Error('The browser does not let this page copy: select the text and copy it by hand.'));
    }
  }
  const icon = copied ? 'check' : 'copy';
  const onPress = (): void => void copy();
  return wordy ? (
    <Button small icon={icon} onPress={onPress}>
      {copied ? 'Copied' : label}
    </Button>
  ) : (
    <IconButton small icon={icon} label={copied ? 'Copied' : label} onPress={onPress} />
  );
}
