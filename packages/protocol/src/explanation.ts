// Why an endpoint did or did not get an event: a closed union, one reason an answer, each with its sentence.

/**
 * There is a delivery: `delivered`; `in_flight` (an attempt is under way); `retrying` (an attempt failed, the next one is set);
 * `waiting` (due, its turn comes); `held` (the endpoint is paused or disabled now); `fifo_wait` (another one goes first);
 * `rate_limited`, `resting` (the endpoint's rate, or the rest its receiver asked for); `failed`; `expired` (retention ended it);
 * `skipped` (the endpoint was disabled when it was published); `cancelled`; `endpoint_deleted` (which cancelled it).
 *
 * There is none: `endpoint_deleted` (before the event); `endpoint_newer` (made after the event); `not_subscribed`;
 * `subscription_edited` (matches now, was edited after the event); `not_made_yet` (a wide fan-out is still being made);
 * `no_longer_kept` (retention removed it).
 */
export type ExplanationReason =
  | 'delivered'
  | 'in_flight'
  | 'retrying'
  | 'waiting'
  | 'held'
  | 'fifo_wait'
  | 'rate_limited'
  | 'resting'
  | 'failed'
  | 'expired'
  | 'skipped'
  | 'cancelled'
  | 'endpoint_deleted'
  | 'endpoint_newer'
  | 'not_subscribed'
  | 'subscription_edited'
  | 'not_made_yet'
  | 'no_longer_kept';

export const EXPLANATION_REASONS: readonly ExplanationReason[] = [
  'delivered',
  'in_flight',
  'retrying',
  'waiting',
  'held',
  'fifo_wait',
  'rate_limited',
  'resting',
  'failed',
  'expired',
  'skipped',
  'cancelled',
  'endpoint_deleted',
  'endpoint_newer',
  'not_subscribed',
  'subscription_edited',
  'not_made_yet',
  'no_longer_kept',
];
