// What holds on every page, in light and dark: accessible, no wider than a telephone, what it shows inert whatever people
// and receivers wrote, and no secret in it. The routes are read from the router: a page that is not walked here fails.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible, assertFits, startBench } from './browser.ts';
import type { Bench, Opened } from './browser.ts';
import { assertInert, HOSTILE, startHostileScene } from './hostile-scene.ts';
import type { HostileScene } from './hostile-scene.ts';

/** By route: each view of it, and a text that stands there once it is loaded. */
const PAGES: { readonly [route: string]: readonly (readonly [path: string, text: string])[] } = {
  '/sign-in': [['/sign-in', 'Sign in to Waxwing']],
  '/': [['/?window=15m', 'Needs attention']],
  '/endpoints': [['/endpoints', HOSTILE.shown]],
  '/endpoints/new': [['/endpoints/new?tenant=mallory', 'Create endpoint']],
  '/t/$tenant/endpoints/$id': [
    ['/t/mallory/endpoints/{endpoint}', 'refused'],
    ['/t/mallory/endpoints/{endpoint}?tab=deliveries', 'hostile.sent'],
    ['/t/mallory/endpoints/{endpoint}?tab=settings', 'X-Hostile'],
  ],
  '/t/$tenant/endpoints/$id/edit': [['/t/mallory/endpoints/{endpoint}/edit', 'Save']],
  '/events': [['/events', 'hostile.sent']],
  '/t/$tenant/events/$id': [['/t/mallory/events/{event}?endpoint={deaf}', 'The endpoint subscribes to room.*']],
  '/deliveries': [['/deliveries', 'hostile.sent']],
  '/t/$tenant/deliveries/$id': [
    ['/t/mallory/deliveries/{delivery}', 'Failed after 1 attempt'],
    ['/t/mallory/deliveries/{delivery}?view=request', 'X-Hostile'],
    ['/t/mallory/deliveries/{delivery}?view=signature', 'Secret'],
    ['/t/mallory/deliveries/{garbage}', 'Failed after 1 attempt'],
  ],
  '/catalogue': [
    ['/catalogue', 'HumanConnection'],
    ['/catalogue?tab=types', 'meeting.completed'],
    ['/catalogue?tab=types&type=hostile.sent', 'Sample'],
  ],
  '/catalogue/$profile': [
    ['/catalogue/hostile?tab=convention', HOSTILE.shown],
    ['/catalogue/meetloyd?tab=message', 'X-MeetLoyd-Signature'],
    ['/catalogue/meshagent?tab=verify', 'Verify in'],
  ],
  '/replays': [['/replays', 'completed']],
  '/t/$tenant/replays/$id': [['/t/mallory/replays/{replay}', 'What was asked for']],
  '/keys': [
    ['/keys', HOSTILE.shown],
    ['/keys?tab=portal', 'Make the link'],
  ],
  '/cluster': [['/cluster', 'SQLite']],
  '/settings': [['/settings', 'WAXWING_MASTER_KEY']],
  $: [['/no/such/page', 'Nothing here']],
  '/find/$id': [['/find/evt_nowhere', 'Nothing has this id']],
};

const NOT_FOUND = /status of 404/; // the browser writes each answer above 399 into its console

/** The routes that the router declares; each page it imports is under one of them. */
function routes(): readonly string[] {
  const source = readFileSync(new URL('../src/app/router.tsx', import.meta.url), 'utf8');
  const declared = [...source.matchAll(/\bpage\(\s*'([^']+)'|path: '([^']+)'/g)].map(([, route, path]) => route ?? path ?? '');
  const imported = [...source.matchAll(/import\('\.\.\/pages\//g)].length;
  assert.equal(declared.length, imported, 'every page and the one for no page, without the sign-in, which paths.ts names');
  return ['/sign-in', ...declared].toSorted();
}

suite('every page', () => {
  let bench: Bench;
  let scene: HostileScene | undefined;
  let shared: Opened;
  before(async () => {
    bench = await startBench();
    scene = await startHostileScene(bench.server.client);
    shared = await bench.open({ allows: NOT_FOUND });
  });
  after(async () => {
    scene?.stop();
    await bench.stop();
  });

  test('is walked here: the router has no route that is not', () => assert.deepEqual(Object.keys(PAGES).toSorted(), routes()));

  const walk = async (page: Page, path: string, text: string): Promise<void> => {
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(bench.server.url + path.replace(/\{(\w+)\}/g, (_, name) => scene?.ids[name] ?? assert.fail(name)));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText(text).first().waitFor();
    await assertAccessible(page, `${path}, light`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await assertAccessible(page, `${path}, dark`, 'colours').catch(async () => {
      await page.reload(); // a scheme that changes under long text is not always painted whole at once
      await page.getByText(text).first().waitFor();
      await assertAccessible(page, `${path}, dark`, 'colours');
    });
    await page.setViewportSize({ width: 360, height: 740 });
    await assertFits(page, path);
    await assertInert(page, path);
    assert.equal(await page.getByText(bench.server.adminKey).count(), 0, 'the key is shown');
  };

  for (const [path, text] of Object.values(PAGES).flat()) {
    test(`${path} is accessible in light and dark, fits 360 pixels, and is inert`, async () => {
      const known = shared.complaints.length;
      const opened = path === '/sign-in' ? await bench.open({ signedIn: false, allows: /status of 401/ }) : shared;
      await walk(opened.page, path, text);
      assert.deepEqual(shared.complaints.slice(known), []);
    });
  }

  test('a portal is accessible in light and dark, fits 360 pixels, and is inert', async () => {
    const { url } = await bench.server.client.tenant('mallory').createPortalLink({ theme: { name: HOSTILE.text, color: '#fd0' } });
    const { page, complaints } = await bench.open({ signedIn: false, path: url.slice(bench.server.url.length) });
    await walk(page, url.slice(bench.server.url.length), HOSTILE.shown);
    assert.deepEqual(complaints, []);
  });

  test('lists to choose from and what is said in the corner are inert as well', async () => {
    const known = shared.complaints.length;
    const { page } = shared;
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.goto(`${bench.server.url}/deliveries?tenant=mallory`);
    await page.getByRole('combobox', { name: 'Endpoint' }).click();
    await page.getByRole('option', { name: HOSTILE.shown }).first().waitFor();
    await assertInert(page, 'endpoints to choose from');
    await page.keyboard.press('Escape');
    await page.getByRole('combobox', { name: 'Tenant' }).click();
    await page.getByRole('option', { name: HOSTILE.shown }).first().waitFor();
    await assertInert(page, 'tenants to choose from');
    await page.goto(`${bench.server.url}/t/mallory/endpoints/${scene?.ids['gone']}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: /Delete/ }).click();
    await page.getByRole('dialog').getByText(HOSTILE.shown).waitFor();
    await assertInert(page, 'the question before deleting');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText(`${HOSTILE.shown} is deleted.`).waitFor();
    await assertInert(page, 'what is said in the corner');
    assert.deepEqual(shared.complaints.slice(known), []);
  });
});
