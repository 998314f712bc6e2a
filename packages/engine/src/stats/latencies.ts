// Latencies: how many exchanges took how long, on a logarithmic scale. Small, mergeable, and kept with every step of the statistics.
//
//  1. Whole milliseconds; a bucket's values lie within 10 % of each other, so a percentile is at most 5 % off (exact up to 10 ms).
//  2. As bytes: pairs of bucket (one byte) and count (LEB128), buckets rising. Merging bytes is merging counts.

const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** The highest bucket begins beyond a thousand years. */
const BUCKET_MAX = 255;

/** Counts by bucket. */
export type Latencies = Map<number, number>;

export function addLatency(latencies: Latencies, ms: number): void {
  const bucket = bucketOf(ms);
  latencies.set(bucket, (latencies.get(bucket) ?? 0) + 1);
}

export function mergeLatencies(into: Latencies, from: ReadonlyMap<number, number>): void {
  for (const [bucket, count] of from) into.set(bucket, (into.get(bucket) ?? 0) + count);
}

/** The value that a share (0 to 1) of all lie at or below; null where there are none. Whole milliseconds. */
export function percentile(latencies: ReadonlyMap<number, number>, share: number): number | null {
  let total = 0;
  for (const count of latencies.values()) total += count;
  if (total === 0) return null;
  let left = Math.max(1, Math.ceil(total * share));
  for (const [bucket, count] of [...latencies].toSorted(([a], [b]) => a - b)) {
    left -= count;
    if (left <= 0) return middleOf(bucket);
  }
  return null;
}

export function encodeLatencies(latencies: ReadonlyMap<number, number>): Uint8Array {
  const bytes: number[] = [];
  for (const [bucket, count] of [...latencies].toSorted(([a], [b]) => a - b)) {
    bytes.push(bucket);
    let rest = count;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** Adds what bytes hold. */
export function decodeLatencies(bytes: Uint8Array, into: Latencies): Latencies {
  for (let at = 0; at < bytes.length;) {
    const bucket = bytes[at++] ?? 0;
    let count = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes[at++] ?? 0;
      count += (byte % 128) * unit;
      if (byte < 128) break;
    }
    into.set(bucket, (into.get(bucket) ?? 0) + count);
  }
  return into;
}

/** Bucket 0 is no time at all; bucket n holds what lies from GROWTH^(n-1) up to GROWTH^n. */
function bucketOf(ms: number): number {
  if (ms < 1) return 0;
  return Math.min(BUCKET_MAX, 1 + Math.floor(Math.log(ms) / LOG_GROWTH + 1e-9));
}

/** What stands for a bucket: the geometric middle of the whole milliseconds in it. */
function middleOf(bucket: number): number {
  if (bucket === 0) return 0;
  const lowest = Math.ceil(GROWTH ** (bucket - 1) - 1e-6);
  const highest = Math.max(lowest, Math.ceil(GROWTH ** bucket - 1e-6) - 1);
  return Math.round(Math.sqrt(lowest * highest));
}
