// Decisions: (delivery, outcome, now) → transition. Pure: no store, no sender, no clock, no randomness of its own.
//
// Everything that an attempt's outcome leads to is said here, once: the delivery's next state and due time, and what
// it means for the endpoint (failing, recovered, disabled, slowed). The engine only carries it out.

import { retryDelayMs, type EndpointStatus, type Outcome, type Reactions } from '@waxwing/protocol';

/** What a decision needs to know of the delivery. */
export interface DeliverySoFar {
  /** Attempts made, the one being judged included. */
  readonly attempts: number;
  /** Whether the schedule applies; a test delivery has one attempt. */
  readonly retries: boolean;
}

/** What a decision needs to know of the endpoint. */
export interface EndpointPolicy {
  readonly maxRetries: number;
  readonly delaysSeconds: readonly number[];
  readonly jitterRatio: number;
  readonly reactions: Reactions;
  readonly status: EndpointStatus;
  /** Since when every attempt has failed; null while the latest one succeeded. */
  readonly failingSinceMs: number | null;
}

export interface Judged {
  readonly outcome: Outcome;
  readonly retryAfterMs: number | null;
  /** When the attempt began and ended. */
  readonly startedMs: number;
  readonly endedMs: number;
}

export type NextState =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly dueMs: number }
  | { readonly kind: 'failed'; readonly reason: 'schedule exhausted' | 'endpoint gone' | 'test' };

/** A change of the endpoint's status, or null. */
export type StatusChange =
  | { readonly status: 'active'; readonly reason: null }
  | { readonly status: 'failing' | 'disabled'; readonly reason: string };

export interface Transition {
  readonly next: NextState;
  readonly status: StatusChange | null;
  /** The endpoint's new `failingSinceMs`. */
  readonly failingSinceMs: number | null;
  /** How long the whole endpoint rests; 0 for not at all. */
  readonly slowMs: number;
}

const SLOW_STATUSES: ReadonlySet<number> = new Set([429, 502, 504]);
/** How long an endpoint rests that answered 429, 502 or 504 without saying for how long. */
const SLOW_MS = 2_000;
/** The longest rest that one answer can ask of the whole endpoint; the delivery itself may wait up to 24 h. */
const SLOW_MS_MAX = 60_000;

/** Judges one attempt. `unit` is a random number from 0 to 1, for the schedule's jitter. */
export function decide(delivery: DeliverySoFar, endpoint: EndpointPolicy, judged: Judged, unit: number): Transition {
  const { outcome } = judged;
  if (outcome.kind === 'delivered') {
    const recovered = endpoint.status === 'failing';
    return { next: { kind: 'delivered' }, status: recovered ? { status: 'active', reason: null } : null, failingSinceMs: null, slowMs: 0 };
  }
  const failingSinceMs = endpoint.failingSinceMs ?? judged.startedMs;
  const next = nextAfterFailure(delivery, endpoint, judged, unit);
  return {
    next,
    status: statusAfterFailure(endpoint, judged, next, failingSinceMs),
    failingSinceMs,
    slowMs: rest(endpoint.reactions, judged),
  };
}

function nextAfterFailure(delivery: DeliverySoFar, endpoint: EndpointPolicy, judged: Judged, unit: number): NextState {
  if (!delivery.retries) return { kind: 'failed', reason: 'test' };
  if (isGone(endpoint.reactions, judged.outcome)) return { kind: 'failed', reason: 'endpoint gone' };
  if (delivery.attempts > endpoint.maxRetries) return { kind: 'failed', reason: 'schedule exhausted' };
  const delayMs = retryDelayMs(endpoint, delivery.attempts, unit);
  const asked = endpoint.reactions.retryAfterHonoured ? (judged.retryAfterMs ?? 0) : 0;
  return { kind: 'retry', dueMs: judged.endedMs + Math.max(delayMs, asked) };
}

function statusAfterFailure(endpoint: EndpointPolicy, judged: Judged, next: NextState, failingSinceMs: number): StatusChange | null {
  if (endpoint.status === 'disabled') return null;
  if (isGone(endpoint.reactions, judged.outcome)) return { status: 'disabled', reason: 'the receiver answered 410 Gone' };
  const afterSeconds = endpoint.reactions.disableAfterSeconds;
  if (afterSeconds !== null && judged.endedMs - failingSinceMs >= afterSeconds * 1_000) {
    return { status: 'disabled', reason: `every attempt has failed since ${new Date(failingSinceMs).toISOString()}` };
  }
  const exhausted = next.kind === 'failed' && next.reason === 'schedule exhausted';
  if (exhausted && endpoint.status === 'active') {
    return { status: 'failing', reason: `a delivery failed after ${attempts(endpoint.maxRetries + 1)}: ${describe(judged.outcome)}` };
  }
  return null;
}

function attempts(count: number): string {
  return count === 1 ? '1 attempt' : `${count} attempts`;
}

function rest(reactions: Reactions, judged: Judged): number {
  if (!reactions.overloadSlows || judged.outcome.kind !== 'refused' || !SLOW_STATUSES.has(judged.outcome.status)) return 0;
  return Math.min(Math.max(judged.retryAfterMs ?? SLOW_MS, 0), SLOW_MS_MAX);
}

function isGone(reactions: Reactions, outcome: Outcome): boolean {
  return reactions.goneDisables && outcome.kind === 'refused' && outcome.status === 410;
}

/** An outcome in a few words, for reasons and notices. */
export function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'delivered':
      return `answered ${outcome.status}`;
    case 'refused':
      return `answered ${outcome.status}`;
    case 'timed_out':
      return 'timed out';
    case 'unreachable':
      return `could not be reached (${outcome.reason})`;
    case 'blocked':
      return 'blocked by the egress policy';
    default:
      return outcome satisfies never;
  }
}
