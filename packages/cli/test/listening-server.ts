// A server as a process, and what listening tests do with it: tenants, a local app that keeps every byte, a listener's JSON lines.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { Waxwing } from '@waxwing/client';

import { startWaxwing } from './waxwing-process.ts';
import type { Ending, Running } from './waxwing-process.ts';

export const ADMIN_KEY = `wxw_${'k'.repeat(40)}`;

export interface Served {
  readonly process: Running;
  readonly url: string;
  readonly client: Waxwing;
  readonly env: { readonly [name: string]: string };
}

/** @param port where it stood before, to stand there again */
export async function serve(t: Ending, folder: string, port = '0', ...flags: readonly string[]): Promise<Served> {
  const process = startWaxwing(t, ['serve', '--port', port, '--data', folder, ...flags], { WAXWING_ADMIN_KEY: ADMIN_KEY });
  const [url] = await process.saw(/http:\/\/127\.0\.0\.1:\d+/);
  const client = new Waxwing({ url, key: ADMIN_KEY, retry: { attemptsMax: 100 } });
  return { process, url, client, env: { WAXWING_URL: url, WAXWING_KEY: ADMIN_KEY, XDG_STATE_HOME: join(folder, 'state') } };
}

export interface Taken {
  readonly headers: { readonly [name: string]: string };
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly path: string;
}

export interface LocalApp {
  readonly url: string;
  readonly port: number;
  readonly taken: Taken[];
  /** What it answers next. */
  status: number;
  answer: string;
}

/** Takes everything, in this process. */
export async function localApp(t: Ending): Promise<LocalApp> {
  const taken: Taken[] = [];
  const server: Server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      taken.push({ headers, rawHeaders: request.rawHeaders, body, path: request.url ?? '' });
      response.writeHead(app.status, { 'x-app': 'local' }).end(app.answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const app: LocalApp = { url: `http://127.0.0.1:${address.port}/webhook`, port: address.port, taken, status: 200, answer: 'ok' };
  return app;
}

type News = { readonly kind: string; readonly [member: string]: unknown };

export interface Listener {
  readonly running: Running;
  news(): readonly News[];
  /** The first news of this kind, from a place in what was told on. */
  heard(kind: string, from?: number): Promise<News>;
  /** Asks it to end, and gives its exit status. */
  end(): Promise<number | null>;
}

/** `waxwing listen --output json`. */
export function listen(t: Ending, env: { readonly [name: string]: string }, ...flags: readonly string[]): Listener {
  const running = startWaxwing(t, ['listen', '--output', 'json', ...flags], env);
  const news = (): readonly News[] =>
    running
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  return {
    running,
    news,
    heard: async (kind, from = 0) => {
      const found = (): News | undefined =>
        news()
          .slice(from)
          .find((one) => one.kind === kind);
      let over: string | null = null;
      void running.ended.then(({ status, stderr }) => (over = `it ended with ${status}: ${stderr}`));
      await waitFor(`${kind} (${running.child.pid})`, () => found() !== undefined || over !== null);
      return found() ?? assert.fail(`no ${kind}: ${String(over)}\n${running.stdout()}`);
    },
    end: async () => {
      running.child.kill('SIGTERM');
      return (await running.ended).status;
    },
  };
}

export async function waitFor(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const startedMs = performance.now();
  while (!(await holds())) {
    assert.ok(performance.now() - startedMs < 40_000, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
