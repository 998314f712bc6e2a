// Portal links: a tenant's own view of the console, opened by a link, for a while.

import type { KeyId } from '../ids.ts';
import type { TenantAction } from './key.ts';

export const PORTAL_MODES = ['light', 'dark', 'auto'] as const;

/** How a portal looks. */
export interface PortalTheme {
  readonly name?: string;
  /** https */
  readonly logoUrl?: string;
  /** `#rgb` or `#rrggbb` */
  readonly color?: string;
  readonly mode?: (typeof PORTAL_MODES)[number];
}

export interface PortalLinkInput {
  /** 60 to 86,400; default 3,600. Never longer than the key that makes the link. */
  readonly expiresInSeconds?: number;
  /** Default: `manage` and `read`. No more than the key that makes the link may do. */
  readonly actions?: readonly TenantAction[];
  readonly theme?: PortalTheme;
  /** Who may frame the portal: https origins (http for loopback hosts). Nobody by default. */
  readonly origins?: readonly string[];
}

/** The answer to creation: the only one that carries the token, behind `#` in the URL, where no server sees it. */
export interface PortalLink {
  /** The id of the key behind it: revoking that key ends the link. */
  readonly id: KeyId;
  readonly url: string;
  readonly expiresAt: string;
}
