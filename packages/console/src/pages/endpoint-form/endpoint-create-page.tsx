// Create an endpoint: its form comes from its profile.

import type { ReactNode } from 'react';
import { Page, Panel } from '../../design/page.tsx';
import { Empty } from '../../design/states.tsx';

export function EndpointCreatePage(): ReactNode {
  return (
    <Page title="New endpoint">
      <Panel>
        <Empty title="Nothing to see yet" />
      </Panel>
    </Page>
  );
}
