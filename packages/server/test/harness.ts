// A server on a free loopback port over some engine, and a client that holds every answer against the contract: its status
// and media type are documented for that operation, its body matches the documented schema, its code is a documented one.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { ERRORS } from '@waxwing/protocol';
import type { Problem } from '@waxwing/protocol';
import type { Engine } from '@waxwing/engine';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createServer } from '../src/index.ts';
import type { ServerOptions, WaxwingServer } from '../src/index.ts';

export interface Json {
  readonly [member: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, parsed; undefined when it is empty or not JSON. */
  readonly body: unknown;
}

export interface Call {
  readonly key?: string | null;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Uint8Array;
  readonly headers?: { readonly [name: string]: string };
}

export interface Harness {
  readonly server: WaxwingServer;
  readonly url: string;
  readonly port: number;
  readonly contract: Json;
  call(method: string, path: string, call?: Call): Promise<Answer>;
  close(): Promise<void>;
}

/** A key that may do everything, unless a call says otherwise. */
export async function start(engine: Engine, adminKey: string, options: Partial<ServerOptions> = {}): Promise<Harness> {
  const server = await createServer({ engine, version: '0.1.0-test', consoleFolder: null, ...options });
  const { url, port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const contract = record(await (await fetch(`${url}/openapi.json`)).json());
  const hold = holder(contract);
  return {
    server,
    url,
    port,
    contract,
    async call(method, path, { key = adminKey, json, body, headers = {} } = {}) {
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
      const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== '';
      const answer = { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
      if (method !== 'HEAD') hold(method, path, answer);
      return answer;
    },
    close: () => server.close(),
  };
}

/** Sends bytes as they are and gives back everything that comes, once the other side hangs up. */
export function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

/** An answer's problem. Fails when it is none, or not of this code. */
export function problemOf(answer: Answer, code?: string): Problem {
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, `${answer.status} ${answer.text.slice(0, 300)}`);
  const problem = answer.body as Problem; // its schema was checked by `hold`, or by assertProblem for paths that no route has
  assertProblem(problem, answer.status);
  if (code !== undefined) assert.equal(problem.code, code, problem.detail);
  return problem;
}

export function assertProblem(problem: Problem, status: number): void {
  assert.ok(Object.hasOwn(ERRORS, problem.code), `${problem.code} is in the registry`);
  const entry = Object.entries(ERRORS).find(([code]) => code === problem.code)?.[1];
  assert.equal(problem.status, status);
  assert.equal(problem.status, entry?.status);
  assert.equal(problem.title, entry?.title);
  assert.equal(problem.type, `urn:waxwing:error:${problem.code}`);
  assert.ok(problem.detail.length > 0);
}

export function record(value: unknown): Json {
  assert.ok(typeof value === 'object' && value !== null, `an object, not ${String(value)}`);
  return { ...value };
}

/** Makes a validator of contract schemas, by JSON Pointer into the contract. */
export function schemaAt(contract: Json): (pointer: string) => { check(value: unknown, what: string): void } {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat(
    'date-time',
    (text: string) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text) && !Number.isNaN(Date.parse(text)),
  );
  ajv.addSchema(contract, 'contract');
  return (pointer) => {
    const validate = ajv.compile({ $ref: `contract#${pointer}` });
    return {
      check(value, what) {
        assert.ok(validate(value), `${what}: ${JSON.stringify(validate.errors)}`);
      },
    };
  };
}

export function step(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

function holder(contract: Json): (method: string, path: string, answer: Answer) => void {
  const at = schemaAt(contract);
  const compiled = new Map<string, ReturnType<typeof at>>();
  const paths = Object.keys(record(contract['paths'])).map((path) => ({
    path,
    matches: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/?]+')}(?:\\?.*)?$`),
  }));
  return (method, path, answer) => {
    const what = `${method} ${path} → ${answer.status}`;
    const known = paths.find(({ matches }) => matches.test(path));
    const operation = known === undefined ? undefined : record(record(contract['paths'])[known.path])[method.toLowerCase()];
    if (known === undefined || operation === undefined) {
      if (answer.status >= 400) problemOf(answer);
      return;
    }
    const responses = record(record(operation)['responses']);
    const documented = responses[String(answer.status)];
    assert.ok(documented !== undefined, `${what} is documented: ${answer.text.slice(0, 300)}`);
    const content = record(record(documented)['content'] ?? {});
    const media = answer.headers.get('content-type')?.split(';', 1)[0];
    if (media === undefined || media === null) {
      assert.deepEqual(Object.keys(content), [], `${what} has no body`);
      return;
    }
    const documentedMedia = Object.keys(content).find((name) => name.split(';', 1)[0] === media);
    assert.ok(documentedMedia !== undefined, `${what} may be ${media}`);
    if (answer.body === undefined) return;
    const pointer = `/paths/${step(known.path)}/${method.toLowerCase()}/responses/${answer.status}/content/${step(documentedMedia)}`;
    let schema = compiled.get(pointer);
    if (schema === undefined) compiled.set(pointer, (schema = at(`${pointer}/schema`)));
    schema.check(answer.body, what);
    if (answer.status >= 400) {
      const { code } = problemOf(answer);
      assert.ok(Object.hasOwn(record(record(content[documentedMedia])['examples']), code), `${what} may be ${code}`);
    }
  };
}
