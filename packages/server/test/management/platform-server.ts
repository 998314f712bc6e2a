// A server that speaks the platforms' management APIs over a real engine, and a client that holds every answer against the
// platform's own contract: its status is documented for that operation, and its body matches the documented schema.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, sqlite } from '@waxwing/engine';
import type { Engine } from '@waxwing/engine';
import type { KeyFormat, ManagementName } from '@waxwing/protocol';
import { createServer } from '../../src/index.ts';
import { record, schemaAt, step } from '../harness.ts';
import type { Answer, Call, Json } from '../harness.ts';

export const ADMIN = 'an-admin-key-for-these-tests';

export interface PlatformServer {
  readonly engine: Engine;
  readonly url: string;
  readonly contract: Json;
  /** Calls, holds the answer against the contract, and fails unless the status is this one. */
  call(status: number, method: string, path: string, call?: Call): Promise<Answer>;
  /** A key for one tenant. */
  key(tenant: string, format?: KeyFormat, actions?: readonly ('publish' | 'manage' | 'read')[]): Promise<string>;
  close(): Promise<void>;
}

export async function platformServer(
  name: ManagementName,
  egress: { readonly allowHttp: boolean; readonly allowPrivateNetworks: boolean } = { allowHttp: false, allowPrivateNetworks: false },
): Promise<PlatformServer> {
  const folder = await mkdtemp(join(tmpdir(), 'waxwing-management-'));
  const engine = await createEngine({ store: sqlite(folder), egress, limits: { endpointsPerTenantMax: 5 } });
  await engine.keys.create({ name: 'test', scope: 'admin' }, { key: ADMIN });
  const server = await createServer({ engine, version: '0.1.0-test', management: [name] });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  const contract = record(await (await fetch(`${url}/openapi/${name}.json`)).json());
  const hold = holder(contract);
  return {
    engine,
    url,
    contract,
    async call(status, method, path, { key = ADMIN, json, body, headers = {} } = {}) {
      const sent = json === undefined ? body : JSON.stringify(json);
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(sent === undefined ? {} : { body: typeof sent === 'string' ? sent : Buffer.from(sent) }),
      });
      const text = await response.text();
      const answer: Answer = {
        status: response.status,
        headers: response.headers,
        text,
        body: text === '' ? undefined : JSON.parse(text),
      };
      assert.equal(answer.status, status, `${method} ${path} → ${answer.status} ${text}`);
      hold(method, path, answer);
      return answer;
    },
    key: async (tenant, format = 'wxw', actions = ['publish', 'manage', 'read']) =>
      (await engine.keys.create({ scope: 'tenant', tenant, actions, format })).key,
    close: async () => {
      await server.close();
      await engine.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A member of an answer's body, however deep. */
export function at(answer: Answer, ...members: readonly (string | number)[]): unknown {
  let value: unknown = answer.body;
  for (const member of members) value = record(value)[String(member)];
  return value;
}

export function list(value: unknown): readonly Json[] {
  assert.ok(Array.isArray(value), `a list, not ${JSON.stringify(value)}`);
  return value.map(record);
}

/** Every operation of a contract, as `METHOD path`. */
export function operations(contract: Json): readonly string[] {
  return Object.entries(record(contract['paths']))
    .flatMap(([path, item]) => Object.keys(record(item)).map((method) => `${method.toUpperCase()} ${path}`))
    .toSorted();
}

function holder(contract: Json): (method: string, path: string, answer: Answer) => void {
  const schema = schemaAt(contract);
  const paths = Object.keys(record(contract['paths'])).map((path) => ({
    path,
    matches: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/?]+')}(?:\\?.*)?$`),
  }));
  return (method, path, answer) => {
    const error = answer.status >= 400;
    if (answer.text !== '') assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    if (error) schema('/components/schemas/Error').check(answer.body, `${method} ${path}`);
    const known = paths.find(({ matches }) => matches.test(path));
    const operation = known === undefined ? undefined : record(record(contract['paths'])[known.path])[method.toLowerCase()];
    if (known === undefined || operation === undefined) return assert.ok(error, `${method} ${path} is documented`);
    const documented = record(record(operation)['responses'])[String(answer.status)];
    assert.ok(documented !== undefined, `${method} ${path} → ${answer.status} is documented`);
    for (const name of Object.keys(record(record(documented)['headers'] ?? {}))) assert.ok(answer.headers.has(name), `${name} is sent`);
    if (error) return;
    const pointer = `/paths/${step(known.path)}/${method.toLowerCase()}/responses/${answer.status}/content/application~1json/schema`;
    if (answer.body === undefined) assert.equal(record(documented)['content'], undefined);
    else schema(pointer).check(answer.body, `${method} ${path}`);
  };
}
