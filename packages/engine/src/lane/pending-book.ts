// Pending book: how many deliveries of each endpoint are pending, in memory and in the store. Of an endpoint that is not
// there (deleted), nothing counts: what it still has in the store is being cancelled.

export class PendingBook {
  readonly #counts = new Map<number, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(endpointSeq: number): number {
    return this.#counts.get(endpointSeq) ?? 0;
  }

  /** Those of which something is pending. */
  endpoints(): readonly number[] {
    return [...this.#counts.keys()];
  }

  add(endpointSeq: number, count: number): void {
    this.#counts.set(endpointSeq, (this.#counts.get(endpointSeq) ?? 0) + count);
    this.#total += count;
  }

  remove(endpointSeq: number): void {
    const count = this.#counts.get(endpointSeq);
    if (count === undefined) return;
    this.#total -= 1;
    if (count === 1) this.#counts.delete(endpointSeq);
    else this.#counts.set(endpointSeq, count - 1);
  }

  /** The endpoint is deleted. */
  forget(endpointSeq: number): void {
    this.#total -= this.#counts.get(endpointSeq) ?? 0;
    this.#counts.delete(endpointSeq);
  }

  clear(): void {
    this.#counts.clear();
    this.#total = 0;
  }
}
