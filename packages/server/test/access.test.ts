// Who may do what: the pure table, and the same on real routes.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Key } from '@waxwing/protocol';
import { permits } from '../src/access.ts';
import type { Need } from '../src/access.ts';
import { keyExample } from '../src/schemas/key.ts';
import { fakeEngine, KEYS } from './fake-engine.ts';
import type { FakeEngine } from './fake-engine.ts';
import { problemOf, start } from './harness.ts';
import type { Harness } from './harness.ts';

const NEEDS: readonly Need[] = ['publish', 'manage', 'read', 'catalogue', 'operate', 'administer'];

function may(key: Partial<Key>, tenant: string | null): readonly Need[] {
  return NEEDS.filter((need) => permits({ ...keyExample, actions: [], tenant: null, ...key }, need, tenant));
}

suite('permits', () => {
  test('an admin key may do everything', () => assert.deepEqual(may({ scope: 'admin' }, 'acme'), NEEDS));
  test('a read key may read over the deployment and change nothing', () =>
    assert.deepEqual(may({ scope: 'read' }, 'acme'), ['read', 'catalogue', 'operate']));
  test('a publish key may publish to any tenant and read the catalogue only', () =>
    assert.deepEqual(may({ scope: 'publish' }, 'acme'), ['publish', 'catalogue']));

  test("a tenant key may do its actions over its own tenant and nothing of another's", () => {
    for (const action of ['publish', 'manage', 'read'] as const) {
      assert.deepEqual(may({ scope: 'tenant', tenant: 'acme', actions: [action] }, 'acme'), [action, 'catalogue']);
      assert.deepEqual(may({ scope: 'tenant', tenant: 'acme', actions: [action] }, 'globex'), ['catalogue']);
      assert.deepEqual(may({ scope: 'tenant', tenant: 'acme', actions: [action] }, null), ['catalogue']);
    }
    assert.deepEqual(
      may({ scope: 'tenant', tenant: null, actions: ['read'] }, null),
      ['catalogue'],
      'a tenant key without a tenant is nobody',
    );
  });
});

suite('on the routes', () => {
  let engine: FakeEngine;
  let harness: Harness;
  before(async () => {
    engine = fakeEngine();
    harness = await start(engine, KEYS.admin);
  });
  after(() => harness.close());

  const ENDPOINT = '/v1/tenants/acme/endpoints/ep_01jv2q8w5e7r9t1y3v5b7n9m2k';
  const table: readonly (readonly [method: string, path: string, json: unknown, may: readonly (keyof typeof KEYS)[]])[] = [
    ['POST', '/v1/tenants/acme/events', { type: 'a', data: {} }, ['admin', 'publish', 'acme', 'acmePublish']],
    ['POST', '/v1/tenants/acme/events/batch', { events: [{ type: 'a', data: {} }] }, ['admin', 'publish', 'acme', 'acmePublish']],
    ['GET', '/v1/tenants/acme/events', undefined, ['admin', 'read', 'acme', 'acmeRead']],
    ['GET', '/v1/tenants/acme/deliveries', undefined, ['admin', 'read', 'acme', 'acmeRead']],
    ['GET', '/v1/tenants/acme', undefined, ['admin', 'read', 'acme', 'acmeRead']],
    ['GET', ENDPOINT, undefined, ['admin', 'read', 'acme', 'acmeRead']],
    ['PATCH', ENDPOINT, { name: 'a' }, ['admin', 'acme', 'acmeManage']],
    ['POST', `${ENDPOINT}/pause`, undefined, ['admin', 'acme', 'acmeManage']],
    ['POST', `${ENDPOINT}/secret/rotate`, undefined, ['admin', 'acme', 'acmeManage']],
    ['POST', `${ENDPOINT}/test`, { eventType: 'a' }, ['admin', 'acme', 'acmeManage']],
    ['POST', '/v1/tenants/acme/endpoints', { url: 'https://x.example' }, ['admin', 'acme', 'acmeManage']],
    ['POST', '/v1/tenants/acme/deliveries/dlv_01jv2q8w5e7r9t1y3v5b7n9m3k/retry', undefined, ['admin', 'acme', 'acmeManage']],
    ['PUT', '/v1/tenants/acme', {}, ['admin']],
    ['DELETE', '/v1/tenants/acme', undefined, ['admin']],
    ['GET', '/v1/tenants', undefined, ['admin', 'read']],
    ['GET', '/v1/endpoints', undefined, ['admin', 'read']],
    ['GET', '/v1/events', undefined, ['admin', 'read']],
    ['GET', '/v1/deliveries', undefined, ['admin', 'read']],
    ['GET', '/v1/replays', undefined, ['admin', 'read']],
    ['GET', '/v1/lookup/dlv_01jv2q8w5e7r9t1y3v5b7n9m3k', undefined, ['admin', 'read']],
    ['GET', '/v1/keys', undefined, ['admin', 'read']],
    ['GET', '/metrics', undefined, ['admin', 'read']],
    ['POST', '/v1/keys', { scope: 'admin' }, ['admin']],
    ['DELETE', '/v1/keys/key_01jv2q8w5e7r9t1y3v5b7n9m4k', undefined, ['admin']],
    ['PUT', '/v1/event-types/invoice.paid', {}, ['admin']],
    ['PUT', '/v1/profiles/acme', {}, ['admin']],
    ['POST', '/v1/profiles/acme/preview', {}, ['admin']],
    ['GET', '/v1/profiles', undefined, ['admin', 'read', 'publish', 'acme', 'acmePublish', 'acmeRead', 'acmeManage', 'globex']],
    [
      'GET',
      '/v1/event-types/invoice.paid',
      undefined,
      ['admin', 'read', 'publish', 'acme', 'acmePublish', 'acmeRead', 'acmeManage', 'globex'],
    ],
  ];

  for (const [method, path, json, permitted] of table) {
    test(`${method} ${path} lets in ${permitted.length > 6 ? 'every key' : permitted.join(', ')} and nobody else`, async () => {
      for (const [name, key] of Object.entries(KEYS)) {
        const changes = engine.changes.length;
        const answer = await harness.call(method, path, { key, ...(json === undefined ? {} : { json }) });
        if (permitted.some((each) => each === name)) assert.ok(answer.status < 300, `${name}: ${answer.text}`);
        else {
          problemOf(answer, 'forbidden');
          assert.equal(engine.changes.length, changes, `${name} changed something`);
        }
      }
    });
  }

  test("a tenant key gets the same answer for another's tenant as for one that does not exist", async () => {
    const [other, none] = [
      await harness.call('GET', '/v1/tenants/globex', { key: KEYS.acme }),
      await harness.call('GET', '/v1/tenants/nobody', { key: KEYS.acme }),
    ];
    assert.equal(problemOf(other, 'forbidden').detail, problemOf(none, 'forbidden').detail);
  });

  test('only an admin key makes the tenant of a new endpoint', async () => {
    const options = async (key: string): Promise<unknown> => {
      await harness.call('POST', '/v1/tenants/acme/endpoints', { key, json: { url: 'https://x.example' } });
      return engine.changes.at(-1)?.args[2];
    };
    assert.deepEqual(await options(KEYS.admin), { createTenant: true });
    assert.deepEqual(await options(KEYS.acme), { createTenant: false });
  });

  test('the scheme is taken in any case, as RFC 9110 has it', async () => {
    assert.equal((await harness.call('GET', '/v1/tenants', { key: null, headers: { authorization: `bearer ${KEYS.read}` } })).status, 200);
  });
});
