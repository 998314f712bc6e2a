// Join: what being one node of several means for each room, put together. Nothing is decided here.

import type { Committer } from '../commit/committer.ts';
import type { Expander } from '../expand.ts';
import type { Health } from '../health.ts';
import type { Dispatcher } from '../lane/dispatcher.ts';
import type { FailureCount } from '../notices/failure-count.ts';
import type { Postman } from '../notices/postman.ts';
import type { OutboxDrain } from '../outbox/drain.ts';
import type { Clock, Log, Randomness } from '../ports.ts';
import type { Registry } from '../registry.ts';
import type { Replayer } from '../replay/replayer.ts';
import type { RelaySender } from '../send/relay-sender.ts';
import type { Change, Sharing } from '../store/store.ts';
import type { Vault } from '../vault.ts';
import { Membership, type Upkeep } from './membership.ts';
import type { Ownership } from './ownership.ts';
import { RelayAmongNodes } from './relay-among-nodes.ts';
import type { StoreTime } from './store-time.ts';

export interface JoinParts {
  /** Kept by the sending threads; null where they keep none. */
  readonly time: StoreTime | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly ownership: Ownership;
  readonly registry: Registry;
  readonly committer: Committer;
  readonly dispatcher: Dispatcher;
  readonly expander: Expander;
  readonly replayer: Replayer;
  readonly failures: FailureCount;
  readonly postman: Postman;
  readonly health: Health;
  readonly relay: RelaySender;
  readonly vault: Vault;
  readonly randomness: Randomness;
  readonly drain: OutboxDrain | null;
  readonly pollMs: number;
  /** Others committed something: streams look. */
  readonly news: () => void;
  /** Cancels what deleted endpoints still have to deliver. */
  readonly cancelLeftovers: (left: readonly { readonly endpointSeq: number }[]) => void;
  readonly onLost: () => void;
}

/** This node's membership, to be started when the engine runs; null where the store is this program's alone. */
export function joinOthers(sharing: Sharing | null, parts: JoinParts): Membership | null {
  if (sharing === null) return null;
  const { failures, ownership, cancelLeftovers, log, onLost } = parts;
  const relay = new RelayAmongNodes({
    ...parts,
    sharing,
    waiting: (endpointSeq) => parts.dispatcher.pendingOf(endpointSeq),
    look: () => membership.look(),
  });
  const membership: Membership = new Membership({
    ...parts,
    sharing,
    relay,
    onLost: () => {
      log.error('other nodes have ended this one’s lease; it sends nothing any more');
      onLost();
    },
    upkeep: upkeepOf(parts),
    apply: (change) => applyOthers(parts, change),
    takeUp: ({ notices, backlog }) => {
      failures.take(notices);
      cancelLeftovers(backlog);
    },
    leftEndpoints: () => {
      failures.leave((endpointSeq) => ownership.owns(endpointSeq));
      relay.leave();
    },
  });
  return membership;
}

function upkeepOf({ expander, replayer, postman, drain }: JoinParts): Upkeep {
  return {
    begin({ expansions, replays, mailsWaiting }) {
      expander.resume(expansions);
      for (const replay of replays) replayer.add(replay);
      postman.resume(mailsWaiting);
      drain?.look();
    },
    arrived({ expansions, replays, outbox, news }) {
      for (const expansion of expansions) if (!expander.isExpanding(expansion.event.seq)) expander.add(expansion);
      for (const replay of replays) replayer.changed(replay);
      if (outbox) drain?.look();
      if (news) postman.mayWait();
    },
    async end() {
      await Promise.all([expander.release(), replayer.release(), drain?.rest()]);
    },
  };
}

/** What another node has changed of the configuration. */
function applyOthers({ registry, dispatcher, relay, health, replayer, ownership, cancelLeftovers }: JoinParts, change: Change): void {
  switch (change.kind) {
    case 'putEndpoint': {
      const { endpoint } = change;
      const before = registry.endpoint(endpoint.seq)?.row;
      registry.apply(change);
      // A second chance by a person is a whole one.
      if (before !== undefined && before.status !== 'active' && endpoint.status === 'active' && endpoint.failingSinceMs === null)
        health.forgive(endpoint.seq);
      dispatcher.edited(endpoint.seq);
      return;
    }
    case 'deleteEndpoint': {
      const id = registry.endpoint(change.seq)?.row.id;
      const hasPending = dispatcher.pendingOf(change.seq) > 0;
      registry.apply(change);
      dispatcher.removed(change.seq);
      if (id !== undefined) relay.forget(id);
      // Whoever deleted it cancels these too, unless it was stopped in between.
      if (hasPending) cancelLeftovers([{ endpointSeq: change.seq }]);
      return;
    }
    case 'putProfile':
      registry.apply(change);
      relay.learnProfile(change.profile.version, change.profile.definition);
      return;
    case 'putReplay':
      if (ownership.doesUpkeep) replayer.changed(change.replay);
      return;
    default:
      registry.apply(change);
  }
}
