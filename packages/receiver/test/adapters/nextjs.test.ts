// Next.js itself: an app with a route handler and an API route is built as its users build it, served, and sent real webhooks.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SECRET, signedEvent } from './signed-event.ts';

/** Within node_modules, so that Next finds its packages the way it does in a project; nothing looks for tests or sources there. */
const CACHE = join(import.meta.dirname, '../../../../node_modules/.cache');
const require = createRequire(import.meta.url);
const NEXT = require.resolve('next/dist/bin/next');
const ROOT = join(import.meta.dirname, '../../../..');

const RECEIVER = `
import { createReceiver } from '@waxwing/receiver';
export const receiver = createReceiver({ profile: 'humanconnection', secret: ${JSON.stringify(SECRET)}, log: () => {} });
receiver.on('meeting.completed', (event) => { if (event.data.meeting_id !== 'mtg_1') throw new Error('another meeting'); });
`;

const FILES: Readonly<Record<string, string>> = {
  'next.config.mjs': `export default {
    transpilePackages: ['@waxwing/receiver', '@waxwing/protocol'],
    turbopack: { root: ${JSON.stringify(ROOT)} },
  };`,
  'package.json': '{ "name": "next-app", "private": true, "type": "module" }',
  'app/layout.js': `
    import { createElement } from 'react';
    export default function Layout({ children }) { return createElement('html', null, createElement('body', null, children)); }`,
  'lib/receiver.js': RECEIVER,
  'app/webhook/route.js': `
    import { webhookHandler } from '@waxwing/receiver/next';
    import { receiver } from '../../lib/receiver.js';
    export const POST = webhookHandler(receiver);`,
  'app/read-before/route.js': `
    import { webhookHandler } from '@waxwing/receiver/next';
    import { receiver } from '../../lib/receiver.js';
    const handle = webhookHandler(receiver);
    export async function POST(request) { await request.json(); return handle(request); }`,
  'pages/api/webhook.js': `
    import { webhookHandler } from '@waxwing/receiver/next-pages';
    import { receiver } from '../../lib/receiver.js';
    export const config = { api: { bodyParser: false } };
    export default webhookHandler(receiver);`,
  'pages/api/parsed.js': `
    import { webhookHandler } from '@waxwing/receiver/next-pages';
    import { receiver } from '../../lib/receiver.js';
    export default webhookHandler(receiver);`,
};

describe('an app built with Next.js', () => {
  let folder: string;
  let server: ChildProcess | null = null;
  let base: string;

  function next(...args: readonly string[]): ChildProcess {
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', CI: '1' };
    return spawn(process.execPath, [NEXT, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async function post(path: string, { body, headers }: ReturnType<typeof signedEvent>): Promise<{ status: number; text: string }> {
    const response = await fetch(`${base}${path}`, { method: 'POST', body, headers });
    return { status: response.status, text: await response.text() };
  }

  before(async () => {
    mkdirSync(CACHE, { recursive: true });
    folder = mkdtempSync(join(CACHE, 'next-app-'));
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const build = next('build');
    let said = '';
    build.stdout?.on('data', (chunk) => (said += String(chunk)));
    build.stderr?.on('data', (chunk) => (said += String(chunk)));
    const [code] = await once(build, 'exit');
    assert.equal(code, 0, said);
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    const started = next('start', '--hostname', '127.0.0.1', '--port', String(port));
    server = started;
    await new Promise<void>((resolve, reject) => {
      started.stdout?.on('data', (chunk) => {
        if (String(chunk).includes('Ready')) resolve();
      });
      started.once('exit', (status) => reject(new Error(`next start left with ${status}`)));
    });
  });
  after(async () => {
    if (server !== null && server.exitCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  for (const path of ['/webhook', '/api/webhook']) {
    test(`verifies and handles at ${path}, and refuses what is not signed`, async () => {
      const event = signedEvent('meeting.completed');
      assert.deepEqual(await post(path, event), { status: 200, text: '{"ok":true}' });
      const { status, text } = await post(path, { ...event, body: event.body.replace('mtg_1', 'mtg_2') });
      assert.equal(status, 401);
      assert.match(text, /"code":"no_match"/);
    });
  }

  for (const [path, fix] of [
    ['/read-before', /export the handler as POST itself/],
    ['/api/parsed', /bodyParser: false/],
  ] as const) {
    test(`says at ${path} that the body was parsed before, and what to do`, async () => {
      const { text } = await post(path, signedEvent('meeting.completed'));
      assert.match(text, /"code":"body_was_parsed"/);
      assert.match(text, fix);
    });
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
