// Directory: the endpoints as users know them from the answers they got. What an unanswered request may have changed is
// held as uncertain, and nothing is claimed of it.

import type { Endpoint } from '@waxwing/protocol';

export interface Known {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  /** By when its creation was answered. */
  readonly createdStep: number;
  /** The subscription, and since when for certain; null while an edit of it may or may not have happened. */
  eventTypes: readonly string[] | null;
  eventTypesStep: number;
  /** Whether a deletion was asked for, and by when it was answered. */
  deleting: boolean;
  deletedStep: number | null;
  deletedMs: number;
  /** Requests under way that may change the status. */
  statusRequests: number;
  statusEpoch: number;
  /** Paused or disabled for certain, and since when. */
  held: boolean;
  heldMs: number;
}

export class Directory {
  readonly #known = new Map<string, Known>();

  add(endpoint: Endpoint, step: number): void {
    this.#known.set(endpoint.id, {
      id: endpoint.id,
      tenant: endpoint.tenant,
      url: endpoint.url,
      createdStep: step,
      eventTypes: endpoint.eventTypes,
      eventTypesStep: step,
      deleting: false,
      deletedStep: null,
      deletedMs: Infinity,
      statusRequests: 0,
      statusEpoch: 0,
      held: endpoint.status === 'paused' || endpoint.status === 'disabled',
      heldMs: -Infinity,
    });
  }

  get(id: string): Known | undefined {
    return this.#known.get(id);
  }

  all(): readonly Known[] {
    return [...this.#known.values()];
  }

  /** Endpoints that nobody has asked to delete. */
  standing(): readonly Known[] {
    return this.all().filter((known) => !known.deleting);
  }
}
