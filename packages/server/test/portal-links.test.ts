// Portal links: what they let in, for how long, how they look, and who may frame them.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { createEngine, sqlite } from '@waxwing/engine';
import type { Engine } from '@waxwing/engine';
import { problemOf, record, start } from './harness.ts';
import type { Answer, Harness } from './harness.ts';

suite('portal links', () => {
  let folder: string;
  let engine: Engine;
  let harness: Harness;
  let nowMs = Date.now();
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waxwing-portal-'));
    await mkdir(join(folder, 'console'));
    await writeFile(join(folder, 'console/index.html'), '<!doctype html><title>console</title>');
    const clock = {
      nowMs: () => nowMs,
      monotonicMs: () => performance.now(),
      after: (delayMs: number, run: () => void) => {
        const timer = { atMs: nowMs + delayMs, run };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    };
    engine = await createEngine({ store: sqlite(join(folder, 'data')), clock });
    for (const tenant of ['acme', 'globex']) await engine.tenants.put(tenant, {});
    const { key } = await engine.keys.create({ scope: 'admin' });
    harness = await start(engine, key, { consoleFolder: join(folder, 'console'), publicUrl: 'https://hooks.example/' });
  });
  after(async () => {
    await harness.close();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Creates a link; answers its id and token. */
  async function link(input: object = {}, key?: string): Promise<{ readonly id: string; readonly token: string; readonly answer: Answer }> {
    const answer = await harness.call('POST', '/v1/tenants/acme/portal-links', { json: input, ...(key === undefined ? {} : { key }) });
    assert.equal(answer.status, 201, answer.text);
    const [, id = '', token = ''] =
      /^https:\/\/hooks\.example\/portal\/(key_\w+)#token=(wxp_[\w-]{43})$/.exec(String(record(answer.body)['url'])) ?? [];
    assert.notEqual(token, '', answer.text);
    return { id, token, answer };
  }

  test('a link’s token does what it is for, for its tenant alone, until it expires', async () => {
    const { token, answer } = await link({ expiresInSeconds: 60 });
    assert.equal(record(answer.body)['expiresAt'], new Date(nowMs + 60_000).toISOString());
    assert.equal((await harness.call('GET', '/v1/tenants/acme/endpoints', { key: token })).status, 200);
    problemOf(await harness.call('GET', '/v1/tenants/globex/endpoints', { key: token }), 'forbidden');
    problemOf(await harness.call('POST', '/v1/tenants/acme/events', { key: token, json: { type: 'a', data: {} } }), 'forbidden');
    problemOf(await harness.call('GET', '/v1/keys', { key: token }), 'forbidden');
    nowMs += 61_000;
    problemOf(await harness.call('GET', '/v1/tenants/acme/endpoints', { key: token }), 'unauthorized');
  });

  test('it is not among the keys, and revoking its key ends it', async () => {
    const { id, token } = await link();
    const listed = await harness.call('GET', '/v1/keys');
    assert.ok(!listed.text.includes(id) && !listed.text.includes('portal'));
    assert.equal((await harness.call('GET', `/v1/portal-links/${id}/theme`, { key: null })).status, 200);
    assert.equal((await harness.call('DELETE', `/v1/keys/${id}`)).status, 204);
    problemOf(await harness.call('GET', '/v1/tenants/acme/endpoints', { key: token }), 'unauthorized');
    problemOf(await harness.call('GET', `/v1/portal-links/${id}/theme`, { key: null }), 'portal_link_not_found');
  });

  test('a link may no more than the key that made it, nor for longer, and makes no other', async () => {
    const expiresAt = new Date(nowMs + 600_000).toISOString();
    const { key } = await engine.keys.create({ scope: 'tenant', tenant: 'acme', actions: ['manage'], expiresAt });
    const { token, answer } = await link({}, key);
    assert.equal(record(answer.body)['expiresAt'], expiresAt);
    problemOf(await harness.call('GET', '/v1/tenants/acme/events', { key: token }), 'forbidden');
    problemOf(await harness.call('POST', '/v1/tenants/acme/portal-links', { key, json: { actions: ['read'] } }), 'forbidden');
    problemOf(await harness.call('POST', '/v1/tenants/globex/portal-links', { key, json: {} }), 'forbidden');
    problemOf(await harness.call('POST', '/v1/tenants/acme/portal-links', { key: token, json: {} }), 'forbidden');
  });

  test('its theme needs no key, and its page may be framed by its origins alone', async () => {
    const theme = { name: 'Acme', color: '#0a7d5a', mode: 'dark', logoUrl: 'https://cdn.acme.example/logo.svg' };
    const { id } = await link({ theme, origins: ['https://app.acme.example', 'https://x.acme.example:8443/'] });
    assert.deepEqual((await harness.call('GET', `/v1/portal-links/${id}/theme`, { key: null })).body, theme);
    const page = await harness.call('GET', `/portal/${id}`, { key: null });
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /frame-ancestors https:\/\/app\.acme\.example https:\/\/x\.acme\.example:8443(?:;|$)/);
    assert.match(policy, /img-src 'self' data: https:\/\/cdn\.acme\.example(?:;|$)/);
    assert.match(page.text, /console/);
    const plain = await harness.call('GET', `/portal/${(await link()).id}`, { key: null });
    assert.match(plain.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
    const unknown = await harness.call('GET', '/portal/key_00000000000000000000000000', { key: null });
    assert.match(unknown.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  });

  test('what could harm a page is refused', async () => {
    for (const input of [
      { origins: ['http://app.acme.example'] }, { origins: ['https://*.acme.example'] }, { origins: ['https://a.example/path'] },
      { origins: ["https://a.example; script-src 'unsafe-inline'"] }, { origins: ['null'] }, { origins: ['https://u:p@a.example'] },
      { theme: { logoUrl: 'javascript:alert(1)' } }, { theme: { logoUrl: 'http://a.example/l.png' } }, { theme: { color: 'red; }' } },
      { theme: { mode: 'sepia' } }, { theme: { css: '' } }, { expiresInSeconds: 59 }, { expiresInSeconds: 86_401 }, { actions: [] }, { actions: ['admin'] },
    ]) problemOf(await harness.call('POST', '/v1/tenants/acme/portal-links', { json: input }), 'invalid_request'); // prettier-ignore
    problemOf(await harness.call('POST', '/v1/tenants/nobody/portal-links', { json: {} }), 'tenant_not_found');
  });

  test('a day after it has expired nothing of it is kept', async () => {
    const { id } = await link({ expiresInSeconds: 60 });
    assert.notEqual(engine.portalLinks.find(id), null);
    nowMs += 25 * 3_600_000;
    for (let turn = 0; engine.portalLinks.find(id) !== null; turn++) {
      assert.ok(turn < 500, 'it is still kept');
      for (const timer of Array.from(timers)) {
        if (timer.atMs > nowMs) continue;
        timers.delete(timer);
        timer.run();
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
});
