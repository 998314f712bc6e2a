// What lists can be asked for. Times are ISO 8601.

import type { DeliveryCause, DeliveryState, NoticeKind, OutcomeKind } from '@waxwing/protocol';

export interface ListOptions {
  /** Items a page: 1–250. The server's default is 50. */
  readonly limit?: number;
  /** Where to begin: a `nextCursor` of the same list. */
  readonly cursor?: string;
}

export interface EventFilter extends ListOptions {
  readonly type?: string;
  /** By when received: from (included). */
  readonly from?: string;
  /** By when received: to (not included). */
  readonly to?: string;
  /** Text in the data. */
  readonly q?: string;
}

export interface DeliveryFilter extends ListOptions {
  readonly endpoint?: string;
  readonly event?: string;
  readonly type?: string;
  readonly state?: DeliveryState;
  /** The latest attempt's outcome. */
  readonly outcome?: OutcomeKind;
  readonly cause?: DeliveryCause;
  readonly from?: string;
  readonly to?: string;
}

export interface EventTypeFilter extends ListOptions {
  /** The profile whose catalogue is asked for. */
  readonly profile?: string;
}

export interface NoticeFilter extends ListOptions {
  /** The tenant that they are about. */
  readonly tenant?: string;
  readonly kind?: NoticeKind;
}

export type ListFilter = NoticeFilter | ListOptions | EventFilter | DeliveryFilter | EventTypeFilter;
