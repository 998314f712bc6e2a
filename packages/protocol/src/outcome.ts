// The states of a delivery and the outcomes of an attempt: closed unions that every package switches over exhaustively.

/** Only `pending` ever changes. The rest are final. */
export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'cancelled' | 'skipped';

export const DELIVERY_STATES: readonly DeliveryState[] = ['pending', 'delivered', 'failed', 'cancelled', 'skipped'];

/** Why a delivery exists. */
export type DeliveryCause = 'publish' | 'retry' | 'replay' | 'test';

export const DELIVERY_CAUSES: readonly DeliveryCause[] = ['publish', 'retry', 'replay', 'test'];

/** `counting` what its filter takes, then `running`; `completed` when everything it made has ended, or `cancelled` by a person. */
export type ReplayState = 'counting' | 'running' | 'completed' | 'cancelled';

export const REPLAY_STATES: readonly ReplayState[] = ['counting', 'running', 'completed', 'cancelled'];

/** The states that can be replayed: the final ones. */
export type ReplayableState = Exclude<DeliveryState, 'pending'>;

export const REPLAYABLE_STATES: readonly ReplayableState[] = ['delivered', 'failed', 'cancelled', 'skipped'];

/** `active`; `failing`: its latest delivery was exhausted, still delivering; `paused`: all is held; `disabled`: new events are skipped. */
export type EndpointStatus = 'active' | 'failing' | 'paused' | 'disabled';

export const ENDPOINT_STATUSES: readonly EndpointStatus[] = ['active', 'failing', 'paused', 'disabled'];

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

export const OUTCOME_KINDS: readonly OutcomeKind[] = ['delivered', 'refused', 'timed_out', 'unreachable', 'blocked'];
