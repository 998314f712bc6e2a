// Pending bytes: what a pending delivery counts towards `RefillQuery.bytesMax`.

import type { PendingDelivery } from './rows.ts';

/** Its texts' characters: JSON is mostly ASCII, and the bound is about memory, not about the wire. */
export function pendingBytes(delivery: PendingDelivery): number {
  return delivery.event.data.length + (delivery.facts?.length ?? 0);
}
