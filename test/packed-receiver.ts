// The packed @waxwing/receiver as its users have it: in plain JavaScript, in TypeScript, in a Workers-like runtime and in a bundle.
//
// Called by packaging.test.ts with the project in which the tarballs are installed. Nothing here reads the sources.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createContext, Script } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { startBrowser } from '../packages/console/test/browser.ts';
import { SCHEMES } from '@waxwing/receiver';
import { ROOT } from '../scripts/house.ts';

/** Promised of one scheme's verifier, compressed. */
const ONE_SCHEME_BYTES_MAX = 8 * 1024;

const RUNTIMES = {
  'Cloudflare Workers': ['workerd', 'worker', 'browser', 'import', 'default'],
  browsers: ['browser', 'import', 'default'],
} as const;

/** The globals that web runtimes share (https://min-common-api.proposal.wintertc.org), beside the language's own. */
const WEB_GLOBALS = (
  'AbortController AbortSignal Blob CompressionStream Crypto CryptoKey DOMException Event EventTarget FormData Headers MessageChannel ' +
  'ReadableStream Request Response SubtleCrypto TextDecoder TextEncoder TransformStream URL URLSearchParams WritableStream atob btoa ' +
  'clearInterval clearTimeout console crypto fetch performance queueMicrotask setInterval setTimeout structuredClone'
).split(' ');

export function packedReceiverClaims(project: () => string): void {
  const run = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, args, { cwd: project(), encoding: 'utf8', timeout: 60_000 });

  async function bundle(name: string, code: string, conditions: readonly string[], format: 'esm' | 'iife' = 'esm'): Promise<string> {
    const input = join(project(), `${name}.js`);
    writeFileSync(input, code);
    const made = await rolldown({
      input,
      cwd: project(),
      platform: 'neutral',
      resolve: { conditionNames: [...conditions] },
      logLevel: 'silent',
    });
    const { output } = await made.generate({ format, name, minify: true });
    await made.close();
    const [{ code: bundled, imports, dynamicImports }, ...more] = output;
    assert.deepEqual([imports, dynamicImports, more.length], [[], [], 0], 'it imports what is not in it');
    return bundled;
  }

  describe('the packed receiver in plain JavaScript', () => {
    for (const [form, file, head] of [
      ['an ES module', 'plain.mjs', IMPORTED],
      ['a CommonJS module', 'plain.cjs', REQUIRED],
    ] as const) {
      test(`serves, verifies, dedupes and keeps: ${form}`, () => {
        writeFileSync(join(project(), file), `${head}\n${PLAIN_USE}`);
        const { status, stdout, stderr } = run(file);
        assert.equal(status, 0, stderr);
        assert.equal(stdout, '200 {"ok":true}\n200 {"ok":true,"duplicate":true}\n401 no_match\n422 schema_mismatch\nseen mtg_1\n');
      });
    }

    test('judges its published vectors as they say, with node:crypto and with Web Crypto', () => {
      writeFileSync(join(project(), 'vectors.mjs'), VECTORS_USE);
      const { status, stdout, stderr } = run('vectors.mjs');
      assert.equal(status, 0, stderr);
      const [senders, messages, wrong] = stdout.trim().split(' ').map(Number);
      assert.ok(senders === Object.keys(SCHEMES).length && (messages ?? 0) > 1000, stdout);
      assert.equal(wrong, 0);
    });
  });

  describe('the packed receiver in TypeScript', () => {
    const check = (name: string, source: string, options: object): void => {
      writeFileSync(join(project(), `${name}.ts`), source);
      const compilerOptions = { target: 'es2024', strict: true, exactOptionalPropertyTypes: true, noEmit: true, ...options };
      writeFileSync(join(project(), `tsconfig.${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
      const { status, stdout } = run(join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(project(), `tsconfig.${name}.json`));
      assert.equal(status, 0, stdout);
    };

    test('types the events of `on` from the catalogue, and refuses types, fields and options that are not there', () => {
      check('receiver-node', TYPED_USE, { module: 'nodenext', types: ['node'] });
    });

    test('is typed for a Worker without a type of Node’s', () => {
      const options = { module: 'preserve', lib: ['es2024', 'webworker'], types: [], customConditions: ['workerd', 'worker', 'browser'] };
      check('receiver-worker', WORKER_TYPED_USE, options);
    });
  });

  describe('the packed receiver where there is no Node', () => {
    for (const [runtime, conditions] of Object.entries(RUNTIMES)) {
      test(`is bundled for ${runtime} without a module of Node’s, and runs with the web’s globals alone`, async () => {
        const code = await bundle('worker', WORKER_USE, conditions, 'iife');
        assert.deepEqual(structuredClone(await runOnTheWeb(code)), {
          statuses: [200, 200, 401, 401, 422, 405, 413],
          seen: 'mtg_1',
          event: 'issues',
        });
      });

      test(`one scheme’s verifier is less than 8 kB compressed for ${runtime}, and holds no other scheme`, async () => {
        const sizes: [name: string, bytes: number][] = [];
        for (const [name, scheme] of Object.entries(SCHEMES)) {
          const exported = name === 'gitlab-signed' ? 'gitlabSigned' : name;
          const code = await bundle(
            'one',
            `import { createVerifier, ${exported} } from '@waxwing/receiver';\nexport const verify = createVerifier(${exported});\n`,
            conditions,
          );
          sizes.push([name, gzipSync(code).length]);
          assert.ok(code.includes(scheme.page), `${name} is not in its own bundle`);
          for (const other of Object.values(SCHEMES)) {
            if (other.page !== scheme.page && !isBeside(name, other.name))
              assert.ok(!code.includes(other.page), `${other.name} is in the bundle of ${name}`);
          }
        }
        const tooLarge = sizes.filter(([, bytes]) => bytes >= ONE_SCHEME_BYTES_MAX);
        assert.deepEqual(tooLarge, [], `largest: ${Math.max(...sizes.map(([, bytes]) => bytes))} bytes`);
      });
    }

    test('runs in a real browser', async () => {
      const code = await bundle('worker', WORKER_USE, RUNTIMES.browsers, 'iife');
      assert.deepEqual(await runInBrowser(`${code}\nworker.result`), {
        statuses: [200, 200, 401, 401, 422, 405, 413],
        seen: 'mtg_1',
        event: 'issues',
      });
    });

    test('schemas and catalogues that are not asked for are not in a bundle', async () => {
      const receiver = `import { createReceiver, joai } from '@waxwing/receiver';\nexport const make = (secret) => createReceiver({ profile: joai, secret });\n`;
      assert.ok(!/dependentRequired|meeting\.completed/.test(await bundle('bare', receiver, RUNTIMES.browsers)));
      const one = `import { joaiSchemas } from '@waxwing/receiver/schemas';\nexport const schemas = joaiSchemas;\n`;
      const code = await bundle('schemas', one, RUNTIMES.browsers);
      assert.ok(code.includes('user.message') && !/meeting\.completed|room\.started/.test(code));
    });
  });

  test('the published vectors are one file of JSON with each sender’s page', () => {
    const { exports }: { exports: Record<string, string> } = JSON.parse(
      readFileSync(join(project(), 'node_modules/@waxwing/receiver/package.json'), 'utf8'),
    );
    const file = join(project(), 'node_modules/@waxwing/receiver', exports['./vectors.json'] ?? '');
    const { senders }: { senders: Record<string, { page: string }> } = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual(
      Object.entries(senders).map(([name, { page }]) => [name, page]),
      Object.entries(SCHEMES).map(([name, { page }]) => [name, page]),
    );
  });
}

/** The profiles' schemes stand in one module, which their few lines share. */
function isBeside(name: string, other: string): boolean {
  const profiles = ['standard', 'meetloyd', 'joai', 'humanconnection'];
  return profiles.includes(name) && profiles.includes(other);
}

/** Runs a script in a context that has the language and the web's globals and nothing else, and gives back its `worker.result`. */
function runOnTheWeb(code: string): Promise<unknown> {
  // Bytes are of one realm on the web: a body that `Request` hands over is a Uint8Array of the program's own.
  const globals = [...WEB_GLOBALS, 'ArrayBuffer', 'Uint8Array'].map((name): [string, unknown] => [name, Reflect.get(globalThis, name)]);
  assert.deepEqual(
    globals.filter(([, value]) => value === undefined),
    [],
    'this Node does not have all of them',
  );
  const context = createContext(Object.fromEntries(globals));
  return new Script(`${code}\nworker.result`).runInContext(context);
}

/** Evaluates a script in a page of this machine's own, where Web Crypto is to be had, and gives back what it resolves to. */
async function runInBrowser(script: string): Promise<unknown> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${address.port}/`);
    return await page.evaluate(script);
  } finally {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const IMPORTED = `
import { retryAfter, verify, WebhookServer } from '@waxwing/receiver';
import { MemoryDedupe } from '@waxwing/receiver/dedupe';
import { humanconnectionSchemas } from '@waxwing/receiver/schemas';
import { TestSender } from '@waxwing/receiver/testing';`;

const REQUIRED = `
const { retryAfter, verify, WebhookServer } = require('@waxwing/receiver');
const { MemoryDedupe } = require('@waxwing/receiver/dedupe');
const { humanconnectionSchemas } = require('@waxwing/receiver/schemas');
const { TestSender } = require('@waxwing/receiver/testing');`;

const PLAIN_USE = `
async function main() {
  const sender = new TestSender('humanconnection');
  const server = new WebhookServer({
    profile: 'humanconnection', secret: sender.secret, host: '127.0.0.1', port: 0,
    dedupe: new MemoryDedupe(), schemas: humanconnectionSchemas, log: () => {},
  });
  const seen = [];
  server.on('meeting.completed', (event) => void seen.push(event.data.meeting_id));
  server.on('meeting.cancelled', () => retryAfter(5));
  await server.start();
  const event = { type: 'meeting.completed', data: { meeting_id: 'mtg_1', request_id: 'r', human_id: 'h' } };
  const post = ({ headers, body }) => fetch(server.url, { method: 'POST', headers, body });
  for (const request of sender.duplicated(event)) {
    const response = await post(request);
    console.log(response.status, await response.text());
  }
  for (const request of [sender.tampered(event), sender.signed({ type: 'meeting.completed', data: {} })]) {
    const response = await post(request);
    console.log(response.status, (await response.json()).code);
  }
  console.log('seen', seen.join());
  if (!(await verify('humanconnection', sender.signed(event), sender.secret)).ok) throw new Error('verify');
  await server.stop();
}
main();
`;

const VECTORS_USE = `
import { SCHEMES, verifySync } from '@waxwing/receiver';
import vectors from '@waxwing/receiver/vectors.json' with { type: 'json' };
import { verify as verifyOnTheWeb } from './node_modules/@waxwing/receiver/dist/index.js';
let [messages, wrong] = [0, 0];
for (const [sender, { toleranceSeconds, page, messages: all }] of Object.entries(vectors.senders)) {
  if (SCHEMES[sender].toleranceSeconds !== toleranceSeconds || SCHEMES[sender].page !== page) wrong += 1;
  for (const { secrets, nowSeconds, method, url, headers, body, bodyBase64, expect } of all) {
    const request = { method, url, headers, body: body ?? Buffer.from(bodyBase64, 'base64') };
    const options = { now: () => nowSeconds * 1000 };
    for (const result of [verifySync(sender, request, secrets, options), await verifyOnTheWeb(sender, request, secrets, options)]) {
      const outcome = result.ok ? 'accepted' : result.reason;
      if (outcome !== expect && !(Array.isArray(expect) && expect.includes(outcome))) wrong += 1;
    }
    messages += 1;
  }
}
console.log(Object.keys(vectors.senders).length, messages, wrong);
`;

const TYPED_USE = `
import { createReceiver, verifySync, WebhookServer } from '@waxwing/receiver';
import { MeshAgentWebhookServer, type RoomStartedEvent } from '@waxwing/receiver/meshagent';
import { humanconnectionSchemas } from '@waxwing/receiver/schemas';
import { openInbox } from '@waxwing/receiver/inbox';
import { webhookHandler } from '@waxwing/receiver/express';

const secret = process.env.WEBHOOK_SECRET;
const server = new WebhookServer({ profile: 'humanconnection', secret, schemas: humanconnectionSchemas, inbox: openInbox('a.db') });
server.on('meeting.completed', (event) => {
  const type: 'meeting.completed' = event.type;
  const id: string = event.data.meeting_id;
  const status: string | undefined = event.data.status;
  // @ts-expect-error -- no such field
  return void [type, id, status, event.data.meetingId];
});
// @ts-expect-error -- no such type
server.on('meeting.complete', () => {});
server.onAny((event) => {
  if (event.type === 'payment.failed') return void event.data.reward_id;
  // @ts-expect-error -- told apart by type
  return void event.data.reward_id;
});
server.onUnknown((event) => void (event.data satisfies unknown));
// @ts-expect-error -- no such sender
createReceiver({ profile: 'humanconection', secret });
// @ts-expect-error -- no such answer
server.on('meeting.cancelled', () => 200);
createReceiver({ profile: 'github', secret }).on('issues', (event) => void (event.data satisfies unknown));
webhookHandler(createReceiver({ profile: 'joai', secret }).on('user.message', ({ data }) => void data.user.name.toUpperCase()));
export class Rooms extends MeshAgentWebhookServer {
  override async onRoomStarted(event: RoomStartedEvent): Promise<void> {
    event.roomName.toUpperCase();
  }
}
const result = verifySync('joai', { headers: {}, body: '' }, 'a secret of mine');
if (result.ok && result.event.type === 'user.message') result.event.data.room.name.toUpperCase();
declare module '@waxwing/receiver' {
  interface Catalogues {
    readonly acme: { readonly 'order.paid': { readonly total: number } };
  }
}
const acme = { name: 'acme', signature: { kind: 'standard-webhooks' }, envelope: { type: '{type}', data: '{data}' } } as const;
createReceiver({ profile: acme, secret }).on('order.paid', ({ data }) => void data.total.toFixed());
`;

const WORKER_TYPED_USE = `
import { createReceiver, createVerifier, github } from '@waxwing/receiver';
import { webhookHandler } from '@waxwing/receiver/fetch';
import { jsonSchema } from '@waxwing/receiver/schemas';

export default {
  fetch: (request: Request, env: { readonly SECRET: string }): Promise<Response> => {
    const receiver = createReceiver({ profile: 'humanconnection', secret: env.SECRET, schemas: { 'meeting.completed': jsonSchema({}) } });
    receiver.on('meeting.completed', (event) => void event.data.meeting_id.toUpperCase());
    // @ts-expect-error -- no such type
    receiver.on('meeting.complete', () => {});
    return webhookHandler(receiver)(request);
  },
};
export const verifyGithub = createVerifier(github);
// @ts-expect-error -- Node's server is not there
export type { WebhookServer } from '@waxwing/receiver';
`;

/** What a Worker does with its receiver, and what came of it. Signs with Web Crypto, since the testing helpers are Node's. */
const WORKER_USE = `
import { createReceiver, createVerifier, github } from '@waxwing/receiver';
import { MemoryDedupe } from '@waxwing/receiver/dedupe';
import { webhookHandler } from '@waxwing/receiver/fetch';
import { humanconnectionSchemas } from '@waxwing/receiver/schemas';

const secret = 'whsec_a secret for tests';
const encoder = new TextEncoder();

async function signature(body) {
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(body)));
  return 'sha256=' + Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function main() {
  const seen = [];
  const receiver = createReceiver({
    profile: 'humanconnection', secret, dedupe: new MemoryDedupe(), schemas: humanconnectionSchemas, log: () => {},
  });
  receiver.on('meeting.completed', (event) => void seen.push(event.data.meeting_id));
  const handle = webhookHandler(receiver, { bodyLimitBytes: 2000 });
  const url = 'https://worker.example/webhook';
  const message = (data) => JSON.stringify({ id: 'whevt_1', type: 'meeting.completed', created_at: '2026-05-12T15:30:00Z', data });
  const body = message({ meeting_id: 'mtg_1', request_id: 'r', human_id: 'h' });
  const bad = message({ meeting_id: 5 });
  const post = async (text, header) => handle(new Request(url, { method: 'POST', body: text, headers: header && { 'x-humanconnection-signature': header } }));
  const responses = [
    await post(body, await signature(body)),
    await post(body, await signature(body)),
    await post(body, await signature(bad)),
    await post(body),
    await post(bad, await signature(bad)),
    await handle(new Request(url)),
    await post('x'.repeat(3000), 'sha256=00'),
  ];
  const hook = '{"action":"opened"}';
  const headers = new Headers({ 'x-hub-signature-256': await signature(hook), 'x-github-event': 'issues' });
  const verified = await createVerifier(github)({ headers, body: encoder.encode(hook) }, [secret]);
  return { statuses: responses.map(({ status }) => status), seen: seen.join(), event: verified.ok ? verified.event.type : verified.reason };
}
export const result = main();
`;
