// In flight: which attempts are under way, whose, and whether there is room for another.
//
// At most so many in all; at most half of them of one tenant, and at most a quarter of them of suspect endpoints, so that
// neither a loud tenant nor hanging receivers can take all the slots, nor a tenant's hanging receivers all of its own.

import type { PendingDelivery } from '../store/rows.ts';

export class InFlight {
  readonly #max: number;
  readonly #deliveries = new Map<number, PendingDelivery>();
  readonly #perTenant = new Map<string, number>();
  readonly #suspects = new Set<number>();
  readonly #idle: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#deliveries.size;
  }

  get hasRoom(): boolean {
    return this.#deliveries.size < this.#max;
  }

  get hasRoomForSuspects(): boolean {
    return this.#suspects.size < this.#max / 4;
  }

  hasRoomFor(tenant: string): boolean {
    return (this.#perTenant.get(tenant) ?? 0) < this.#max / 2;
  }

  /** Of one endpoint. Looks at all. */
  countOf(endpointSeq: number): number {
    let count = 0;
    for (const delivery of this.#deliveries.values()) if (delivery.endpointSeq === endpointSeq) count += 1;
    return count;
  }

  has(seq: number): boolean {
    return this.#deliveries.has(seq);
  }

  values(): IterableIterator<PendingDelivery> {
    return this.#deliveries.values();
  }

  add(delivery: PendingDelivery, suspect: boolean): void {
    this.#deliveries.set(delivery.seq, delivery);
    this.#perTenant.set(delivery.tenant, (this.#perTenant.get(delivery.tenant) ?? 0) + 1);
    if (suspect) this.#suspects.add(delivery.seq);
  }

  /** Takes out what was reported. Undefined when it is not under way. */
  take(seq: number): PendingDelivery | undefined {
    const delivery = this.#deliveries.get(seq);
    if (delivery === undefined) return undefined;
    this.#deliveries.delete(seq);
    this.#suspects.delete(seq);
    const left = (this.#perTenant.get(delivery.tenant) ?? 1) - 1;
    if (left > 0) this.#perTenant.set(delivery.tenant, left);
    else this.#perTenant.delete(delivery.tenant);
    if (this.#deliveries.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    return delivery;
  }

  /** Resolves when nothing is under way. */
  async none(): Promise<void> {
    if (this.#deliveries.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
