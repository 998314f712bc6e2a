// Statistics, cluster and settings: each call goes to its route, and lists come as lists.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Waxwing } from '../src/index.ts';
import { scriptedServer } from './scripted-server.ts';

test('statistics, the cluster and the settings are asked for where the API has them', async (t) => {
  const server = await scriptedServer(t, [{ body: { data: [{ endpoint: 'ep_1' }] } }]);
  const waxwing = new Waxwing({ url: server.url, key: 'k' });
  const acme = waxwing.tenant('acme');
  await waxwing.stats();
  await waxwing.stats({ window: '7d' });
  await acme.stats({ window: '15m' });
  await acme.endpoints.stats('ep/1', { window: '24h' });
  assert.deepEqual(await waxwing.endpointStats(['ep_1', 'ep_2'], { window: '1h' }), [{ endpoint: 'ep_1' }]);
  await acme.endpointStats(['ep_1']);
  await waxwing.cluster();
  assert.deepEqual(await waxwing.settings(), [{ endpoint: 'ep_1' }]);
  assert.deepEqual(
    server.seen.map(({ method, url }) => `${method} ${url}`),
    [
      'GET /v1/stats',
      'GET /v1/stats?window=7d',
      'GET /v1/tenants/acme/stats?window=15m',
      'GET /v1/tenants/acme/endpoints/ep%2F1/stats?window=24h',
      'GET /v1/stats/endpoints?ids=ep_1%2Cep_2&window=1h',
      'GET /v1/tenants/acme/stats/endpoints?ids=ep_1',
      'GET /v1/cluster',
      'GET /v1/settings',
    ],
  );
});

test('of no endpoints nothing is asked', async (t) => {
  const server = await scriptedServer(t, []);
  assert.deepEqual(await new Waxwing({ url: server.url, key: 'k' }).endpointStats([]), []);
  assert.equal(server.seen.length, 0);
});
