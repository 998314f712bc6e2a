// The scenarios, in the order in which a full run plays them.

import type { Scenario } from '../bench.ts';
import { batch } from './batch.ts';
import { depth } from './depth.ts';
import { drain } from './drain.ts';
import { fanOut } from './fan-out.ts';
import { limit } from './limit.ts';
import { manyEndpoints } from './many-endpoints.ts';
import { misery } from './misery.ts';
import { nodes } from './nodes.ts';
import { payloads } from './payloads.ts';
import { steady } from './steady.ts';
import { stores } from './stores.ts';
import { threads } from './threads.ts';
import { tls } from './tls.ts';

export const SCENARIOS: readonly Scenario[] = [
  limit,
  steady,
  batch,
  fanOut,
  manyEndpoints,
  payloads,
  tls,
  drain,
  misery,
  depth,
  threads,
  stores,
  nodes,
];
