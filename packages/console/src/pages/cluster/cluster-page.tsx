// Nodes, shards and the store.

import type { ReactNode } from 'react';
import { Page, Panel } from '../../design/page.tsx';
import { Empty } from '../../design/states.tsx';

export function ClusterPage(): ReactNode {
  return (
    <Page title="Cluster">
      <Panel>
        <Empty title="Nothing to see yet" />
      </Panel>
    </Page>
  );
}
