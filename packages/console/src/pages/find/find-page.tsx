// Finds anything by its id, and goes there.

import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import type { LookupResult } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { usePathPart } from '../../data/url-state.ts';
import { Inert } from '../../design/code-block.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { Failure, Loading } from '../../design/states.tsx';
import { findWithin } from './find-within.ts';

export function FindPage(): ReactNode {
  const { api, viewer, canChooseTenant } = useConsole();
  const id = usePathPart('id');
  const { data, error, refetch } = useQuery({
    queryKey: ['find', id],
    queryFn: async ({ signal }) =>
      canChooseTenant || viewer.tenant === null
        ? placeOf(await api.lookup(id, { signal }))
        : findWithin(api.tenant(viewer.tenant), id, signal),
  });
  if (data !== undefined) return <Navigate to={data} replace />;
  return (
    <Page title="Find" lead={<Inert text={id} mono />}>
      <Panel>{error === null ? <Loading lines={3} /> : <Failure error={error} onRetry={() => void refetch()} />}</Panel>
    </Page>
  );
}

function placeOf(found: LookupResult): string {
  switch (found.kind) {
    case 'event':
      return paths.event(found.tenant, found.resource.id);
    case 'delivery':
    case 'attempt':
      return paths.delivery(found.tenant, found.resource.id);
    case 'endpoint':
      return paths.endpoint(found.tenant, found.resource.id);
    case 'key':
      return paths.keys;
    default:
      return found satisfies never;
  }
}
