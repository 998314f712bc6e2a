// The catalogue as an endpoint meets it.

import type { EventType } from '@waxwing/protocol';
import { useMemo } from 'react';
import { useEventTypes } from '../data/queries.ts';

/** The tenant that Waxwing tells of itself; nobody else gets its events. */
const OPERATIONAL_TENANT = 'waxwing';

export interface CatalogueOf {
  readonly tenant: string | null;
  /** The endpoint's. */
  readonly profile: string;
  /** What the tenant publishes by, where that is known. */
  readonly tenantProfile?: string | null;
}

/** The event types that can come: of the endpoint's profile first, of what the tenant publishes by, the deployment's own. */
export function useCatalogue({ tenant, profile, tenantProfile = null }: CatalogueOf): readonly EventType[] {
  const { data } = useEventTypes(null);
  return useMemo(() => {
    const all = data ?? [];
    if (tenant === OPERATIONAL_TENANT) return all.filter(isOperational);
    const nearest = [profile, tenantProfile, null];
    const found = nearest.flatMap((of) => all.filter((type) => type.profile === of && !isOperational(type)));
    return [...new Map(found.toReversed().map((type) => [type.name, type])).values()].toReversed();
  }, [data, tenant, profile, tenantProfile]);
}

/** What Waxwing tells of itself: built in, and of no profile. */
export function isOperational({ profile, builtIn }: EventType): boolean {
  return profile === null && builtIn;
}
