// Bad input on every route: a clear 4xx problem, never a 500, and nothing changed. The cases are made from the contract,
// so that a new route is covered the day it is added.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { fakeEngine, KEYS } from './fake-engine.ts';
import type { FakeEngine } from './fake-engine.ts';
import { assertProblem, problemOf, raw, record, start } from './harness.ts';
import type { Answer, Harness, Json } from './harness.ts';

const BODY_LIMIT = 20_000;

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
  readonly parameters: readonly Json[];
}

let engine: FakeEngine;
let harness: Harness;

before(async () => {
  engine = fakeEngine();
  harness = await start(engine, KEYS.admin, { bodyLimitBytes: BODY_LIMIT });
});
after(() => harness.close());
afterEach(() => assert.deepEqual(engine.changes, [], 'nothing was changed'));

function operations(): readonly Operation[] {
  return Object.entries(record(harness.contract['paths']))
    .filter(([path]) => path !== '/docs')
    .flatMap(([path, item]) =>
      Object.entries(record(item)).map(([method, operation]) => {
        const { parameters } = record(operation);
        return {
          path,
          method: method.toUpperCase(),
          operation: record(operation),
          parameters: Array.isArray(parameters) ? parameters.map(record) : [],
        };
      }),
    );
}

/** The operation's path with ids that exist, or with `ids` where given. */
function filled({ path, parameters }: Operation, ids: { readonly [name: string]: string } = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((each) => each['in'] === 'path' && each['name'] === name);
    return ids[name] ?? encodeURIComponent(String(parameter?.['example']));
  });
}

function bodySchema({ operation }: Operation): Json | null {
  if (operation['requestBody'] === undefined) return null;
  const { schema } = record(record(record(record(operation['requestBody'])['content'])['application/json']));
  const name = String(record(schema)['$ref']).split('/').at(-1) ?? '';
  return record(record(record(harness.contract['components'])['schemas'])[name]);
}

function refused(answer: Answer, what: string, status?: number): void {
  assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  if (status !== undefined) assert.equal(answer.status, status, `${what}: ${answer.text.slice(0, 300)}`);
  problemOf(answer);
}

const isOpen = ({ operation }: Operation): boolean => Array.isArray(operation['security']) && operation['security'].length === 0;

suite('on every route', () => {
  test('no key, an unknown key and a malformed Authorization get 401 with WWW-Authenticate', async () => {
    for (const each of operations().filter((one) => !isOpen(one))) {
      const what = `${each.method} ${each.path}`;
      for (const headers of [
        {},
        { authorization: 'Bearer no-such-key' },
        { authorization: 'Basic YTpi' },
        { authorization: 'Bearer' },
        { authorization: 'Bearer a b' },
      ]) {
        const answer = await harness.call(each.method, filled(each), { key: null, headers });
        refused(answer, what, 401);
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer /, what);
      }
    }
  });

  test('an unknown query parameter is refused by name, save on the console’s own pages', async () => {
    for (const each of operations()) {
      if (each.path === '/' || each.path === '/portal/{id}') continue;
      const answer = await harness.call(
        each.method,
        `${filled(each)}?${[...each.parameters.filter((one) => one['in'] === 'query' && one['required'] === true).map(({ name }) => `${String(name)}=x`), 'nonsense=1'].join('&')}`,
        record(each.operation)['requestBody'] === undefined ? {} : { json: example(each) },
      );
      refused(answer, `${each.method} ${each.path}`, 400);
      assert.deepEqual(
        problemOf(answer, 'invalid_request').errors?.map(({ path }) => path),
        ['query/nonsense'],
      );
    }
  });

  test('a malformed id in the path is refused', async () => {
    const odd = [
      '%00',
      'a%00b',
      '%2e%2e%2f%2e%2e',
      '..%2Fkeys',
      'a%20b',
      '%F0%9F%92%A5',
      'x'.repeat(300),
      'x'.repeat(600),
      'ep_',
      "'; drop table--",
      '%25',
      '*',
      'ep_01JV2Q8W5E7R9T1Y3V5B7N9M2K',
    ];
    for (const each of operations()) {
      for (const parameter of each.parameters.filter((one) => one['in'] === 'path')) {
        for (const id of odd) {
          const bodied = each.operation['requestBody'] === undefined ? {} : { json: example(each) };
          const takesIt = id === 'ep_01JV2Q8W5E7R9T1Y3V5B7N9M2K' || id === 'ep_'; // fine as ids that callers choose
          const answer = await harness.call(each.method, filled(each, { [String(parameter['name'])]: id }), bodied);
          if (takesIt && answer.status < 400) engine.changes.length = 0;
          else refused(answer, `${each.method} ${each.path} with ${String(parameter['name'])} ${id}`);
        }
      }
    }
  });

  test('broken percent-encoding is refused', async () => {
    for (const each of operations().filter(({ parameters }) => parameters.some((one) => one['in'] === 'path'))) {
      const name = String(each.parameters.find((one) => one['in'] === 'path')?.['name']);
      const answer = await raw(
        harness.port,
        `${each.method} ${filled(each, { [name]: '%zz' })} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.admin}\r\nconnection: close\r\n\r\n`,
      );
      assert.match(
        answer,
        /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"invalid_request"/,
        `${each.method} ${each.path}`,
      );
    }
  });

  test('methods that the path does not take get 405 with Allow', async () => {
    // `/events/batch` is a path of its own for POST, and for GET an event called batch.
    const methodsAt = (path: string): string[] =>
      operations().flatMap((one) => (new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path) ? [one.method] : []));
    for (const each of operations()) {
      const taken = methodsAt(filled(each)).sort();
      for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'].filter((one) => !taken.includes(one))) {
        const answer = await harness.call(method, filled(each), ['GET', 'OPTIONS'].includes(method) ? {} : { body: '{not json' });
        refused(answer, `${method} ${each.path}`, 405);
        const allowed = (answer.headers.get('allow') ?? '').split(', ').filter((one) => one !== 'HEAD');
        assert.deepEqual(allowed.sort(), taken);
      }
    }
  });
});

function example({ operation }: Operation): unknown {
  return record(record(record(operation['requestBody'])['content'])['application/json'])['example'];
}

suite('on every route that takes a body', () => {
  const bodied = (): readonly Operation[] => operations().filter(({ operation }) => operation['requestBody'] !== undefined);
  const each = async (refuse: (operation: Operation, path: string, what: string) => Promise<void>): Promise<void> => {
    for (const operation of bodied()) await refuse(operation, filled(operation), `${operation.method} ${operation.path}`);
  };

  test('what is not JSON is refused, saying where', () =>
    each(async ({ method }, path, what) => {
      for (const body of [
        '{',
        '{"a": }',
        '{"url": "x",}',
        "{'a': 1}",
        'undefined',
        '{"a": 1} x',
        '{"a": NaN}',
        '{"a": 01}',
        '// no\n{}',
        '{"a": "\u0001"}',
      ]) {
        const answer = await harness.call(method, path, { body });
        refused(answer, `${what} ${body}`, 400);
        assert.match(problemOf(answer, 'invalid_json').detail, /line|column|offset/);
      }
    }));

  test('bytes that are not UTF-8 are refused', () =>
    each(async ({ method }, path, what) => {
      refused(await harness.call(method, path, { body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) }), what, 400);
      const overlong = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')]);
      problemOf(await harness.call(method, path, { body: overlong }), 'invalid_json');
    }));

  test('JSON that is no object is refused', () =>
    each(async ({ method }, path, what) => {
      for (const body of ['[]', '1', '"text"', 'true', 'null', '[{"url":"https://x.example"}]'])
        refused(await harness.call(method, path, { body }), `${what} ${body}`, 400);
    }));

  test('no body at all is refused where one is needed', () =>
    each(async ({ method, operation }, path, what) => {
      if (record(operation['requestBody'])['required'] !== true) return;
      problemOf(await harness.call(method, path), 'invalid_request');
      refused(await harness.call(method, path, { body: '', headers: { 'content-type': 'application/json' } }), what, 400);
      refused(await harness.call(method, path, { body: ' \n' }), what, 400);
    }));

  test('an unknown field is refused by name', () =>
    each(async (operation, path, what) => {
      if (operation.path.startsWith('/v1/profiles/{name}')) return; // the engine judges profiles, whole
      const answer = await harness.call(operation.method, path, { json: { ...record(example(operation)), nonsense: 1, 'a/b': 2 } });
      refused(answer, what, 400);
      const paths = problemOf(answer, 'invalid_request').errors?.map((error) => error.path);
      assert.ok(paths?.includes('/nonsense') && paths.includes('/a~1b'), `${what}: ${String(paths)}`);
    }));

  test('a field twice, and a field called __proto__, are refused', () =>
    each(async ({ method, path: pattern }, path, what) => {
      refused(await harness.call(method, path, { body: '{"name":"a","name":"b"}' }), what, 400);
      if (!pattern.startsWith('/v1/profiles/{name}'))
        refused(await harness.call(method, path, { body: '{"__proto__":{"scope":"admin"},"url":"https://x.example"}' }), what, 400);
      refused(await harness.call(method, path, { body: '{"\\u005f_proto__":{}}' }), what, 400);
      refused(await harness.call(method, path, { body: '{"metadata":{"__proto__":"x"},"sample":{"a":{"__proto__":1}}}' }), what, 400);
    }));

  test('each field of a wrong type is refused, naming it', () =>
    each(async (operation, path, what) => {
      const samples: readonly (readonly [type: string, value: unknown])[] = [
        ['integer', 1],
        ['number', 1.5],
        ['string', 'text'],
        ['boolean', true],
        ['null', null],
        ['array', []],
        ['object', {}],
      ];
      let tried = 0;
      for (const [name, schema] of Object.entries(record(bodySchema(operation)?.['properties'] ?? {}))) {
        const { type } = record(schema);
        if (type === undefined) continue;
        const types = [type].flat();
        for (const [wrong, value] of samples) {
          if (types.includes(wrong) || (wrong === 'integer' && types.includes('number'))) continue;
          const answer = await harness.call(operation.method, path, { json: { ...record(example(operation)), [name]: value } });
          refused(answer, `${what} ${name}: ${JSON.stringify(value)}`, 400);
          const paths = problemOf(answer).errors?.map((error) => error.path);
          assert.ok(paths?.includes(`/${name}`), `${what} ${name}: ${answer.text}`);
          tried += 1;
        }
      }
      assert.ok(tried > 0 || operation.path.startsWith('/v1/profiles/{name}'), what);
    }));

  test('free text with a NUL is refused', () =>
    each(async (operation, path, what) => {
      for (const [name, schema] of Object.entries(record(bodySchema(operation)?.['properties'] ?? {}))) {
        if (record(schema)['type'] !== 'string' || record(schema)['pattern'] === undefined) continue;
        if (operation.path.includes('/events')) continue; // what the engine does with its type is the engine's
        refused(
          await harness.call(operation.method, path, { json: { ...record(example(operation)), [name]: 'a\u0000b' } }),
          `${what} ${name}`,
          400,
        );
      }
    }));

  test('other media types get 415', () =>
    each(async (operation, path, what) => {
      const body = JSON.stringify(example(operation));
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/xml',
        'application/jsonx',
        'text/json',
        'application/cloudevents+json',
        'json',
        ';;;',
        'application/json,',
      ]) {
        problemOf(await harness.call(operation.method, path, { body, headers: { 'content-type': type } }), 'unsupported_media_type');
      }
      const answer = await raw(
        harness.port,
        `${operation.method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.admin}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
      assert.match(answer, /^HTTP\/1\.1 415 [\s\S]*"code":"unsupported_media_type"/, `${what} without a content type`);
    }));

  test('too large a body gets 413 with the limit named, announced or chunked', () =>
    each(async (operation, path, what) => {
      const body = JSON.stringify({ name: 'x'.repeat(BODY_LIMIT) });
      const answer = await harness.call(operation.method, path, { body });
      assert.match(problemOf(answer, 'request_too_large').detail, new RegExp(String(BODY_LIMIT)), what);
      const chunked = await raw(
        harness.port,
        `${operation.method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.admin}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      );
      assert.match(chunked, /^HTTP\/1\.1 413 [\s\S]*"code":"request_too_large"/, what);
    }));

  test('nesting too deep is refused', () =>
    each(async ({ method }, path, what) => {
      const deep = '['.repeat(2_000) + ']'.repeat(2_000);
      refused(await harness.call(method, path, { body: `{"data":${deep}}` }), what, 400);
    }));
});

suite('on every route that takes no body', () => {
  test('an empty object is taken for none; fields, other JSON and what is not JSON are refused', async () => {
    for (const each of operations().filter(({ method, operation }) => method !== 'GET' && operation['requestBody'] === undefined)) {
      const what = `${each.method} ${each.path}`;
      problemOf(await harness.call(each.method, filled(each), { json: { force: true } }), 'invalid_request');
      for (const body of ['[]', 'null', '1', '{"a":', 'x'])
        refused(await harness.call(each.method, filled(each), { body }), `${what} ${body}`, 400);
      refused(
        await harness.call(each.method, filled(each), { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
        what,
        415,
      );
      refused(await harness.call(each.method, filled(each), { json: { a: 'x'.repeat(BODY_LIMIT) } }), what, 413);
    }
  });
});

suite('on every list', () => {
  const lists = (): readonly Operation[] => operations().filter(({ parameters }) => parameters.some(({ name }) => name === 'limit'));

  test('a limit that is not 1 to 250 is refused', async () => {
    for (const each of lists()) {
      for (const limit of ['0', '-1', '251', '1.5', 'ten', '', '1e9', 'NaN', '0x', '5&limit=6', '%00', 'null', '[]']) {
        const answer = await harness.call('GET', `${filled(each)}?limit=${limit}`);
        refused(answer, `${each.path} limit ${limit}`, 400);
        assert.equal(problemOf(answer, 'invalid_request').errors?.[0]?.path, 'query/limit');
      }
    }
  });

  test('a cursor that no list gave is refused', async () => {
    for (const each of lists()) {
      for (const cursor of ['nonsense', '%00', '-1', '%7B%7D', 'x'.repeat(600), 'good&cursor=good', '..%2F..'])
        refused(await harness.call('GET', `${filled(each)}?cursor=${cursor}`), `${each.path} ${cursor}`, 400);
    }
  });

  test('filters of the wrong form are refused, naming each', async () => {
    const wrong: { readonly [name: string]: readonly string[] } = {
      from: ['yesterday', '2026-05-12', '2026-13-40T00:00:00Z', '1778599800', '', '2026-05-12T15:30:00'],
      to: ['never', '9'.repeat(50)],
      state: ['done', '', 'Pending'],
      outcome: ['ok', '500'],
      cause: ['magic'],
      type: ['x'.repeat(300), 'a%00b'],
      q: ['x'.repeat(201), '%00'],
      endpoint: ['x'.repeat(65), '%00'],
      event: ['x'.repeat(65), '%00'],
      profile: ['x'.repeat(65), '%00'],
    };
    let tried = 0;
    for (const each of lists()) {
      for (const { name } of each.parameters.filter((one) => one['in'] === 'query')) {
        for (const value of wrong[String(name)] ?? []) {
          const answer = await harness.call('GET', `${filled(each)}?${String(name)}=${value}`);
          refused(answer, `${each.path} ${String(name)}=${value}`, 400);
          assert.equal(problemOf(answer).errors?.[0]?.path, `query/${String(name)}`);
          tried += 1;
        }
      }
    }
    assert.ok(tried > 40, String(tried));
  });
});

suite('below the routes', () => {
  const ask = (bytes: string): Promise<string> => raw(harness.port, bytes);
  const assertRaw = (answer: string, status: number, code: string): void => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), answer.slice(0, 300));
    assert.match(head, /content-type: application\/problem\+json/i);
    const problem = JSON.parse(body);
    assertProblem(problem, status);
    assert.equal(problem.code, code);
  };

  test('what is not HTTP gets 400 as a problem', async () => {
    assertRaw(await ask('hello\r\n\r\n'), 400, 'invalid_request');
    assertRaw(await ask('GET /v1/\u0000keys HTTP/1.1\r\nhost: x\r\n\r\n'), 400, 'invalid_request');
    assertRaw(
      await ask('POST /v1/keys HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n'),
      400,
      'invalid_request',
    );
  });

  test('a huge query gets 431 with the limit named, a large one 400', async () => {
    const answer = await ask(`GET /v1/events?q=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`);
    assertRaw(answer, 431, 'headers_too_large');
    assert.match(answer, /16384/);
    refused(await harness.call('GET', `/v1/events?q=${'x'.repeat(10_000)}`), 'a large query', 400);
  });

  test('path traversal finds nothing', async () => {
    for (const path of [
      '/v1/tenants/../keys',
      '/v1/../v1/keys',
      '/docs/static/../../package.json',
      '/docs/static/%2e%2e/%2e%2e/package.json',
      '/..',
      '//v1/keys',
      '/v1/keys/',
      '/V1/keys',
      '/v1//keys',
    ]) {
      const answer = await ask(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.admin}\r\nconnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 40[034] [\s\S]*application\/problem\+json/, `${path}: ${answer.slice(0, 200)}`);
    }
  });

  test('an unknown path gets 404 whatever its method, body and key, and names a near one', async () => {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const answer = await harness.call(method, '/v1/tenant', { key: null, ...(method === 'POST' ? { body: '{broken' } : {}) });
      assert.match(problemOf(answer, 'route_not_found').detail, /did you mean \/v1\/tenants\?/);
    }
    problemOf(await harness.call('GET', '/v2/tenants'), 'route_not_found');
    problemOf(await harness.call('GET', '/v1/tenants/acme/reruns'), 'route_not_found');
  });

  test('a key of another scope is refused before its body is looked at', async () => {
    problemOf(await harness.call('POST', '/v1/keys', { key: KEYS.acme, body: '{broken' }), 'forbidden');
  });
});
