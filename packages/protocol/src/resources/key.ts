// Keys and what they may do.

import type { KeyId } from '../ids.ts';

/** What a key may do: `admin`, `read`, `publish` over the deployment, or `tenant` with actions over one. */
export type KeyScope = 'admin' | 'read' | 'publish' | 'tenant';

export type TenantAction = 'publish' | 'manage' | 'read';

export interface KeyInput {
  readonly name?: string;
  readonly scope: KeyScope;
  readonly tenant?: string;
  readonly actions?: readonly TenantAction[];
  readonly expiresAt?: string | null;
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
