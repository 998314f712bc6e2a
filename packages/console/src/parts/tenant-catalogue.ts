// The catalogue as an endpoint meets it.

import type { EventType } from '@waxwing/protocol';
import { useMemo } from 'react';
import { useEventTypes } from '../data/queries.ts';

/** The event types that can come: of the endpoint's profile, of what the tenant publishes by, and the deployment's own. */
export function useCatalogue(profile: string, tenantProfile: string | null = null): readonly EventType[] {
  const { data } = useEventTypes(null);
  return useMemo(() => {
    const found = (data ?? []).filter((type) => type.profile === null || type.profile === profile || type.profile === tenantProfile);
    return [...new Map(found.map((type) => [type.name, type])).values()];
  }, [data, profile, tenantProfile]);
}
