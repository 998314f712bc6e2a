// The deployment: its nodes and store, and the settings it runs with; for operators.

import type { Engine } from '@waxwing/engine';
import type { Setting } from '@waxwing/protocol';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { cluster, clusterExample, settings, settingsExample } from '../schemas/cluster.ts';
import { ref } from '../schemas/schema.ts';

export function deploymentRoutes(engine: Engine, shown: readonly Setting[]): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/cluster',
      ids: {},
      name: 'getCluster',
      tag: 'Service',
      summary: 'The nodes and the store',
      need: 'operate',
      answer: { schema: ref(cluster), example: clusterExample, statuses: { 200: 'As it is now.' } },
      errors: ['store_unavailable'],
      handle: async () => ({ status: 200, body: await engine.cluster() }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/settings',
      ids: {},
      name: 'getSettings',
      tag: 'Service',
      summary: 'The settings in effect',
      description: 'Of a secret it says only whether it is set. Empty where the server was not told its settings.',
      need: 'operate',
      answer: { schema: ref(settings), example: settingsExample, statuses: { 200: 'Every setting.' } },
      errors: [],
      handle: () => ({ status: 200, body: { data: shown } }),
    }),
  ];
}
