// What every page stands in: the client, who looks, which tenant is chosen, and whether this is the portal. Pages ask for
// it by `useConsole()` and so work in the console and in the portal alike.

import { useNavigate, useSearch } from '@tanstack/react-router';
import type { TenantClient, Waxwing } from '@waxwing/client';
import type { TenantAction } from '@waxwing/protocol';
import { createContext, useContext, useMemo } from 'react';
import type { ReactNode } from 'react';
import { may, seesAll } from './viewer.ts';
import type { Viewer } from './viewer.ts';

/** The console of a signed-in key, or the portal of one tenant, framed or on its own. */
export type Mode = { readonly kind: 'console' } | { readonly kind: 'portal'; readonly link: string; readonly token: string };

/** What stands for as long as the page is open. */
export interface Foundation {
  readonly api: Waxwing;
  readonly mode: Mode;
}

export interface Console extends Foundation {
  readonly viewer: Viewer;
  /** The tenant looked at; null for all of them (operators only). */
  readonly tenant: string | null;
  /** Whether another tenant can be chosen. */
  readonly canChooseTenant: boolean;
  readonly chooseTenant: (tenant: string | null) => void;
  /** Whether the viewer may do this to a tenant's things. */
  readonly may: (action: TenantAction) => boolean;
  /** Whether the viewer may change the deployment: keys, profiles, event types. */
  readonly mayAdminister: boolean;
  /** One tenant's calls. */
  readonly of: (tenant: string) => TenantClient;
}

const Context = createContext<Console | null>(null);

export function ConsoleProvider({
  foundation,
  viewer,
  children,
}: {
  readonly foundation: Foundation;
  readonly viewer: Viewer;
  readonly children: ReactNode;
}): ReactNode {
  const search: unknown = useSearch({ strict: false });
  const navigate = useNavigate();
  const asked = tenantOf(search);
  const tenant = seesAll(viewer) ? asked : viewer.tenant;
  const value = useMemo<Console>(
    () => ({
      ...foundation,
      viewer,
      tenant,
      canChooseTenant: seesAll(viewer),
      chooseTenant: (next) => void navigate({ to: '.', search: (before: object) => ({ ...before, tenant: next ?? undefined }) }),
      may: (action) => may(viewer, action),
      mayAdminister: viewer.scope === 'admin',
      of: (id) => foundation.api.tenant(id),
    }),
    [foundation, viewer, tenant, navigate],
  );
  return <Context value={value}>{children}</Context>;
}

/** What this page stands in. */
export function useConsole(): Console {
  const value = useContext(Context);
  if (value === null) throw new Error('useConsole is for what stands inside the shell');
  return value;
}

function tenantOf(search: unknown): string | null {
  const tenant: unknown = typeof search === 'object' && search !== null && 'tenant' in search ? search.tenant : null;
  return typeof tenant === 'string' && tenant !== '' ? tenant : null;
}
