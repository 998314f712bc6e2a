// Cluster: nodes that share a store keep out of each other's way. Each shard has one owner, and who has lost his lease knows it.

import { shardOf } from '../../src/store/sharing.ts';
import type { Scene, Watcher } from '../scene.ts';

/** What is sent is sent by its shard's owner. (That it alone settles, faulty-store.ts sees.) */
export function oneOwnerAShard(scene: Scene): Watcher {
  return {
    claim: 'one owner a shard',
    sent({ order, endpointSeq, host }) {
      if (host.sharing === null) return;
      const owner = scene.disk.cluster.owners[shardOf(endpointSeq)];
      if (owner !== host.sharing.source)
        scene.found(
          this.claim,
          `${host.name} sends delivery ${order.delivery} of endpoint ${endpointSeq}, whose shard is ${owner === null || owner === undefined ? 'nobody’s' : `node number ${owner}’s`}`,
        );
    },
  };
}

/** Nothing leaves a node whose lease has run out by its own clock, nor one whose lease others have ended. */
export function leasesAreObeyed(scene: Scene): Watcher {
  return {
    claim: 'a lost lease is obeyed',
    sent({ order, host }) {
      if (host.sharing !== null && !host.sharing.isHeld)
        scene.found(this.claim, `${host.name} sends delivery ${order.delivery}, and does not hold its lease`);
    },
  };
}
