// Limits of sending: attempts at once, memory, reads.

import type { MemoryLimits } from './memory-book.ts';
import type { RefillLimits } from './refiller.ts';

export interface DispatcherLimits extends MemoryLimits, RefillLimits {
  /** Most attempts at once, over all endpoints. */
  readonly inFlightMax: number;
}

export const DISPATCHER_LIMITS: DispatcherLimits = {
  inFlightMax: 1_024,
  deliveriesMax: 50_000,
  bytesMax: 64 * 1024 * 1024,
  refillsMax: 4,
  refillBytesMax: 4 * 1024 * 1024,
};
