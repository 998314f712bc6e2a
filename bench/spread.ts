// How traffic spreads over endpoints: in turn, or as real traffic does, few of them taking most (Zipf, exponent 1).
//
// Seeded: every run draws the same endpoints.

export type Spread = 'even' | 'zipf';

/** Draws endpoint numbers below `endpoints`. */
export function pickEndpoints(spread: Spread, endpoints: number): () => number {
  switch (spread) {
    case 'even': {
      let n = 0;
      return () => n++ % endpoints;
    }
    case 'zipf':
      return zipf(endpoints);
    default:
      return spread satisfies never;
  }
}

/** Endpoint n is drawn with a weight of 1 / (n + 1). */
function zipf(endpoints: number): () => number {
  const reached = new Float64Array(endpoints);
  let sum = 0;
  for (let n = 0; n < endpoints; n++) reached[n] = sum += 1 / (n + 1);
  const random = randomness(20_261_121);
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = endpoints - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((reached[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** A small generator (mulberry32): enough for drawing endpoints. */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
