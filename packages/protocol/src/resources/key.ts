// Keys and what they may do.

import type { KeyId } from '../ids.ts';

/** What a key may do: `admin`, `read`, `publish` over the deployment, or `tenant` with actions over one. */
export type KeyScope = 'admin' | 'read' | 'publish' | 'tenant';

export type TenantAction = 'publish' | 'manage' | 'read';

/**
 * What a key's text begins with: Waxwing's own `wxw_`, or as the clients of a platform expect theirs (`hc_` HumanConnection,
 * `sk_live_` and `sk_test_` MeetLoyd). A platform's is for one tenant, and may no less and no more.
 */
export const KEY_FORMATS = ['wxw', 'hc', 'sk_live', 'sk_test'] as const;

export type KeyFormat = (typeof KEY_FORMATS)[number];

export interface KeyInput {
  readonly name?: string;
  readonly scope: KeyScope;
  readonly tenant?: string;
  readonly actions?: readonly TenantAction[];
  readonly expiresAt?: string | null;
  /** Default `wxw`. The others are for scope `tenant`. */
  readonly format?: KeyFormat;
}

export interface Key {
  readonly id: KeyId;
  readonly name: string;
  readonly scope: KeyScope;
  readonly tenant: string | null;
  readonly actions: readonly TenantAction[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** The answer to creation: the only one that carries the key itself. */
export interface KeyWithSecret extends Key {
  readonly key: string;
}
