// Positions: where a delivery stands in its lane's order.

/** A place in a lane's order. */
export interface Position {
  readonly dueMs: number;
  readonly seq: number;
}

/** Below 0 when `a` comes before `b`. */
export type ComparePositions = (a: Position, b: Position) => number;

/** By when due, then by the order of publishing. */
export const byDue: ComparePositions = (a, b) => a.dueMs - b.dueMs || a.seq - b.seq;

/** By the order of publishing alone: FIFO. */
export const bySeq: ComparePositions = (a, b) => a.seq - b.seq;

/** The place just before another. */
export function before(place: Position): Position {
  return { dueMs: place.dueMs, seq: place.seq - 1 };
}
