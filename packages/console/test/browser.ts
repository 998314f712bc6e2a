// A real Chromium on a real `waxwing serve` with the console as built: what every browser test starts from.
//
// The machine's own Chromium is taken where there is one, else the one that @sparticuz/chromium brings. Every page is
// watched: an error in its console, a violation of its policy or a page error fails the test that opened it.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { Waxwing } from '@waxwing/client';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { buildConsole } from '../../../scripts/build-console.ts';
import { ROOT } from '../../../scripts/house.ts';

const BIN = join(import.meta.dirname, '../../cli/bin/waxwing.js');
const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Without these a Chromium at rest calls home. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WAIT_MS = 15_000;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** A theme changes colours and nothing else. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

export interface Server {
  readonly url: string;
  readonly adminKey: string;
  /** The link that was printed: signs in once. */
  readonly signInLink: string;
  /** With the admin key. */
  readonly client: Waxwing;
  stop(): Promise<void>;
}

export interface OpenOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** Signed in by the admin key unless false. */
  readonly signedIn?: boolean;
  readonly path?: string;
  /** What may be said in the browser's console after all: an answer of 401 that the test provokes. */
  readonly allows?: RegExp;
}

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong in the page so far: errors in its console, policy violations, exceptions. */
  readonly complaints: readonly string[];
}

export interface Bench {
  readonly server: Server;
  readonly browser: Browser;
  /** Opens a page in a context of its own, watched. */
  open(options?: OpenOptions): Promise<Opened>;
  /** Closes what was opened, and fails when any page complained. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds what is stale, starts a server on a fresh store, and a browser. */
export async function startBench(flags: readonly string[] = ['--allow-http', '--allow-private-networks']): Promise<Bench> {
  buildConsole();
  const server = await startServer(flags);
  const browser = await startBrowser().catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  const opened: Opened[] = [];
  return {
    server,
    browser,
    async open({ theme = 'light', width = 1280, height = 860, signedIn = true, path = '/', allows } = {}) {
      const context = await browser.newContext({
        colorScheme: theme,
        viewport: { width, height },
        locale: 'en-GB',
        reducedMotion: 'reduce',
      });
      context.setDefaultTimeout(WAIT_MS);
      const complaints: string[] = [];
      const complain = (text: string): void => void (allows?.test(text) === true || complaints.push(text));
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complain(`${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => complain(String(error.stack ?? error)));
      if (signedIn) await signInByKey(context, server);
      opened.push({ page, context, complaints });
      await page.goto(server.url + path);
      return { page, context, complaints };
    },
    async settle() {
      const complaints = opened.flatMap((one) => one.complaints);
      await Promise.all(opened.splice(0).map(({ context }) => context.close()));
      assert.deepEqual(complaints, []);
    },
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
}

/** As the sign-in page does it, without the page: the context's cookie is set. */
async function signInByKey(context: BrowserContext, server: Server): Promise<void> {
  const answer = await context.request.post(`${server.url}/console/session`, {
    data: { key: server.adminKey },
    headers: { 'x-waxwing-console': '1', origin: server.url },
  });
  assert.equal(answer.status(), 204, await answer.text());
}

/** Fails when axe finds anything against WCAG 2.2 AA; `colours` alone for the other theme of a page that was looked at. */
export async function assertAccessible(page: Page, what: string, colours?: 'colours'): Promise<void> {
  // Legacy mode: in the page itself, instead of opening another page for each look; there is no foreign frame to look into.
  // The announcer's nodes name what they announce, and outlive it by seconds: nobody but a screen reader meets them, once.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).exclude('[data-live-announcer]');
  const asked = colours === 'colours' ? axe.withRules(COLOUR_RULES) : axe.withTags(RULES);
  const { violations } = await asked.analyze();
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any.map(({ message }) => message).join('; ')}`).join(' | ')}`,
  );
  assert.deepEqual(found, [], what);
}

/** Fails when the page can be scrolled sideways. */
export async function assertFits(page: Page, what: string): Promise<void> {
  const over = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  assert.ok(over <= 0, `${what} is ${over} px wider than the window`);
}

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: SYSTEM_BROWSERS.find((path) => existsSync(path)) ?? unpacked(), headless: true, args: QUIET });
}

/**
 * The Chromium of @sparticuz/chromium, unpacked once for all: it would unpack 190 MB into the temporary folder of each run, and
 * start half of them where two files begin at once.
 */
function unpacked(): string {
  const library = join(ROOT, 'node_modules', '@sparticuz', 'chromium');
  const { version }: { readonly version: string } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  const folder = join(ROOT, 'node_modules', '.cache', `chromium-${version}`);
  if (!existsSync(folder)) {
    const aside = `${folder}-${process.pid}`;
    mkdirSync(aside, { recursive: true });
    const unpack = `await (await import(${JSON.stringify(import.meta.resolve('@sparticuz/chromium'))})).default.executablePath()`;
    execFileSync(process.execPath, ['--input-type=module', '-e', unpack], { cwd: ROOT, env: { ...process.env, TMPDIR: aside } });
    try {
      renameSync(aside, folder);
    } catch {
      rmSync(aside, { recursive: true, force: true }); // another was faster
    }
  }
  return join(folder, 'chromium');
}

export async function startServer(flags: readonly string[]): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'waxwing-console-'));
  const child = spawn(process.execPath, [BIN, 'serve', '--port', '0', '--data', join(folder, 'store'), ...flags], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = await said(child, /(http:\S+\/sign-in#code=\S+)/);
  const [url, adminKey, signInLink] = [/http:\/\/127\.0\.0\.1:\d+/, /wxw_\S+/, /http:\S+\/sign-in#code=\S+/].map(
    (pattern) => pattern.exec(printed)?.[0] ?? assert.fail(printed),
  );
  assert.ok(url !== undefined && adminKey !== undefined && signInLink !== undefined);
  return {
    url,
    adminKey,
    signInLink,
    client: new Waxwing({ url, key: adminKey }),
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Everything on stdout up to the first match. */
function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let [text, errors] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (pattern.test(text)) resolve(text);
    });
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('close', (status) => reject(new Error(`serve left with ${status}: ${text}${errors}`)));
  });
}
