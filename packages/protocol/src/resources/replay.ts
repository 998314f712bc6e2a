// Replays, and why an endpoint did or did not get an event.

import type { DeliveryId, EndpointId, ReplayId } from '../ids.ts';
import type { ExplanationReason } from '../explanation.ts';
import type { ReplayableState, ReplayState } from '../outcome.ts';
import type { DeliverySummary } from './delivery.ts';

/** Which deliveries to replay. The latest one of each event and endpoint counts: what was delivered by a retry since is left alone. */
export interface ReplayInput {
  /** An endpoint's id; all of the tenant's when left out. */
  readonly endpoint?: string;
  /** Names, `prefix.*` or `*`; all when left out. */
  readonly types?: readonly string[];
  /** Default: failed and skipped. */
  readonly states?: readonly ReplayableState[];
  /** By when the delivery was made: from (included), to (not). ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  /** Only counts. */
  readonly dryRun?: boolean;
}

/** What a dry run answers. */
export interface ReplayCount {
  readonly count: number;
}

/** A replay and how far it is. */
export interface Replay {
  readonly id: ReplayId;
  readonly tenant: string;
  readonly state: ReplayState;
  /** What was asked for. */
  readonly endpoint: string | null;
  readonly types: readonly string[] | null;
  readonly states: readonly ReplayableState[];
  readonly from: string | null;
  readonly to: string | null;
  /** Deliveries that the filter takes; null while they are counted. */
  readonly total: number | null;
  /** Of these, how many new deliveries were made; made, how many have ended; ended, how many without being delivered. */
  readonly made: number;
  readonly done: number;
  readonly failed: number;
  /** What it waits for, where it waits. */
  readonly note: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** Why an endpoint did or did not get an event. */
export interface Explanation {
  readonly event: string;
  readonly eventType: string;
  readonly endpoint: EndpointId;
  readonly reason: ExplanationReason;
  /** The reason in a sentence, with its times and names. */
  readonly sentence: string;
  /** More that helps: an edited subscription, other deliveries of this event to this endpoint. */
  readonly notes: readonly string[];
  /** The latest delivery of this event to this endpoint. */
  readonly delivery: DeliverySummary | null;
  /** What went wrong in the latest attempt, in plain words. */
  readonly lastError: string | null;
  /** The delivery that goes first (`fifo_wait`). */
  readonly behind: DeliveryId | null;
}
