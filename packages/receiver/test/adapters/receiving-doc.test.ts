// docs/receiving.md, done as it says: every program is type-checked, and started or called, in a project of its own.
//
// A block names its file after its language. The port of the page is replaced by a free one; nothing else is.

import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { TestSender } from '@waxwing/receiver/testing';
import { listening } from './contract.ts';
import { SECRET } from './signed-event.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(ROOT, 'docs/receiving.md'), 'utf8');
const PORT = '3000';
const SEEN = 'mtg_1 is completed\n';
const env = { ...process.env, WEBHOOK_SECRET: SECRET };

/** The page's blocks of a language, by file. */
function blocks(language: string): Map<string, string> {
  const found = page.matchAll(new RegExp(String.raw`^\`\`\`${language} (\S+)\n(.*?)^\`\`\``, 'gms'));
  return new Map([...found].map(([, file = '', code = '']) => [file, code]));
}

const programs = blocks('ts');
const printed = blocks('text');
let project = '';

before(() => {
  project = mkdtempSync(join(tmpdir(), 'waxwing-receiving-'));
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
});
after(() => rmSync(project, { recursive: true }));

/** A folder with one program and the sender, for one port. */
function folderOf(file: string, port: string): string {
  const folder = join(project, file.replace('.ts', ''));
  mkdirSync(folder);
  for (const name of [file, 'send.ts']) writeFileSync(join(folder, name), (programs.get(name) ?? '').replaceAll(PORT, port));
  return folder;
}

async function send(folder: string, id: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['send.ts', id], { cwd: folder, env });
  return stdout;
}

async function freePort(): Promise<string> {
  const { url, close } = await listening(createServer());
  await close();
  return new URL(url).port;
}

async function untilListening(port: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(Number(port), 'localhost');
    const open = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`it ended with ${child.exitCode}`);
}

/** Node erases types but does not apply decorators: what a Nest project's own build does. */
function compileDecorators(folder: string): string {
  const options = { noResolve: true, noCheck: true, experimentalDecorators: true, module: 'nodenext', target: 'es2022', outDir: '.' };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['nest.ts'] }));
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
  return 'nest.js';
}

test('every program on the page is of the types that it says', () => {
  const folder = join(project, 'types');
  mkdirSync(folder);
  for (const [file, code] of programs) writeFileSync(join(folder, file), code);
  const options = {
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    experimentalDecorators: true,
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    skipLibCheck: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

describe('a server on the page takes the page’s event, and refuses the tampered one', () => {
  for (const file of ['receive.ts', 'express.ts', 'fastify.ts', 'hono.ts', 'koa.ts', 'nest.ts', 'dedupe.ts', 'inbox.ts']) {
    test(file, { timeout: 20_000 }, async () => {
      const port = await freePort();
      const folder = folderOf(file, port);
      const entry = file === 'nest.ts' ? compileDecorators(folder) : file;
      const child = spawn(process.execPath, [entry], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let seen = '';
      let log = '';
      child.stdout.on('data', (chunk) => (seen += String(chunk)));
      child.stderr.on('data', (chunk) => (log += String(chunk)));
      try {
        await untilListening(port, child);
        assert.equal(await send(folder, 'whevt_1'), printed.get('send.ts'), log);
        if (file === 'dedupe.ts' || file === 'inbox.ts') assert.match(await send(folder, 'whevt_1'), /^200 .*"duplicate":true/);
      } finally {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      assert.equal(seen, printed.get('receive.ts'));
      assert.match(log, /webhook refused \(no_match\)/);
    });
  }
});

describe('a handler on the page takes the page’s event, and refuses the tampered one', () => {
  const sender = new TestSender('humanconnection', { secret: SECRET });
  const event = { type: 'meeting.completed', data: { meeting_id: 'mtg_1' } };
  const requests = [sender.signed(event), sender.tampered(event)];

  /** What the file exports, imported in a process of its own so that its output can be seen. */
  async function statuses(file: string, call: string): Promise<{ readonly statuses: unknown; readonly seen: string }> {
    const folder = folderOf(file, PORT);
    const wire = requests.map(({ url, headers, body }) => ({ url, headers, body: Buffer.from(body).toString() }));
    writeFileSync(
      join(folder, 'call.mjs'),
      `import * as page from ${JSON.stringify(pathToFileURL(join(folder, file)).href)};
       import { createServer } from 'node:http';
       const statuses = [];
       for (const { url, headers, body } of ${JSON.stringify(wire)}) { ${call} }
       process.stderr.write('statuses ' + JSON.stringify(statuses));`,
    );
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['call.mjs'], { cwd: folder, env });
    return { statuses: JSON.parse(stderr.split('statuses ').at(-1) ?? ''), seen: stdout };
  }

  for (const [file, call] of [
    ['route.ts', `statuses.push((await page.POST(new Request(url, { method: 'POST', headers, body }))).status);`],
    [
      'worker.ts',
      `statuses.push((await page.default.fetch(new Request(url, { method: 'POST', headers, body }), { WEBHOOK_SECRET: process.env.WEBHOOK_SECRET })).status);`,
    ],
    [
      'lambda.ts',
      `statuses.push((await page.handler({ requestContext: { http: { method: 'POST' } }, headers, body: btoa(body), isBase64Encoded: true })).statusCode);`,
    ],
    [
      'pages.ts',
      `const server = createServer(page.default).listen(0); // as Next.js calls it, with its parser off
       statuses.push((await fetch('http://localhost:' + server.address().port, { method: 'POST', headers, body })).status);
       server.close();`,
    ],
  ] as const) {
    test(file, async () => {
      assert.deepEqual(await statuses(file, call), { statuses: [200, 401], seen: SEEN });
    });
  }
});

test('every program on the page is started or called here, or is there for its types', () => {
  const only = ['send.ts', 'results.ts', 'exactly-once.ts']; // run by the others; types alone; needs a PostgreSQL
  const here = ['receive.ts', 'express.ts', 'fastify.ts', 'hono.ts', 'koa.ts', 'nest.ts', 'route.ts', 'pages.ts', 'lambda.ts', 'worker.ts'];
  assert.deepEqual([...programs.keys()].toSorted(), [...here, 'dedupe.ts', 'inbox.ts', ...only].toSorted());
});
