// A link to what is shown. A portal has none to give: its address is the link's own, token and all.

import type { ReactNode } from 'react';
import { useConsole } from '../data/surroundings.tsx';
import { Button } from '../design/button.tsx';
import { toastBad, toastGood } from '../design/toasts.tsx';

export function ShareButton(): ReactNode {
  const { mode } = useConsole();
  async function share(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      toastGood('The link is copied.');
    } catch {
      toastBad(new Error('The browser does not let this page copy: copy the address by hand.'));
    }
  }
  return mode.kind === 'portal' ? null : (
    <Button icon="link" onPress={() => void share()}>
      Copy link
    </Button>
  );
}
