// The words that deliveries are filtered by. (As values they stand in @waxwing/protocol's index, which the browser does not
// take: it brings node:crypto. The records keep them whole.)

import type { DeliveryCause, DeliveryState, OutcomeKind } from '@waxwing/protocol';

const STATES: { readonly [S in DeliveryState]: S } = {
  pending: 'pending',
  delivered: 'delivered',
  failed: 'failed',
  cancelled: 'cancelled',
  skipped: 'skipped',
};
const OUTCOMES: { readonly [O in OutcomeKind]: O } = {
  delivered: 'delivered',
  refused: 'refused',
  timed_out: 'timed_out',
  unreachable: 'unreachable',
  blocked: 'blocked',
};
const CAUSES: { readonly [C in DeliveryCause]: C } = { publish: 'publish', retry: 'retry', replay: 'replay', test: 'test' };

export const DELIVERY_STATES: readonly DeliveryState[] = Object.values(STATES);
export const OUTCOME_KINDS: readonly OutcomeKind[] = Object.values(OUTCOMES);
export const DELIVERY_CAUSES: readonly DeliveryCause[] = Object.values(CAUSES);
