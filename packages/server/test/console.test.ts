// The console as the server serves it: its page and files, its sign-in, and what a session may and may not do.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { request } from 'node:http';
import { createSessions } from '../src/console/sessions.ts';
import { fakeEngine, keyIdOf, KEYS } from './fake-engine.ts';
import type { FakeEngine } from './fake-engine.ts';
import { problemOf, start } from './harness.ts';
import type { Answer, Harness } from './harness.ts';

const PAGE = '<!doctype html><title>Waxwing</title>';
const SCRIPT = `console.log('${'waxwing '.repeat(200)}');`;

function builtFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-built-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'theme.js'), '1;');
  writeFileSync(join(folder, 'digest.bin'), 'secret');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), SCRIPT);
  writeFileSync(join(folder, 'assets', 'index-abc.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, 'assets', 'index-abc.js.gz'), gzipSync(SCRIPT));
  return folder;
}

/** The answer as it came, undecoded. */
function fetchRaw(
  url: string,
  headers: { readonly [name: string]: string },
): Promise<{ status: number; headers: { readonly [name: string]: unknown }; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}

suite('the console’s files', () => {
  let harness: Harness;
  const folder = builtFolder();
  before(async () => {
    harness = await start(fakeEngine(), KEYS.admin, { consoleFolder: folder });
  });
  after(async () => {
    await harness.close();
    rmSync(folder, { recursive: true });
  });

  const browse = (path: string): ReturnType<typeof fetchRaw> =>
    fetchRaw(harness.url + path, { accept: 'text/html,*/*;q=0.8', 'accept-encoding': 'gzip, deflate, br' });

  test('its page is at / and at every deep link that a browser opens, under a strict policy, checked anew each time', async () => {
    for (const path of ['/', '/?window=1h', '/endpoints', '/t/acme/deliveries/dlv_1?tab=x', '/sign-in', '/keys']) {
      const { status, headers, body } = await browse(path);
      assert.equal(status, 200, path);
      assert.equal(String(body), PAGE, path);
      assert.match(String(headers['content-type']), /^text\/html/);
      assert.equal(headers['cache-control'], 'no-cache');
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';.* frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*/);
    }
  });

  test('it shadows nothing of the API: unknown paths of it stay problems, and so does everything for programs', async () => {
    for (const path of [
      '/v1/nothing',
      '/v1',
      '/docs/nothing',
      '/console/nothing',
      '/assets/nothing.js',
      '/favicon.ico',
      '/../index.html',
      '/assets/..%2findex.html',
      '/digest.bin',
      '/index.html',
    ]) {
      const { status, headers } = await browse(path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.match(String(headers['content-type']), /problem\+json/, path);
    }
    problemOf(await harness.call('GET', '/endpoints'), 'route_not_found');
    problemOf(await harness.call('POST', '/endpoints', { json: {}, headers: { accept: 'text/html' } }), 'route_not_found');
    assert.match((await browse('/healthz')).body.toString(), /"ok"/);
  });

  test('assets are compressed as they were built, and kept for ever', async () => {
    const best = await browse('/assets/index-abc.js');
    assert.equal(best.headers['content-encoding'], 'br');
    assert.equal(brotliDecompressSync(best.body).toString(), SCRIPT);
    assert.equal(best.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(best.headers['x-content-type-options'], 'nosniff');
    const encodings = { 'gzip, br;q=0': 'gzip', 'br;q=0.5, gzip': 'br', gzip: 'gzip', identity: undefined, 'x-br': undefined };
    for (const [accept, encoding] of Object.entries(encodings)) {
      const { headers } = await fetchRaw(`${harness.url}/assets/index-abc.js`, { 'accept-encoding': accept });
      assert.equal(headers['content-encoding'], encoding, accept);
      assert.equal(headers['vary'], 'accept-encoding');
    }
    assert.equal((await browse('/theme.js')).headers['cache-control'], 'no-cache');
  });
});

suite('the console’s session', () => {
  let engine: FakeEngine;
  let harness: Harness;
  beforeEach(async () => {
    engine = fakeEngine();
    harness = await start(engine, KEYS.admin);
  });

  const own = (): { readonly [name: string]: string } => ({ 'x-waxwing-console': '1', origin: harness.url });
  const signIn = (json: unknown, headers: { readonly [name: string]: string } = own()): Promise<Answer> =>
    harness.call('POST', '/console/session', { key: null, json, headers });
  const cookieOf = (answer: Answer): string => answer.headers.get('set-cookie')?.split(';', 1)[0] ?? assert.fail('sets a cookie');

  async function run(check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } finally {
      await harness.close();
    }
  }

  test('a key opens it, its cookie is closed to scripts and other sites, and it reads as the key would', () =>
    run(async () => {
      const answer = await signIn({ key: KEYS.acmeRead });
      assert.equal(answer.status, 204);
      assert.match(answer.headers.get('set-cookie') ?? '', /^waxwing_session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
      const cookie = cookieOf(answer);
      const who = await harness.call('GET', '/console/session', { key: null, headers: { cookie } });
      assert.deepEqual(who.body, {
        scope: 'tenant',
        tenant: 'acme',
        actions: ['read'],
        keyName: "Acme's backend",
        expiresAt: null,
        version: '0.1.0-test',
      });
      assert.equal((await harness.call('GET', '/v1/tenants/acme', { key: null, headers: { cookie } })).status, 200);
      problemOf(await harness.call('GET', '/v1/tenants/globex', { key: null, headers: { cookie } }), 'forbidden');
      problemOf(
        await harness.call('POST', '/v1/tenants/acme/endpoints', { key: null, json: {}, headers: { cookie, ...own() } }),
        'forbidden',
      );
    }));

  test('behind TLS its cookie is Secure', () =>
    run(async () => {
      const secure = await start(engine, KEYS.admin, { publicUrl: 'https://waxwing.example.com' });
      const answer = await secure.call('POST', '/console/session', {
        key: null,
        json: { key: KEYS.admin },
        headers: { 'x-waxwing-console': '1', origin: 'https://waxwing.example.com' },
      });
      assert.match(answer.headers.get('set-cookie') ?? '', /; Secure$/);
      await secure.close();
    }));

  test('it changes something only when the console of this very origin asks', () =>
    run(async () => {
      const cookie = cookieOf(await signIn({ key: KEYS.admin }));
      const change = (headers: { readonly [name: string]: string }): Promise<Answer> =>
        harness.call('PUT', '/v1/tenants/acme', { key: null, json: {}, headers: { cookie, ...headers } });
      const refused = [
        {},
        { origin: harness.url },
        { 'x-waxwing-console': '1' },
        { 'x-waxwing-console': '1', origin: 'null' },
        { 'x-waxwing-console': '1', origin: 'http://127.0.0.1:1' },
        { 'x-waxwing-console': '1', origin: 'https://evil.example' },
        { 'x-waxwing-console': '1', origin: harness.url, 'sec-fetch-site': 'same-site' },
        { 'x-waxwing-console': '1', 'sec-fetch-site': 'cross-site' },
        { 'x-waxwing-console': '1', 'sec-fetch-site': 'none' },
      ];
      for (const headers of refused) problemOf(await change(headers), 'forbidden');
      assert.deepEqual(engine.changes, []);
      assert.ok((await change(own())).status < 300);
      assert.ok((await change({ 'x-waxwing-console': '1', 'sec-fetch-site': 'same-origin' })).status < 300);
    }));

  test('other origins cannot sign a browser in or out', () =>
    run(async () => {
      problemOf(await signIn({ key: KEYS.admin }, { origin: 'https://evil.example', 'x-waxwing-console': '1' }), 'forbidden');
      problemOf(await signIn({ key: KEYS.admin }, {}), 'forbidden');
      const cookie = cookieOf(await signIn({ key: KEYS.admin }));
      problemOf(await harness.call('DELETE', '/console/session', { key: null, headers: { cookie } }), 'forbidden');
      assert.equal((await harness.call('GET', '/console/session', { key: null, headers: { cookie } })).status, 200);
    }));

  test('it ends when it is signed out, and when its key is revoked', () =>
    run(async () => {
      const first = cookieOf(await signIn({ key: KEYS.admin }));
      const out = await harness.call('DELETE', '/console/session', { key: null, headers: { cookie: first, ...own() } });
      assert.match(out.headers.get('set-cookie') ?? '', /^waxwing_session=; .*Max-Age=0/);
      problemOf(await harness.call('GET', '/v1/tenants', { key: null, headers: { cookie: first } }), 'unauthorized');
      const second = cookieOf(await signIn({ key: KEYS.admin }));
      engine.revokedKeys.add(KEYS.admin);
      problemOf(await harness.call('GET', '/v1/tenants', { key: null, headers: { cookie: second } }), 'unauthorized');
    }));

  test('a wrong key, no key, and both a key and a code open none', () =>
    run(async () => {
      problemOf(await signIn({ key: 'no-such-key' }), 'unauthorized');
      problemOf(await signIn({ code: 'no-such-code' }), 'unauthorized');
      problemOf(await signIn({}), 'invalid_request');
      problemOf(await signIn({ key: KEYS.admin, code: 'x' }), 'invalid_request');
    }));

  test('a code opens one, once', () =>
    run(async () => {
      const code = harness.server.signInCode(keyIdOf(KEYS.admin));
      const cookie = cookieOf(await signIn({ code }));
      assert.equal((await harness.call('GET', '/v1/tenants', { key: null, headers: { cookie } })).status, 200);
      assert.match(problemOf(await signIn({ code }), 'unauthorized').detail, /used before/);
    }));

  test('a key in Authorization goes before the cookie', () =>
    run(async () => {
      const cookie = cookieOf(await signIn({ key: KEYS.admin }));
      problemOf(await harness.call('GET', '/v1/tenants', { key: KEYS.acme, headers: { cookie } }), 'forbidden');
    }));
});

test('a session ends after a day unused and after a week in all, and a code after ten minutes', () => {
  let nowMs = 1_000_000;
  const sessions = createSessions(fakeEngine().keys, () => nowMs);
  const hours = (count: number): void => void (nowMs += count * 3_600_000);
  const idle = sessions.openByKey(KEYS.admin)?.id ?? assert.fail();
  hours(23);
  assert.ok(sessions.keyOf(idle));
  hours(23);
  assert.ok(sessions.keyOf(idle), 'use keeps it');
  hours(25);
  assert.equal(sessions.keyOf(idle), null);
  const busy = sessions.openByKey(KEYS.admin)?.id ?? assert.fail();
  for (let hour = 0; hour < 7 * 24; hour++) {
    assert.ok(sessions.keyOf(busy));
    hours(1);
  }
  hours(1);
  assert.equal(sessions.keyOf(busy), null);
  const code = sessions.makeCode(keyIdOf(KEYS.admin));
  nowMs += 10 * 60_000 + 1;
  assert.equal(sessions.openByCode(code), null);
});
