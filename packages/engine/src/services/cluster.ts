// The cluster as this node knows it: the node that owns everything, those that stand by, and the store.

import type { Cluster, ClusterNode } from '@waxwing/protocol';
import { VERSION } from '../version.ts';
import type { ServiceContext } from './context.ts';
import { iso } from './present.ts';

/** An embedded store has one node, which owns it whole. */
const NODE = 'local';
const SHARDS = 1;

export async function cluster({ store }: ServiceContext, startedMs: number, state: ClusterNode['state']): Promise<Cluster> {
  const { events, deliveries, bytes } = await store.read.counts();
  const rows = (await store.tenure?.nodes()) ?? [];
  const nodes: ClusterNode[] = rows.map(({ id, version, startedMs: nodeStartedMs, isActive }) => ({
    id,
    version,
    startedAt: iso(nodeStartedMs),
    ...(isActive ? { state, shards: SHARDS } : { state: 'standby', shards: 0 }),
  }));
  if (nodes.length === 0) nodes.push({ id: NODE, version: VERSION, startedAt: iso(startedMs), state, shards: SHARDS });
  return { nodes, shards: SHARDS, store: { kind: store.kind, bytes, events, deliveries: { ...deliveries } } };
}
