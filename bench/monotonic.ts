// The machine's monotonic clock in microseconds: the same one in every process, unlike `performance.now()`.

export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
