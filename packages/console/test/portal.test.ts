// A tenant's own view, by a link that an operator makes: in its colours, in a frame where the link allows it and nowhere
// else, and never another tenant's.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { after, afterEach, before, suite, test } from 'node:test';
import { assertAccessible, assertFits, startBench } from './browser.ts';
import type { Bench } from './browser.ts';
import { startReceiver } from './receiver.ts';
import type { TestReceiver } from './receiver.ts';

const REFUSED = /status of 40[0134]|unknown, expired or revoked/; // the browser writes each answer above 399 into its console
const NOT_FRAMED = /status of 401|frame-ancestors|Refused to (frame|display)|Framing/;

/** A page of another origin, on a host name and port of its own, that frames what its query says. */
async function startFramer(host: string): Promise<{ readonly origin: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const framed = new URL(request.url ?? '/', 'http://x').searchParams.get('of') ?? '';
    response.setHeader('content-type', 'text/html');
    response.end(
      framed === '' ? '' : `<!doctype html><title>host</title><iframe id="portal" width="900" height="600" src="${framed}"></iframe>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { origin: `http://${host}:${address.port}`, server };
}

suite('the portal', () => {
  let bench: Bench;
  let receiver: TestReceiver;
  let allowed: Awaited<ReturnType<typeof startFramer>>;
  let stranger: Awaited<ReturnType<typeof startFramer>>;
  const secretIds: string[] = [];
  before(async () => {
    [bench, receiver, allowed, stranger] = await Promise.all([
      startBench(),
      startReceiver(),
      startFramer('localhost'),
      startFramer('localhost'),
    ]);
    const acme = bench.server.client.tenant('acme');
    await acme.endpoints.create({ name: 'Production', url: `${receiver.url}/ok` });
    await acme.publish({ type: 'meeting.completed', data: { mine: true } });
    const globex = bench.server.client.tenant('globex');
    const { id } = await globex.endpoints.create({ name: 'Secret of Globex', url: `${receiver.url}/globex` });
    const event = await globex.publish({ type: 'globex.only', data: { theirs: true } });
    const [delivery] = (await globex.deliveries.list().page()).data;
    secretIds.push(id, event.id, delivery?.id ?? '');
  });
  afterEach(() => bench.settle());
  after(async () => {
    for (const { server } of [allowed, stranger]) {
      server.close();
      server.closeAllConnections();
    }
    receiver.stop();
    await bench.stop();
  });

  test('an operator makes the link by hand; it shows in its own colours, in a foreign frame that it allows, without a cookie, live', async () => {
    const { page } = await bench.open({ path: '/keys?tab=portal' });
    await page.getByRole('combobox', { name: 'Tenant' }).last().fill('acme');
    await page.getByRole('option', { name: 'acme' }).click();
    await page.getByLabel('Name').fill('Acme Inc');
    await page.getByLabel('Colour').fill('#0a7d5a');
    await page.getByRole('radio', { name: 'Dark' }).click();
    await page.getByLabel('Origins that may frame it').fill(allowed.origin);
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = (await page.locator('[data-secret]').textContent()) ?? '';
    assert.match(link, /\/portal\/key_\w+#token=wxp_/);
    await assertAccessible(page, 'portal link made');

    const host = await bench.open({ signedIn: false, allows: /status of 401/ });
    await host.page.goto(`${allowed.origin}/?of=${encodeURIComponent(link)}`);
    const frame = host.page.frameLocator('#portal');
    await frame.getByText('Acme Inc').waitFor();
    await frame.getByText('Live', { exact: true }).waitFor();
    await frame.getByRole('link', { name: 'Endpoints' }).click();
    await frame.getByRole('link', { name: 'Production' }).waitFor();
    assert.equal(await frame.locator('html').getAttribute('data-theme'), 'dark');
    assert.deepEqual(await host.context.cookies(), []);
    await bench.server.client.tenant('acme').endpoints.create({ name: 'Made meanwhile', url: `${receiver.url}/new` });
    await frame.getByRole('link', { name: 'Made meanwhile' }).waitFor();
    await frame.getByRole('link', { name: 'Made meanwhile' }).click();
    await frame.getByRole('button', { name: 'Send a test' }).click();
    await frame.getByRole('button', { name: 'Send', exact: true }).click();
    await frame.getByText('The whole delivery').waitFor();
    const kept = await host.page
      .frames()[1]
      ?.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])');
    assert.doesNotMatch(kept ?? 'wxp_', /wxp_/);
  });

  test('no other origin may frame it', async () => {
    const { url } = await bench.server.client.tenant('acme').createPortalLink({ origins: [allowed.origin] });
    const { page } = await bench.open({ signedIn: false, allows: NOT_FRAMED });
    await page.goto(`${stranger.origin}/?of=${encodeURIComponent(url)}`);
    await page.waitForLoadState('load');
    const shown = await page
      .frames()[1]
      ?.evaluate<string>('document.documentElement.outerHTML')
      .catch(() => '');
    assert.doesNotMatch(shown ?? '', /Waxwing|id="root"/);
  });

  test('another tenant’s things are reached by no deep link, no search, no call of the API', async () => {
    const { url } = await bench.server.client.tenant('acme').createPortalLink({ actions: ['publish', 'manage', 'read'] });
    const token = new URLSearchParams(new URL(url).hash.slice(1)).get('token') ?? '';
    const { page } = await bench.open({ signedIn: false, path: url.slice(bench.server.url.length), allows: REFUSED });
    await page.getByText('Live', { exact: true }).waitFor();
    for (const id of secretIds) {
      await page.getByLabel('Find by id').fill(id);
      await page.keyboard.press('Enter');
      await page.getByRole('main').getByText(id, { exact: true }).waitFor();
      await page.getByRole('main').getByRole('alert').waitFor();
      assert.equal(await page.getByText('Globex').count(), 0, id);
    }
    assert.equal(await page.getByRole('combobox', { name: 'Tenant' }).count(), 0);
    for (const place of ['Keys', 'Cluster', 'Settings']) assert.equal(await page.getByRole('link', { name: place }).count(), 0, place);

    const said = await page.evaluate<readonly string[]>(`(async () => {
      const [endpoint, event, delivery] = ${JSON.stringify(secretIds)};
      const base = '/v1/tenants/globex';
      const asks = [
        ['GET', base], ['GET', base + '/endpoints'], ['GET', base + '/endpoints/' + endpoint], ['GET', base + '/events/' + event],
        ['GET', base + '/deliveries/' + delivery], ['GET', base + '/stats'], ['GET', base + '/stream'], ['GET', base + '/replays'],
        ['GET', '/v1/tenants/acme/endpoints/' + endpoint], ['GET', '/v1/tenants/acme/events/' + event], ['GET', '/v1/tenants/acme/deliveries/' + delivery],
        ['GET', '/v1/tenants/acme%2F..%2Fglobex/endpoints'], ['GET', '/v1/endpoints'], ['GET', '/v1/events'], ['GET', '/v1/stream'], ['GET', '/v1/stats'],
        ['GET', '/v1/replays'], ['GET', '/v1/tenants'], ['GET', '/v1/keys'], ['GET', '/v1/cluster'], ['GET', '/v1/settings'], ['GET', '/v1/lookup/' + endpoint],
        ['DELETE', base + '/endpoints/' + endpoint], ['POST', base + '/endpoints/' + endpoint + '/pause'], ['POST', base + '/deliveries/' + delivery + '/retry'],
        ['POST', base + '/portal-links'], ['POST', '/v1/tenants/acme/portal-links'], ['PATCH', '/v1/tenants/acme/endpoints/' + endpoint],
      ];
      const answers = [];
      for (const [method, path] of asks) {
        const headers = { authorization: 'Bearer ${token}', 'x-waxwing-console': '1', ...(method === 'PATCH' ? { 'content-type': 'application/json' } : {}) };
        const answer = await fetch(path, { method, headers, ...(method === 'PATCH' ? { body: '{"name":"mine"}' } : {}) });
        answers.push(method + ' ' + path + ' ' + answer.status);
      }
      return answers;
    })()`);
    assert.equal(said.length, 28);
    for (const answer of said) assert.match(answer, / (400|403|404)$/, answer);
    assert.equal((await bench.server.client.tenant('globex').endpoints.get(secretIds[0] ?? '')).name, 'Secret of Globex');

    // The same page's deep links outside of the portal ask for a sign-in: the token is not carried there.
    await page.goto(`${bench.server.url}/t/globex/endpoints/${secretIds[0]}`);
    await page.getByRole('heading', { name: 'Sign in to Waxwing' }).waitFor();
  });

  test('with a link that may only look nothing can be changed; one that is not good says so; both fit 360 pixels', async () => {
    const { url, id } = await bench.server.client
      .tenant('acme')
      .createPortalLink({ actions: ['read'], theme: { name: 'Looking', color: '#fd0' } });
    const path = url.slice(bench.server.url.length);
    const { page } = await bench.open({ signedIn: false, path, allows: REFUSED, width: 360, height: 740 });
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: 'Endpoints' }).click();
    await page.getByRole('link', { name: 'Production' }).click();
    await page.getByRole('tab', { name: 'Settings' }).waitFor();
    await assertFits(page, 'portal endpoint');
    await assertAccessible(page, 'portal endpoint, in yellow');
    for (const name of ['Send a test', 'Replay', 'More actions', 'New endpoint'])
      assert.equal(await page.getByRole('button', { name }).count(), 0, name);
    assert.equal(await page.getByRole('link', { name: 'Edit' }).count(), 0);

    await bench.server.client.keys.revoke(id);
    const late = await bench.open({ signedIn: false, path, allows: REFUSED, width: 360, height: 740 });
    await late.page.getByRole('heading', { name: 'This link is not good' }).waitFor();
    await assertFits(late.page, 'a link that is not good');
  });
});
