// The contract is valid, complete and true. (That actual answers match it is held by the harness, in every other test.)

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { ERRORS } from '@waxwing/protocol';
import { createApp } from '../src/app.ts';
import { createSessions } from '../src/console/sessions.ts';
import { createLog } from '../src/log.ts';
import { fakeEngine, KEYS } from './fake-engine.ts';
import { record, schemaAt, start, step } from './harness.ts';
import type { Harness, Json } from './harness.ts';

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
}

suite('the contract', () => {
  let harness: Harness;
  before(async () => {
    harness = await start(fakeEngine(), KEYS.admin);
  });
  after(() => harness.close());

  const operations = (): readonly Operation[] =>
    Object.entries(record(harness.contract['paths'])).flatMap(([path, item]) =>
      Object.entries(record(item)).map(([method, operation]) => ({ path, method, operation: record(operation) })),
    );

  test('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(harness.contract));
    assert.deepEqual(result.errors ?? [], []);
    assert.equal(result.valid, true);
    assert.equal(harness.contract['openapi'], '3.1.0');
  });

  test('has every route that is registered, and no other', async () => {
    const routes = new Set<string>();
    const app = await createApp({
      engine: fakeEngine(),
      version: '0.1.0',
      log: createLog({ level: 'silent' }),
      publicUrl: null,
      sessions: createSessions(fakeEngine().keys),
      consoleFolder: null,
      bodyLimitBytes: 1_000,
      batchEventsMax: 10,
      metricsPublic: false,
      management: [],
      requestTimeoutMs: 1_000,
      closing: () => false,
      onRoute: (method, path) => routes.add(`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    });
    await app.close();
    const registered = [...routes].filter((route) => !/^HEAD | \/docs\//.test(route)).sort();
    const documented = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    assert.deepEqual(documented.sort(), registered);
    assert.ok(documented.length > 35, `${documented.length} operations`);
  });

  test('has the routes of the published API', () => {
    const documented = new Set(operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    for (const route of [
      'GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /openapi.json', 'GET /docs', 'GET /',
      'GET /v1/profiles', 'GET /v1/profiles/{name}', 'PUT /v1/profiles/{name}', 'DELETE /v1/profiles/{name}',
      'POST /v1/profiles/{name}/preview',
      'GET /v1/event-types', 'GET /v1/event-types/{name}', 'PUT /v1/event-types/{name}', 'DELETE /v1/event-types/{name}',
      'GET /v1/tenants', 'GET /v1/tenants/{tenant}', 'PUT /v1/tenants/{tenant}', 'DELETE /v1/tenants/{tenant}',
      'POST /v1/tenants/{tenant}/endpoints', 'GET /v1/tenants/{tenant}/endpoints',
      'GET /v1/tenants/{tenant}/endpoints/{id}', 'PATCH /v1/tenants/{tenant}/endpoints/{id}', 'DELETE /v1/tenants/{tenant}/endpoints/{id}',
      'POST /v1/tenants/{tenant}/endpoints/{id}/enable', 'POST /v1/tenants/{tenant}/endpoints/{id}/disable',
      'POST /v1/tenants/{tenant}/endpoints/{id}/pause', 'POST /v1/tenants/{tenant}/endpoints/{id}/resume',
      'POST /v1/tenants/{tenant}/endpoints/{id}/secret/rotate', 'POST /v1/tenants/{tenant}/endpoints/{id}/secret/activate',
      'POST /v1/tenants/{tenant}/endpoints/{id}/test',
      'POST /v1/tenants/{tenant}/events', 'POST /v1/tenants/{tenant}/events/batch',
      'GET /v1/tenants/{tenant}/events', 'GET /v1/tenants/{tenant}/events/{id}',
      'GET /v1/tenants/{tenant}/deliveries', 'GET /v1/tenants/{tenant}/deliveries/{id}',
      'POST /v1/tenants/{tenant}/deliveries/{id}/retry', 'POST /v1/tenants/{tenant}/deliveries/{id}/cancel',
      'GET /v1/tenants/{tenant}/events/{id}/explain',
      'POST /v1/tenants/{tenant}/replays', 'GET /v1/tenants/{tenant}/replays', 'GET /v1/tenants/{tenant}/replays/{id}',
      'POST /v1/tenants/{tenant}/replays/{id}/cancel',
      'GET /v1/stream', 'GET /v1/tenants/{tenant}/stream',
      'POST /v1/tenants/{tenant}/listeners', 'GET /v1/tenants/{tenant}/listeners/{id}/messages', 'POST /v1/tenants/{tenant}/listeners/{id}/results',
      'POST /v1/tenants/{tenant}/portal-links', 'GET /v1/portal-links/{id}/theme', 'GET /portal/{id}',
      'GET /v1/endpoints', 'GET /v1/events', 'GET /v1/deliveries', 'GET /v1/replays', 'GET /v1/lookup/{id}', 'GET /v1/notices',
      'POST /v1/keys', 'GET /v1/keys', 'DELETE /v1/keys/{id}',
      'GET /v1/stats', 'GET /v1/tenants/{tenant}/stats', 'GET /v1/tenants/{tenant}/endpoints/{id}/stats',
      'GET /v1/stats/endpoints', 'GET /v1/tenants/{tenant}/stats/endpoints', 'GET /v1/cluster', 'GET /v1/settings',
    ]) assert.ok(documented.has(route), route); // prettier-ignore
  });

  test('gives every operation a name of its own, a summary, a tag that is described, and a success', () => {
    const names = new Set<unknown>();
    const tags = new Set((harness.contract['tags'] as readonly Json[]).map(({ name }) => name));
    for (const { path, method, operation } of operations()) {
      const what = `${method} ${path}`;
      assert.ok(!names.has(operation['operationId']) && typeof operation['operationId'] === 'string', what);
      names.add(operation['operationId']);
      assert.equal(typeof operation['summary'], 'string', what);
      for (const tag of operation['tags'] as readonly string[]) assert.ok(tags.has(tag), `${what}: ${tag}`);
      assert.ok(
        Object.keys(record(operation['responses'])).some((status) => status.startsWith('2')),
        what,
      );
    }
  });

  test('asks for a key everywhere but on the public pages', () => {
    const open = operations().filter(({ operation }) => Array.isArray(operation['security']) && operation['security'].length === 0);
    const paths = [...new Set(open.map(({ path }) => path))].sort();
    assert.deepEqual(paths, [
      '/',
      '/console/session',
      '/docs',
      '/healthz',
      '/openapi.json',
      '/portal/{id}',
      '/readyz',
      '/v1/portal-links/{id}/theme',
    ]);
    assert.deepEqual(harness.contract['security'], [{ key: [] }]);
    assert.equal(record(record(record(harness.contract['components'])['securitySchemes'])['key'])['scheme'], 'bearer');
    for (const { path, method, operation } of operations()) {
      const isOpen = open.some((other) => other.path === path && other.method === method);
      const signsIn = path === '/console/session' && method === 'post'; // takes a key in its body
      assert.equal('401' in record(operation['responses']), !isOpen || signsIn, `${method} ${path}`);
    }
  });

  test('has an example of every answer with a body, and each is valid under its own schema', () => {
    const at = schemaAt(harness.contract);
    let examples = 0;
    for (const { path, method, operation } of operations()) {
      if (path === '/docs') continue;
      for (const [status, response] of Object.entries(record(operation['responses']))) {
        for (const [media, body] of Object.entries(record(record(response)['content'] ?? {}))) {
          const pointer = `/paths/${step(path)}/${method}/responses/${status}/content/${step(media)}`;
          const what = `${method} ${path} ${status}`;
          const { example, examples: several } = record(body);
          const values =
            several === undefined
              ? [example]
              : Object.keys(record(several)).map(
                  (code) => record(record(record(harness.contract['components'])['examples'])[code])['value'],
                );
          assert.ok(values.length > 0 && !values.includes(undefined), what);
          for (const value of values) {
            at(`${pointer}/schema`).check(value, what);
            examples += 1;
          }
        }
      }
    }
    assert.ok(examples > 300, `${examples} examples`);
  });

  test('has an example of every request body, and each is valid under its own schema', () => {
    const at = schemaAt(harness.contract);
    let bodies = 0;
    for (const { path, method, operation } of operations()) {
      if (operation['requestBody'] === undefined) continue;
      const media = record(record(record(operation['requestBody'])['content'])['application/json']);
      at(`/paths/${step(path)}/${method}/requestBody/content/application~1json/schema`).check(media['example'], `${method} ${path}`);
      bodies += 1;
    }
    assert.ok(bodies >= 12, `${bodies} bodies`);
  });

  test('has no example that its own schema would let pass whatever it held', () => {
    const at = schemaAt(harness.contract);
    const pointer = `/paths/${step('/v1/tenants/{tenant}')}/get/responses/200/content/application~1json/schema`;
    assert.throws(() => at(pointer).check({ id: 'acme' }, 'a tenant without a name'));
  });

  test('documents errors as problems, each under the status of its code', () => {
    for (const { path, method, operation } of operations()) {
      for (const [status, response] of Object.entries(record(operation['responses']))) {
        if (status < '400') continue;
        const content = record(record(response)['content']);
        assert.deepEqual(Object.keys(content), ['application/problem+json'], `${method} ${path} ${status}`);
        for (const code of Object.keys(record(record(content['application/problem+json'])['examples']))) {
          assert.equal(String(Object.entries(ERRORS).find(([name]) => name === code)?.[1].status), status, code);
        }
      }
    }
  });

  test('refers only to what it holds', () => {
    const text = JSON.stringify(harness.contract);
    for (const [, kind, name] of text.matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)) {
      assert.ok(Object.hasOwn(record(record(harness.contract['components'])[kind ?? '']), name ?? ''), `${kind}/${name}`);
    }
    assert.doesNotMatch(text, /"\$ref":"(?!#\/components\/)/);
  });

  test('names the public URL as its server where one is set', async () => {
    const other = await start(fakeEngine(), KEYS.admin, { publicUrl: 'https://waxwing.example.com' });
    assert.deepEqual(other.contract['servers'], [{ url: 'https://waxwing.example.com' }]);
    await other.close();
  });
});
