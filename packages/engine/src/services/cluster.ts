// The cluster as the store knows it: its nodes, the shards that each works for, and the store.

import type { Cluster, ClusterNode } from '@waxwing/protocol';
import { SHARDS } from '../store/sharing.ts';
import { VERSION } from '../version.ts';
import type { ServiceContext } from './context.ts';
import { iso } from './present.ts';

/** An embedded store has one node, which owns it whole. */
const NODE = 'local';

export async function cluster({ store }: ServiceContext, startedMs: number, state: ClusterNode['state']): Promise<Cluster> {
  const { events, deliveries, bytes } = await store.read.counts();
  const about = { kind: store.kind, bytes, events, deliveries: { ...deliveries } };
  const { sharing } = store;
  if (sharing === undefined)
    return { nodes: [{ id: NODE, version: VERSION, startedAt: iso(startedMs), state, shards: 1 }], shards: 1, store: about };
  const nodes = (await sharing.nodes()).map((node): ClusterNode => ({
    id: node.id,
    version: node.version,
    startedAt: iso(node.startedMs),
    state: node.source === sharing.source ? state : node.isLeaving ? 'draining' : 'running',
    shards: node.shards.length,
  }));
  return { nodes, shards: SHARDS, store: about };
}
