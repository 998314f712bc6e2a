// The cluster as this node knows it: one node that owns everything, and its store.

import type { Cluster, ClusterNode } from '@waxwing/protocol';
import { VERSION } from '../version.ts';
import type { ServiceContext } from './context.ts';
import { iso } from './present.ts';

/** An embedded store has one node, which owns it whole. */
const NODE = 'local';
const SHARDS = 1;

export async function cluster({ store }: ServiceContext, startedMs: number, state: ClusterNode['state']): Promise<Cluster> {
  const { events, deliveries, bytes } = await store.read.counts();
  const node: ClusterNode = { id: NODE, version: VERSION, startedAt: iso(startedMs), state, shards: SHARDS };
  return { nodes: [node], shards: SHARDS, store: { kind: store.kind, bytes, events, deliveries: { ...deliveries } } };
}
