// One profile: its convention, its types, a sample message.

import type { ReactNode } from 'react';
import { Page, Panel } from '../../design/page.tsx';
import { Empty } from '../../design/states.tsx';

export function ProfilePage(): ReactNode {
  return (
    <Page title="Profile">
      <Panel>
        <Empty title="Nothing to see yet" />
      </Panel>
    </Page>
  );
}
