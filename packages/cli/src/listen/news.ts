// What a listening session tells, as it happens: one closed union, shown to people or printed as JSON lines.

import type { DeliveryCause, RelayError } from '@waxwing/protocol';

export interface ShownRoute {
  readonly events: string;
  readonly forwardTo: string;
}

export type ListenNews =
  /** It stands. `waiting`: what is pending, and comes now. */
  | {
      readonly kind: 'ready';
      readonly listener: string;
      readonly name: string;
      readonly tenant: string;
      readonly profile: string;
      readonly eventTypes: readonly string[];
      readonly secret: string;
      readonly routes: readonly ShownRoute[];
      readonly console: string;
      /** Whether an earlier session goes on. */
      readonly resumed: boolean;
      readonly waiting: number;
    }
  | { readonly kind: 'lost'; readonly listener: string; readonly reason: string; readonly retryInMs: number }
  | { readonly kind: 'back'; readonly listener: string; readonly waiting: number }
  /** Everything that waited has come. */
  | { readonly kind: 'caught_up'; readonly listener: string; readonly replayed: number }
  | ({ readonly kind: 'message' } & Relayed)
  | ({ readonly kind: 'answer' } & Answered)
  /** Nobody takes connections there; what comes waits, in order. */
  | { readonly kind: 'app_away'; readonly forwardTo: string; readonly reason: string }
  | { readonly kind: 'app_back'; readonly forwardTo: string }
  /** Something was missed, and cannot be had any more. */
  | { readonly kind: 'gap'; readonly listener: string; readonly count: number | null; readonly sentence: string }
  | { readonly kind: 'note'; readonly sentence: string }
  | {
      readonly kind: 'ended';
      readonly listener: string;
      readonly reason: 'asked' | 'replaced' | 'deleted';
      readonly kept: boolean;
      readonly delivered: number;
      readonly undelivered: number;
      readonly gap: boolean;
      /** How to go on, where it was kept. */
      readonly state: string | null;
    };

export interface Relayed {
  readonly tenant: string;
  readonly listener: string;
  readonly event: string;
  readonly eventType: string;
  readonly delivery: string;
  readonly attempt: string;
  /** 1 and up. */
  readonly number: number;
  readonly cause: DeliveryCause;
  readonly forwardTo: string;
  readonly bytes: number;
}

export interface Answered extends Relayed {
  readonly status: number | null;
  readonly error: { readonly code: RelayError; readonly message: string } | null;
  readonly durationMs: number;
  readonly delivered: boolean;
  /** Seconds until it comes again; null when it does not. */
  readonly againInSeconds: number | null;
  /** Why, in sentences, where there is something to say. */
  readonly why: string | null;
}
