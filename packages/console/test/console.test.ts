// The frame of the console in a real browser: signing in and out, the first pages, keys, and what holds on every page.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import { after, afterEach, before, suite, test } from 'node:test';
import { assertAccessible, startBench } from './browser.ts';
import type { Bench } from './browser.ts';
import { startGate } from './gate.ts';

const UNAUTHORIZED = /status of 401/; // the browser itself writes each answer above 399 into its console

suite('the console', () => {
  let bench: Bench;
  let receiver: HttpServer;
  let endpointId = '';
  before(async () => {
    bench = await startBench();
    receiver = createServer((request, response) =>
      request.resume().on('end', () => response.writeHead(request.url === '/500' ? 500 : 204).end()),
    );
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    assert.ok(address !== null && typeof address === 'object');
    const acme = bench.server.client.tenant('acme');
    const url = `http://127.0.0.1:${address.port}`;
    endpointId = (await acme.endpoints.create({ name: 'Production', url: `${url}/ok` })).id;
    await acme.endpoints.create({ name: 'Old billing', url: `${url}/500`, maxRetries: 0 });
    await bench.server.client.tenant('globex').endpoints.create({ name: 'Staging', url: `${url}/ok` });
    for (let index = 0; index < 5; index++) await acme.publish({ type: 'meeting.completed', data: { meeting_id: `mtg_${index}` } });
  });
  afterEach(() => bench.settle());
  after(async () => {
    receiver.close();
    await bench.stop();
  });

  test('signs in by a key, says when it is not good, leads where one wanted to go, and signs out', async () => {
    const { page, context } = await bench.open({ signedIn: false, path: '/endpoints?status=failing', allows: UNAUTHORIZED });
    await page.getByLabel('Key').fill('wxw_not-a-key');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The key is unknown, expired or revoked.').waitFor();
    await page.getByLabel('Key').fill(bench.server.adminKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Endpoints' }).waitFor();
    assert.equal(new URL(page.url()).search, '?status=failing');
    const [cookie] = await context.cookies();
    assert.equal(cookie?.httpOnly, true);
    assert.equal(cookie?.sameSite, 'Strict');
    assert.equal(await page.evaluate<string>('document.cookie'), '');

    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Waxwing' }).waitFor();
    await page.goto(`${bench.server.url}/endpoints`);
    await page.getByRole('heading', { name: 'Sign in to Waxwing' }).waitFor();
  });

  test('signs in by the printed link, once', async () => {
    const first = await bench.open({ signedIn: false, path: bench.server.signInLink.slice(bench.server.url.length) });
    await first.page.getByRole('heading', { name: 'Overview' }).waitFor();
    assert.equal(new URL(first.page.url()).hash, '');
    const second = await bench.open({
      signedIn: false,
      path: bench.server.signInLink.slice(bench.server.url.length),
      allows: UNAUTHORIZED,
    });
    await second.page.getByText('The link was used before or is too old').waitFor();
  });

  test('the overview counts what happened and names what fails', async () => {
    const { page } = await bench.open({ path: '/?window=15m' });
    await page.getByText('5 delivered').waitFor();
    const failing = page.getByRole('listitem').filter({ hasText: 'Old billing' });
    await failing.getByText('failing').waitFor();
    await failing.getByRole('link').click();
    await page.getByRole('heading', { name: 'Old billing' }).waitFor();
  });

  test('endpoints are filtered by the address and by hand, by tenant too, and a new one appears live', async () => {
    const { page } = await bench.open({ path: '/endpoints?tenant=acme' });
    await page.getByRole('link', { name: 'Production' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Staging' }).count(), 0);
    await page.getByLabel('Filter endpoints').fill('billing');
    await page.getByRole('link', { name: 'Production' }).waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).searchParams.get('q'), 'billing');
    await page.getByText('Live', { exact: true }).waitFor();
    await bench.server.client
      .tenant('acme')
      .endpoints.create({ name: 'New billing', url: 'http://127.0.0.1:8499/x', eventTypes: ['none.*'] });
    await page.getByRole('link', { name: 'New billing' }).waitFor();
  });

  test('keys lead: / finds any id, j moves, ? helps, g e goes', async () => {
    const { page } = await bench.open();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(endpointId);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Production' }).waitFor();
    await page.locator('body').click();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await assertAccessible(page, 'help');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.getByRole('link', { name: 'Staging' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.locator('[data-index="1"] a:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Settings' }).waitFor();
  });

  test('its policy forbids inline scripts and styles, and a hostile name stays text', async () => {
    const hostile = '<img src=x onerror=alert(1)>\u202Egnp.exe';
    const { id } = await bench.server.client
      .tenant('mallory')
      .endpoints.create({ name: hostile, url: 'http://127.0.0.1:8499/x', eventTypes: ['none.*'] });
    const { page } = await bench.open({ path: '/endpoints?tenant=mallory' });
    await page.getByText('<img src=x onerror=alert(1)>⟨U+202E⟩gnp.exe').first().waitFor();
    await page.goto(`${bench.server.url}/t/mallory/endpoints/${id}`);
    await page.getByRole('heading', { name: '<img src=x' }).waitFor();
    const answer = await page.request.get(bench.server.url);
    const policy = answer.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.doesNotMatch(policy, /unsafe/);
  });

  test('what happened while the connection was cut is there when it is back', async () => {
    const gate = await startGate(bench.server.url);
    try {
      await bench.server.client.tenants.put('offline');
      const { page } = await bench.open({ allows: /ERR_|Failed to load/ });
      await page.goto(`${gate.url}/endpoints?tenant=offline`);
      await page.getByText('No endpoints yet').waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
      gate.shut();
      await page.getByText('Reconnecting').waitFor();
      await bench.server.client
        .tenant('offline')
        .endpoints.create({ name: 'Made meanwhile', url: 'http://127.0.0.1:8499/x', eventTypes: ['none.*'] });
      gate.open();
      await page.getByRole('link', { name: 'Made meanwhile' }).waitFor();
    } finally {
      gate.stop();
    }
  });

  test('a hundred thousand rows: few are in the page, and the last is one scroll away', async () => {
    const { page } = await bench.open();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const [model] = (await bench.server.client.tenant('acme').endpoints.list({ limit: 1 }).page()).data;
    // Made in the page: a hundred thousand rows through the debugger's pipe would take most of the test.
    await page.addInitScript(`{
      const real = window.fetch;
      window.fetch = (input, init) => {
        const { pathname } = new URL(input, location.href);
        if (pathname === '/v1/stats/endpoints') return Promise.resolve(Response.json({ data: [] }));
        if (pathname !== '/v1/endpoints') return real(input, init);
        const model = ${JSON.stringify(model)};
        const data = Array.from({ length: 100_000 }, (_, index) => ({ ...model, id: 'ep_' + index, name: 'Endpoint ' + index }));
        return Promise.resolve(Response.json({ data, nextCursor: null }));
      };
    }`);
    await page.goto(`${bench.server.url}/endpoints`);
    await page.getByRole('link', { name: 'Endpoint 0 ' }).waitFor();
    const tookMs = await page.evaluate<number>(`(async () => {
      const table = document.querySelector('[role=table]');
      const startMs = performance.now();
      for (let step = 1; step <= 60; step++) {
        table.scrollTop = (table.scrollHeight - table.clientHeight) * step / 60;
        await new Promise(requestAnimationFrame);
      }
      return (performance.now() - startMs) / 60;
    })()`);
    await page.getByRole('link', { name: 'Endpoint 99999' }).waitFor();
    assert.ok((await page.getByRole('row').count()) < 80);
    assert.ok(tookMs < 250, `${tookMs} ms a frame`); // 8 ms on an idle machine
  });

  test('a portal link shows its tenant in its colours, without any cookie, and no other tenant', async () => {
    const { url, adminKey } = bench.server;
    const made = await fetch(`${url}/v1/tenants/acme/portal-links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ theme: { name: 'Acme Inc', color: '#0a7d5a', mode: 'dark' } }),
    });
    const link: { readonly url: string } = JSON.parse(await made.text());
    const { page, context } = await bench.open({ signedIn: false, path: link.url.slice(url.length), allows: /status of 403/ });
    await page.getByText('Acme Inc').waitFor();
    await page.getByText('Old billing').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    assert.equal(await page.evaluate<string>('document.documentElement.dataset.theme'), 'dark');
    assert.deepEqual(await context.cookies(), []);
    assert.equal(await page.getByRole('button', { name: /^Account/ }).count(), 0);
    assert.equal(await page.getByRole('link', { name: 'Keys' }).count(), 0);
    await page.getByRole('link', { name: 'Endpoints' }).click();
    await page.getByRole('link', { name: 'Production' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Staging' }).count(), 0);
    const token = new URLSearchParams(new URL(link.url).hash.slice(1)).get('token') ?? '';
    for (const path of ['/v1/tenants/globex/endpoints', '/v1/endpoints', '/v1/tenants', '/v1/keys', '/v1/stream']) {
      const answer = await page.request.get(url + path, { headers: { authorization: `Bearer ${token}` } });
      assert.equal(answer.status(), 403, path);
    }
  });

  test('an address that leads nowhere says so', async () => {
    const { page } = await bench.open({ path: '/no/such/page' });
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
  });
});
