// One replay and its progress.

import type { ReactNode } from 'react';
import { Page, Panel } from '../../design/page.tsx';
import { Empty } from '../../design/states.tsx';

export function ReplayPage(): ReactNode {
  return (
    <Page title="Replay">
      <Panel>
        <Empty title="Nothing to see yet" />
      </Panel>
    </Page>
  );
}
