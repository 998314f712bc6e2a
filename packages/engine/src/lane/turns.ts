// Turns: whose lane is next. Round robin over tenants, and within a tenant over its lanes, so that a tenant with a thousand
// busy endpoints gets the same share as a tenant with one. Each lane stands in the ring at most once. All steps are O(1).

import type { Lane } from './lane.ts';

interface TenantTurn {
  readonly tenant: string;
  readonly lanes: Set<Lane>;
}

export class Turns {
  /** Insertion order is turn order: the next tenant is the first entry, and goes to the back when served. */
  readonly #tenants = new Map<string, TenantTurn>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(lane: Lane): void {
    let turn = this.#tenants.get(lane.tenant);
    if (turn === undefined) {
      turn = { tenant: lane.tenant, lanes: new Set() };
      this.#tenants.set(lane.tenant, turn);
    }
    if (turn.lanes.has(lane)) return;
    turn.lanes.add(lane);
    this.#size += 1;
  }

  /** Takes out the lane whose turn it is, of the first tenant that `allowed` lets through. */
  next(allowed: (tenant: string) => boolean): Lane | undefined {
    for (const turn of this.#tenants.values()) {
      if (!allowed(turn.tenant)) continue;
      const lane = turn.lanes.values().next().value;
      if (lane === undefined) continue;
      turn.lanes.delete(lane);
      this.#size -= 1;
      this.#tenants.delete(turn.tenant);
      if (turn.lanes.size > 0) this.#tenants.set(turn.tenant, turn);
      return lane;
    }
    return undefined;
  }

  remove(lane: Lane): void {
    const turn = this.#tenants.get(lane.tenant);
    if (turn === undefined || !turn.lanes.delete(lane)) return;
    this.#size -= 1;
    if (turn.lanes.size === 0) this.#tenants.delete(lane.tenant);
  }
}
