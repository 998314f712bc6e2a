// How much of a lane stands in memory, and how it is read back from the store.

/** Queued deliveries kept in memory per slot of concurrency. */
export const QUEUED_PER_SLOT = 64;
/** Kept where a rate limit lets fewer leave soon. */
export const QUEUED_LEAST = 4;
/** Kept of an endpoint that has failed several times running: those behind wait in the store. */
export const QUEUED_SUSPECT = 4;
/** Deliveries due later than this stay in the store: a retry in five minutes costs disk, not memory. */
export const NEAR_MS = 15_000;
export const REFILL_ROWS_MIN = 32;
export const REFILL_ROWS_MAX = 512;
export const REFILL_AGAIN_MS = 1_000;
