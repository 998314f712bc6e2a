// Endpoints, as given and as answered.

import type { EndpointId } from '../ids.ts';
import type { EndpointStatus } from '../outcome.ts';
import type { Reactions } from '../profile.ts';

export type Ordering = 'none' | 'fifo';

/**
 * An endpoint that calls an agent instead of telling it: each event that it takes arrives as a `room.call`, whose data is
 * the event's with `payload` merged in, member by member. For profiles that have calls (meshagent).
 */
export interface EndpointCall {
  readonly payload: { readonly [member: string]: unknown };
}

/** What creation takes. Only `url` is required; the rest comes from the tenant's profile. */
export interface EndpointInput {
  readonly url: string;
  readonly name?: string;
  readonly description?: string;
  readonly profile?: string;
  readonly eventTypes?: readonly string[];
  readonly secret?: string;
  readonly status?: 'active' | 'paused' | 'disabled';
  readonly headers?: { readonly [name: string]: string };
  readonly verifyTls?: boolean;
  readonly timeoutSeconds?: number;
  readonly maxRetries?: number;
  readonly retryScheduleSeconds?: readonly number[];
  readonly concurrency?: number;
  readonly rateLimitPerSecond?: number | null;
  readonly ordering?: Ordering;
  readonly reactions?: Partial<Reactions>;
  /** Null for an endpoint that is told of events, as they are. */
  readonly call?: EndpointCall | null;
}

/** What an edit takes: any of creation's fields save `profile` and `secret`. */
export type EndpointPatch = Partial<Omit<EndpointInput, 'profile' | 'secret'>>;

export interface Endpoint {
  readonly id: EndpointId;
  readonly tenant: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly profile: string;
  readonly eventTypes: readonly string[];
  readonly status: EndpointStatus;
  readonly statusReason: string | null;
  readonly statusChangedAt: string | null;
  readonly headers: { readonly [name: string]: string };
  readonly verifyTls: boolean;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly retryScheduleSeconds: readonly number[];
  readonly concurrency: number;
  readonly rateLimitPerSecond: number | null;
  readonly ordering: Ordering;
  readonly reactions: Reactions;
  readonly call: EndpointCall | null;
  /** When the old secret's grace ends, while a rotation is under way. */
  readonly secretGraceEndsAt: string | null;
  readonly lastTriggeredAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The answer to creation and rotation: the only two that carry the secret. */
export interface EndpointWithSecret extends Endpoint {
  readonly secret: string;
  /** The public key (`whpk_…`), when the secret is an ed25519 pair. */
  readonly publicKey?: string;
  readonly warning?: string;
}
