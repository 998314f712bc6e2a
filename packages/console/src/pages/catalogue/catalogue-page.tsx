// Profiles and event types.

import type { ReactNode } from 'react';
import { Page, Panel } from '../../design/page.tsx';
import { Empty } from '../../design/states.tsx';

export function CataloguePage(): ReactNode {
  return (
    <Page title="Catalogue">
      <Panel>
        <Empty title="Nothing to see yet" />
      </Panel>
    </Page>
  );
}
