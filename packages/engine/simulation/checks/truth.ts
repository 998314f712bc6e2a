// Truth: what is called delivered was received, and what is received is what was published, by whom it was published.

import { OPERATIONAL_EVENT_TYPES, OPERATIONAL_TENANT } from '@waxwing/protocol';
import type { Publishers } from '../publishers.ts';
import type { Scene, Watcher } from '../scene.ts';

export function deliveredIsReceived(scene: Scene): Watcher {
  return {
    claim: 'delivered means received',
    row(before, after) {
      if (after.state === 'delivered' && before?.state !== 'delivered' && !scene.network.welcomed(after.seq))
        scene.found(this.claim, `delivery ${after.seq} is called delivered, and no receiver took it`);
    },
    attempt(row, attempt) {
      if (attempt.outcome === 'delivered' && !scene.network.welcomed(row.seq))
        scene.found(this.claim, `attempt ${attempt.number} of delivery ${row.seq} is called delivered, and no receiver took it`);
    },
  };
}

export function messagesAreAsPublished(scene: Scene, publishers: Publishers): Watcher {
  /** Events that are a test's sample: nobody published them, and they may be retried by hand like anything else. */
  const samples = new Set<number>();
  const isSample = (seq: number): boolean => samples.has(scene.disk.deliveries.get(seq)?.eventSeq ?? -1);
  return {
    claim: 'messages are what was published',
    row(_, after) {
      if (after.cause === 'test') samples.add(after.eventSeq);
    },
    sent({ order, endpointSeq, test }) {
      const endpoint = scene.disk.endpoints.get(endpointSeq)?.row;
      if (endpoint?.id !== order.target.endpointId)
        scene.found(this.claim, `delivery ${order.delivery} goes to ${order.target.endpointId}, another endpoint than its own`);
      if (test || isSample(order.delivery)) return;
      const published = publishers.submitted.get(order.event.data);
      if (published === undefined && endpoint?.tenant === OPERATIONAL_TENANT) {
        scene.tallies.count('engine: notice sent');
        if (!OPERATIONAL_EVENT_TYPES.has(order.event.type))
          scene.found(this.claim, `delivery ${order.delivery} tells of ${order.event.type}`);
      } else if (published === undefined) scene.found(this.claim, `delivery ${order.delivery} carries what nobody published`);
      else if (published.tenant !== endpoint?.tenant)
        scene.found(this.claim, `delivery ${order.delivery} of ${published.tenant} goes to ${endpoint?.tenant ?? 'nobody'}`);
      else if (published.event.type !== order.event.type || (published.event.id ?? order.event.id) !== order.event.id)
        scene.found(this.claim, `delivery ${order.delivery} has another type or id than was published`);
    },
  };
}
