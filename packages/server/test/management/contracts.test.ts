// Each platform's own contract: valid, with examples that are valid, and shown on a page of its own. And off unless asked for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { MANAGEMENT_NAMES } from '@waxwing/protocol';
import { createServer } from '../../src/index.ts';
import { fakeEngine } from '../fake-engine.ts';
import { record, schemaAt, step } from '../harness.ts';
import type { Json } from '../harness.ts';

async function serve(t: { after(end: () => Promise<void>): void }, management: typeof MANAGEMENT_NAMES | readonly []): Promise<string> {
  const server = await createServer({ engine: fakeEngine(), version: '0.1.0-test', management, publicUrl: 'https://waxwing.example.com' });
  t.after(() => server.close());
  return (await server.listen({ host: '127.0.0.1', port: 0 })).url;
}

function responsesOf(contract: Json): readonly { readonly what: string; readonly pointer: string; readonly media: Json }[] {
  return Object.entries(record(contract['paths'])).flatMap(([path, item]) =>
    Object.entries(record(item)).flatMap(([method, operation]) =>
      Object.entries(record(record(operation)['responses'])).flatMap(([status, response]) =>
        Object.entries(record(record(response)['content'] ?? {})).map(([media, content]) => ({
          what: `${method} ${path} ${status}`,
          pointer: `/paths/${step(path)}/${method}/responses/${status}/content/${step(media)}/schema`,
          media: record(content),
        })),
      ),
    ),
  );
}

test('every platform has a valid contract of its own, every example in it is valid, and a page that shows it', async (t) => {
  const url = await serve(t, MANAGEMENT_NAMES);
  const validator = new Validator();
  for (const name of MANAGEMENT_NAMES) {
    const contract = record(await (await fetch(`${url}/openapi/${name}.json`)).json());
    const { valid, errors } = await validator.validate(structuredClone(contract));
    assert.deepEqual([valid, errors ?? []], [true, []], name);
    assert.deepEqual(contract['servers'], [{ url: 'https://waxwing.example.com' }]);
    const schema = schemaAt(contract);
    const responses = responsesOf(contract);
    assert.ok(responses.length > 20, `${name} has ${responses.length} answers`);
    for (const { what, pointer, media } of responses) {
      const examples =
        media['examples'] === undefined ? [media['example']] : Object.values(record(media['examples'])).map((one) => record(one)['value']);
      assert.ok(examples.length > 0, what);
      for (const example of examples) schema(pointer).check(example, `${name} ${what}`);
    }
    const page = await fetch(`${url}/docs/${name}`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self'/);
    assert.deepEqual(await (await fetch(`${url}/docs/${name}/json`)).json(), contract);
  }
  assert.match(await (await fetch(`${url}/docs/static/swagger-initializer.js`)).text(), /\S/);
});

test('the server’s own contract does not change with them', async (t) => {
  const [without, withAll] = [await serve(t, []), await serve(t, MANAGEMENT_NAMES)];
  const contract = async (url: string): Promise<unknown> => (await fetch(`${url}/openapi.json`)).json();
  assert.deepEqual(await contract(withAll), await contract(without));
});

test('what was not asked for is not there', async (t) => {
  const url = await serve(t, []);
  for (const path of [
    '/agents/a/webhooks',
    '/webhooks/events',
    '/api/v0/webhooks',
    '/api/v1/webhooks',
    '/accounts/projects/p/webhooks',
    '/openapi/joai.json',
  ]) {
    const answer = await fetch(url + path);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [404, 'application/problem+json'], path);
  }
});
