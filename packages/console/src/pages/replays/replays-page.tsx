// Replays, and how far they are.

import type { ReactNode } from 'react';
import { Page, Panel } from '../../design/page.tsx';
import { Empty } from '../../design/states.tsx';

export function ReplaysPage(): ReactNode {
  return (
    <Page title="Replays">
      <Panel>
        <Empty title="Nothing to see yet" />
      </Panel>
    </Page>
  );
}
