// Statistics, the cluster and the settings over HTTP: who may see them, what a query may say, and what never shows.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Setting } from '@waxwing/protocol';
import { createEngine, sqlite } from '@waxwing/engine';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpointExample } from '../src/schemas/endpoint.ts';
import { fakeEngine, KEYS } from './fake-engine.ts';
import { problemOf, record, start } from './harness.ts';
import type { Harness } from './harness.ts';

const SETTINGS: readonly Setting[] = [
  { name: 'port', variable: 'WAXWING_PORT', secret: false, value: 8400 },
  { name: 'publicUrl', variable: 'WAXWING_PUBLIC_URL', secret: false, value: null },
  { name: 'development', variable: null, secret: false, value: false },
  { name: 'masterKey', variable: 'WAXWING_MASTER_KEY', secret: true, value: 'set' },
];
const ENDPOINT = endpointExample.id;

suite('statistics, cluster and settings', () => {
  let harness: Harness;
  before(async () => {
    harness = await start(fakeEngine(), KEYS.admin, { settings: SETTINGS });
  });
  after(() => harness.close());

  const OPERATORS = ['admin', 'read'];
  const READERS = ['admin', 'read', 'acme', 'acmeRead'];
  const table: readonly (readonly [path: string, may: readonly string[]])[] = [
    ['/v1/stats', OPERATORS],
    [`/v1/stats/endpoints?ids=${ENDPOINT}`, OPERATORS],
    ['/v1/cluster', OPERATORS],
    ['/v1/settings', OPERATORS],
    ['/v1/tenants/acme/stats', READERS],
    [`/v1/tenants/acme/stats/endpoints?ids=${ENDPOINT}`, READERS],
    [`/v1/tenants/acme/endpoints/${ENDPOINT}/stats`, READERS],
  ];
  for (const [path, permitted] of table) {
    test(`GET ${path} lets in ${permitted.join(', ')} and nobody else`, async () => {
      for (const [name, key] of Object.entries(KEYS)) {
        const answer = await harness.call('GET', path, { key });
        if (permitted.includes(name)) assert.equal(answer.status, 200, `${name}: ${answer.text}`);
        else problemOf(answer, 'forbidden');
      }
    });
  }

  test("a tenant key gets the same answer for another's tenant as for one that does not exist", async () => {
    const details = await Promise.all(
      ['globex', 'nobody'].map(async (tenant) => {
        const { detail } = problemOf(await harness.call('GET', `/v1/tenants/${tenant}/stats`, { key: KEYS.acme }), 'forbidden');
        return detail;
      }),
    );
    assert.equal(details[0], details[1]);
  });

  test('a window is one of five, and anything else in the query is refused by name', async () => {
    for (const window of ['15m', '1h', '24h', '7d', '30d']) {
      const answer = await harness.call('GET', `/v1/stats?window=${window}`);
      assert.equal(record(answer.body)['window'], window);
    }
    for (const query of ['window=2h', 'window=', 'windows=1h'])
      problemOf(await harness.call('GET', `/v1/stats?${query}`), 'invalid_request');
    problemOf(await harness.call('GET', '/v1/stats/endpoints'), 'invalid_request');
  });

  test('several endpoints come in brief; those that are not there are left out, and malformed paths are not found', async () => {
    const answer = await harness.call('GET', `/v1/tenants/acme/stats/endpoints?ids=ep_nobody,${ENDPOINT},&window=7d`);
    assert.deepEqual((record(answer.body)['data'] as readonly object[]).length, 1);
    problemOf(await harness.call('GET', '/v1/tenants/acme/endpoints/ep_1/stats'), 'endpoint_not_found');
    problemOf(await harness.call('GET', '/v1/tenants/nobody/stats'), 'tenant_not_found');
  });

  test('settings are shown as they were told, and a server that was told none shows none', async () => {
    assert.deepEqual(record((await harness.call('GET', '/v1/settings')).body)['data'], SETTINGS);
    const other = await start(fakeEngine(), KEYS.admin);
    assert.deepEqual(record((await other.call('GET', '/v1/settings')).body)['data'], []);
    await other.close();
  });
});

test('a real engine on a real store answers every statistic in the documented form', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-stats-'));
  const engine = await createEngine({ store: sqlite(join(folder, 'data')), egress: { allowHttp: true, allowPrivateNetworks: true } });
  const { key } = await engine.keys.create({ scope: 'admin' });
  const harness = await start(engine, key);
  try {
    const endpoint = await engine.endpoints.create('acme', { url: `${harness.url}/nothing`, maxRetries: 0 });
    await engine.publish('acme', { type: 'a.b', data: {} });
    const untilMs = performance.now() + 20_000;
    let body: { readonly [member: string]: unknown } = {};
    do body = record((await harness.call('GET', '/v1/tenants/acme/stats?window=15m')).body);
    while (record(body['deliveries'])['failed'] !== 1 && performance.now() < untilMs);
    assert.deepEqual([body['events'], record(body['attempts'])['refused'], body['successRate']], [1, 1, 0]);
    assert.notEqual(body['latencyMs'], null);
    for (const path of [
      '/v1/stats',
      `/v1/tenants/acme/endpoints/${endpoint.id}/stats?window=30d`,
      `/v1/stats/endpoints?ids=${endpoint.id}`,
      '/v1/cluster',
    ])
      assert.equal((await harness.call('GET', path)).status, 200, path);
  } finally {
    await harness.close();
    await engine.close({ graceMs: 0 });
    rmSync(folder, { recursive: true, force: true });
  }
});
