// The states of a delivery and the outcomes of an attempt: closed unions that every package switches over exhaustively.

/** Only `pending` ever changes. The rest are final. */
export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'cancelled' | 'skipped';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed', 'cancelled', 'skipped'] as const satisfies readonly DeliveryState[];

/** Why a delivery exists. */
export type DeliveryCause = 'publish' | 'retry' | 'replay' | 'test';

export const DELIVERY_CAUSES = ['publish', 'retry', 'replay', 'test'] as const satisfies readonly DeliveryCause[];

/** `active`; `failing`: its latest delivery was exhausted, still delivering; `paused`: all is held; `disabled`: new events are skipped. */
export type EndpointStatus = 'active' | 'failing' | 'paused' | 'disabled';

export const ENDPOINT_STATUSES = ['active', 'failing', 'paused', 'disabled'] as const satisfies readonly EndpointStatus[];

/** Where a connection failed. */
export type UnreachableReason = 'dns' | 'connect' | 'tls' | 'reset' | 'protocol';

/** What one attempt came to. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'unreachable'; readonly reason: UnreachableReason }
  | { readonly kind: 'blocked' };

export type OutcomeKind = Outcome['kind'];

export const OUTCOME_KINDS = ['delivered', 'refused', 'timed_out', 'unreachable', 'blocked'] as const satisfies readonly OutcomeKind[];
