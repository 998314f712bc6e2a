// A page of documentation, done as it says: every program is type-checked, and started or called, in a project of its own.
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
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { TestSender } from '@waxwing/receiver/testing';
import { listening } from './contract.ts';
import { SECRET } from './signed-event.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const PORT = '3000';
const env = { ...process.env, WEBHOOK_SECRET: SECRET, MESHAGENT_WEBHOOK_SECRET: SECRET };

const sender = new TestSender('humanconnection', { secret: SECRET });
const EVENT = { type: 'meeting.completed', data: { meeting_id: 'mtg_1' } };

/** What came of a handler's two requests, the page's event and the tampered one, and what it printed. */
export interface Handled {
  readonly statuses: unknown;
  readonly seen: string;
}

/** A program that serves on the page's port, started. */
export interface Started {
  readonly folder: string;
  readonly port: string;
  /** Ends it and gives back what it printed, the same when called again. */
  end(): Promise<{ readonly seen: string; readonly log: string }>;
}

export class Page {
  readonly programs: ReadonlyMap<string, string>;
  /** What the page says that a program prints. */
  readonly printed: ReadonlyMap<string, string>;
  readonly #project: string;
  readonly #shared: readonly string[];

  /** @param shared programs that others import, or that are used beside them */
  constructor(path: string, shared: readonly string[]) {
    const text = readFileSync(join(ROOT, path), 'utf8');
    this.programs = blocks(text, 'ts');
    this.printed = blocks(text, 'text');
    this.#shared = shared;
    this.#project = mkdtempSync(join(tmpdir(), 'waxwing-page-'));
    symlinkSync(join(ROOT, 'node_modules'), join(this.#project, 'node_modules'));
    writeFileSync(join(this.#project, 'package.json'), '{"type":"module"}');
  }

  remove(): void {
    rmSync(this.#project, { recursive: true });
  }

  /** What the compiler says of all programs together; the empty text where they are of the types that they say. */
  typeErrors(): string {
    const folder = join(this.#project, 'types');
    mkdirSync(folder);
    for (const [file, code] of this.programs) writeFileSync(join(folder, file), code);
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
    const { status, stdout } = spawnSync(process.execPath, [TSC, '-p', folder], { encoding: 'utf8' });
    return status === 0 ? '' : stdout;
  }

  /** A folder of its own with one program and the shared ones, for one port. */
  folderOf(file: string, port: string = PORT): string {
    const folder = join(this.#project, file.replace('.ts', ''));
    mkdirSync(folder);
    for (const name of new Set([file, ...this.#shared])) {
      writeFileSync(join(folder, name), (this.programs.get(name) ?? assert.fail(`${name} is not on the page`)).replaceAll(PORT, port));
    }
    return folder;
  }

  /** @param more variables that this program needs besides the page's */
  async start(file: string, more: { readonly [name: string]: string } = {}): Promise<Started> {
    const port = await freePort();
    const folder = this.folderOf(file, port);
    const entry = (this.programs.get(file) ?? '').includes('@Controller') ? compileDecorators(folder, file) : file;
    const child = spawn(process.execPath, [entry], { cwd: folder, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = once(child, 'exit');
    let seen = '';
    let log = '';
    child.stdout.on('data', (chunk) => (seen += String(chunk)));
    child.stderr.on('data', (chunk) => (log += String(chunk)));
    const end = async (): Promise<{ readonly seen: string; readonly log: string }> => {
      child.kill('SIGTERM');
      await exited;
      return { seen, log };
    };
    try {
      await untilListening(port, child);
    } catch (error) {
      await end();
      assert.fail(`${String(error)}\n${log}`);
    }
    return { folder, port, end };
  }

  /** Imports a program in a process of its own and has it answer the page's event and the tampered one. */
  async handle(file: string, call: string): Promise<Handled> {
    const folder = this.folderOf(file);
    const wire = [sender.signed(EVENT), sender.tampered(EVENT)].map(({ url, headers, body }) => ({
      url,
      headers,
      body: Buffer.from(body).toString(),
    }));
    writeFileSync(
      join(folder, 'call.mjs'),
      `import * as page from ${JSON.stringify(pathToFileURL(join(folder, file)).href)};
       import { createServer } from 'node:http';
       const statuses = [];
       for (const { url, headers, body } of ${JSON.stringify(wire)}) { ${call} }
       process.stderr.write('statuses ' + JSON.stringify(statuses));`,
    );
    const { stdout, stderr } = await run(folder, ['call.mjs']);
    return { statuses: JSON.parse(stderr.split('statuses ').at(-1) ?? ''), seen: stdout };
  }
}

/** How each kind of handler is called with one request. */
export const CALLS = {
  route: `statuses.push((await page.POST(new Request(url, { method: 'POST', headers, body }))).status);`,
  worker: `statuses.push((await page.default.fetch(new Request(url, { method: 'POST', headers, body }), { WEBHOOK_SECRET: process.env.WEBHOOK_SECRET })).status);`,
  lambda: `statuses.push((await page.handler({ requestContext: { http: { method: 'POST' } }, headers, body: btoa(body), isBase64Encoded: true })).statusCode);`,
  pages: `const server = createServer(page.default).listen(0); // as Next.js calls it, with its parser off
    statuses.push((await fetch('http://localhost:' + server.address().port, { method: 'POST', headers, body })).status);
    server.close();`,
} as const;

/** Runs Node in a folder, with the page's secret. */
export function run(folder: string, args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...env, NODE_TEST_CONTEXT: undefined } });
}

/** A page's blocks of a language, by file. */
function blocks(text: string, language: string): ReadonlyMap<string, string> {
  const found = text.matchAll(new RegExp(String.raw`^\`\`\`${language} (\S+)\n(.*?)^\`\`\``, 'gms'));
  return new Map([...found].map(([, file = '', code = '']) => [file, code]));
}

/** Node erases types but does not apply decorators: what a Nest project's own build does. */
function compileDecorators(folder: string, file: string): string {
  const compilerOptions = {
    noResolve: true,
    noCheck: true,
    experimentalDecorators: true,
    rewriteRelativeImportExtensions: true,
    module: 'nodenext',
    target: 'es2022',
    outDir: 'out',
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const { status, stdout } = spawnSync(process.execPath, [TSC, '-p', folder], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  return `out/${file.replace('.ts', '.js')}`;
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
