// A tenant's portal is that tenant's and nobody else's: what portal.test.ts does not try. An operator signed in beside it,
// names and ids of another tenant in every place that takes one, another link's address, a cursor that was another's.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { startBench } from './browser.ts';
import type { Bench } from './browser.ts';
import { startReceiver } from './receiver.ts';
import type { TestReceiver } from './receiver.ts';

const REFUSED = /status of 40[0134]|HTTP 40[134]/; // each answer above 399 is written into the browser's console

suite('a portal beside another tenant', () => {
  let bench: Bench;
  let receiver: TestReceiver;
  let theirs: { readonly endpoint: string; readonly event: string; readonly cursor: string };
  before(async () => {
    [bench, receiver] = await Promise.all([startBench(), startReceiver()]);
    await bench.server.client.tenant('acme').endpoints.create({ name: 'Production', url: `${receiver.url}/acme` });
    const globex = bench.server.client.tenant('globex');
    const { id: endpoint } = await globex.endpoints.create({ name: 'Secret of Globex', url: `${receiver.url}/globex` });
    const { id: event } = await globex.publish({ type: 'globex.only', data: { theirs: true } });
    await globex.publish({ type: 'globex.only', data: { theirs: true } });
    const { nextCursor } = await globex.events.list({ limit: 1 }).page();
    theirs = { endpoint, event, cursor: nextCursor ?? assert.fail('there is a second page') };
  });
  afterEach(() => bench.settle());
  after(async () => {
    receiver?.stop();
    await bench.stop();
  });

  /** A link that may all that a link can, and its token. */
  async function link(): Promise<{ readonly path: string; readonly token: string }> {
    const { url } = await bench.server.client.tenant('acme').createPortalLink({ actions: ['publish', 'manage', 'read'] });
    return { path: url.slice(bench.server.url.length), token: new URLSearchParams(new URL(url).hash.slice(1)).get('token') ?? '' };
  }

  test('an operator’s session in the same browser gives it nothing', async () => {
    const { path } = await link();
    const { page, context } = await bench.open({ path: '/endpoints' }); // signed in: the cookie is there
    await page.getByRole('link', { name: 'Secret of Globex' }).waitFor();
    assert.equal((await context.cookies()).length, 1);
    const asked: string[] = [];
    page.on('request', (request) => void (request.url().includes('/v1/') && asked.push(request.url().slice(bench.server.url.length))));
    await page.goto(bench.server.url + path);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Endpoints' }).click();
    await page.getByRole('link', { name: 'Production' }).waitFor();
    assert.equal(await page.getByText('Secret of Globex').count(), 0);
    assert.equal(await page.getByRole('link', { name: 'Keys' }).count(), 0);
    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByText(/No events yet/).waitFor();
    for (const address of asked) assert.match(address, /^\/v1\/(tenants\/acme|profiles|event-types|portal-links\/key_)/);
  });

  test('another tenant in the address of a portal leads nowhere', async () => {
    const { path } = await link();
    const [address = '', fragment = ''] = path.split('#');
    const { page } = await bench.open({ signedIn: false, allows: REFUSED });
    const asked: string[] = [];
    page.on('request', (request) => void (request.url().includes('/v1/') && asked.push(request.url())));
    // A link may carry a query, which names nothing to a portal.
    await page.goto(`${bench.server.url}${address}?tenant=globex#${fragment}`);
    await page.getByText('Live', { exact: true }).waitFor();
    assert.equal(await page.getByText('Secret of Globex').count(), 0);
    assert.ok(asked.length > 0 && asked.every((url) => !url.includes('globex')), asked.join('\n'));
    const answer = await page.goto(`${bench.server.url}${address}/t/globex/endpoints/${theirs.endpoint}#${fragment}`);
    assert.equal(answer?.status(), 404);
    assert.equal(await page.getByText('Secret of Globex').count(), 0);
  });

  test('a link’s address with another link’s token, or with none, shows nothing', async () => {
    const [mine, { url }] = [await link(), await bench.server.client.tenant('globex').createPortalLink()];
    const { page } = await bench.open({ signedIn: false, allows: REFUSED });
    const address = new URL(url).pathname;
    await page.goto(`${bench.server.url}${address}#token=none`);
    await page.getByRole('heading', { name: 'This link is not good' }).waitFor();
    await page.goto('about:blank');
    await page.goto(`${bench.server.url}${address}#token=${mine.token}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await page.getByText('Secret of Globex').count(), 0);
  });

  test('another’s ids and cursors in calls about one’s own reach nothing of theirs', async () => {
    const { token } = await link();
    const call = async (method: string, path: string, body?: object): Promise<{ readonly status: number; readonly text: string }> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'one' };
      const answer = await fetch(`${bench.server.url}/v1/tenants/acme${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const first = receiver.received.length;
    const told = await Promise.all([
      call('GET', `/events?cursor=${encodeURIComponent(theirs.cursor)}`),
      call('GET', `/deliveries?endpoint=${theirs.endpoint}`),
      call('GET', `/deliveries?event=${theirs.event}`),
      call('GET', `/stats/endpoints?ids=${theirs.endpoint}`),
      call('POST', `/endpoints/${theirs.endpoint}/test`, { eventType: 'globex.only' }),
      call('POST', '/replays', { endpoint: theirs.endpoint, states: ['delivered'] }),
      call('POST', '/replays', { endpoint: theirs.endpoint, states: ['delivered'], dryRun: true }),
    ]);
    for (const { text } of told) assert.doesNotMatch(text, /globex|Globex|"theirs"/);
    // Their event's id is free to use here: what is published under it is one's own, and theirs stays.
    const published = await call('POST', '/events', { type: 'mine.sent', id: theirs.event, data: { mine: true } });
    assert.ok([202, 400, 409].includes(published.status), published.text);
    assert.doesNotMatch(published.text, /globex/);
    assert.deepEqual((await bench.server.client.tenant('globex').events.get(theirs.event)).data, { theirs: true });
    assert.equal(receiver.received.slice(first).filter(({ path }) => path === '/globex').length, 0);
  });

  test('its stream tells of its own tenant only', async () => {
    const { path } = await link();
    const { page } = await bench.open({ signedIn: false, path });
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await bench.server.client.tenant('globex').publish({ type: 'globex.only', data: {} });
    await bench.server.client.tenant('acme').publish({ type: 'mine.later', data: {} });
    await page.getByRole('link', { name: 'mine.later' }).waitFor();
    assert.equal(await page.getByText('globex.only').count(), 0);
  });
});
