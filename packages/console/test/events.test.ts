// Events in a real browser: the live tail, its filters, a hundred thousand rows, one event and why an endpoint did not get it.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import { after, afterEach, before, suite, test } from 'node:test';
import { startBench } from './browser.ts';
import type { Bench } from './browser.ts';

const HOSTILE = { html: '<img src=x onerror=alert(1)><script>alert(1)</script>', file: 'invoice\u202Efdp.exe', bell: 'ding\u0007' };

suite('events in the console', () => {
  let bench: Bench;
  let receiver: HttpServer;
  let hostileId = '';
  let unsubscribedId = '';
  before(async () => {
    bench = await startBench();
    receiver = createServer((request, response) => request.resume().on('end', () => response.writeHead(204).end()));
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    assert.ok(address !== null && typeof address === 'object');
    const url = `http://127.0.0.1:${address.port}/`;
    const acme = bench.server.client.tenant('acme');
    await acme.endpoints.create({ name: 'Everything', url });
    unsubscribedId = (await acme.endpoints.create({ name: 'Rooms only', url, eventTypes: ['room.*'] })).id;
    await bench.server.client.tenant('globex').endpoints.create({ name: 'Staging', url });
    hostileId = (await acme.publish({ type: 'hostile.data', data: { ...HOSTILE, large: 'x'.repeat(250_000) } })).id;
    for (let index = 0; index < 30; index++) await acme.publish({ type: 'meeting.completed', data: { meeting_id: `mtg_${index}` } });
    await acme.publish({ type: 'meeting.cancelled', data: { meeting_id: 'mtg_needle' } });
    await bench.server.client.tenant('globex').publish({ type: 'meeting.completed', data: { meeting_id: 'mtg_globex' } });
  });
  afterEach(() => bench.settle());
  after(async () => {
    receiver.close();
    await bench.stop();
  });

  test('what is published appears at once; paused, or while a row is read, it waits and is counted', async () => {
    const acme = bench.server.client.tenant('acme');
    const { page } = await bench.open({ path: '/events?tenant=acme' });
    await page.getByText('mtg_needle').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await acme.publish({ type: 'tail.first', data: {} });
    await page.getByRole('link', { name: 'tail.first' }).waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await acme.publish({ type: 'tail.second', data: {} });
    await acme.publish({ type: 'tail.third', data: {} });
    await page.getByRole('button', { name: '2 new events' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'tail.third' }).count(), 0);
    await page.getByRole('button', { name: 'Go on (2)' }).click();
    await page.getByRole('link', { name: 'tail.third' }).waitFor();

    await page.locator('main').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.locator('[data-index="1"] a:focus').getByText('tail.second').waitFor();
    await acme.publish({ type: 'tail.fourth', data: {} });
    await page.getByRole('button', { name: '1 new event' }).waitFor();
    assert.equal(await page.locator('[data-index="1"] a:focus').innerText(), 'tail.second', 'what is read does not move');
    await page.keyboard.press('k');
    await page.locator('[data-index="0"] a:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'tail.third' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'tail.fourth' }).waitFor();
  });

  test('filters stand in the address and hold for what arrives as well', async () => {
    const acme = bench.server.client.tenant('acme');
    const { page } = await bench.open({ path: '/events?tenant=acme&type=meeting.*&q=needle' });
    await page.getByText('mtg_needle').waitFor();
    assert.equal(await page.getByRole('row').count(), 2);
    await page.getByText('Live', { exact: true }).waitFor();
    await acme.publish({ type: 'meeting.completed', data: { meeting_id: 'no such thing' } });
    await acme.publish({ type: 'room.started', data: { meeting_id: 'mtg_needle' } });
    await acme.publish({ type: 'meeting.completed', data: { meeting_id: 'another_needle' } });
    await page.getByText('another_needle').waitFor();
    assert.equal(await page.getByRole('row').count(), 3);

    await page.getByRole('button', { name: /^Any time/ }).click();
    await page.getByRole('option', { name: 'Last hour' }).click();
    await page.getByLabel('Text in the data').fill('nothing such');
    await page.getByText('No event matches').waitFor();
    assert.equal(new URL(page.url()).search, '?tenant=acme&type=meeting.*&q=nothing+such&last=1h');
    await page.getByRole('button', { name: 'Clear', exact: true }).last().click();
    await page.getByRole('link', { name: 'room.started' }).waitFor();
    assert.equal(await page.getByText('mtg_globex').count(), 0);
    assert.equal(new URL(page.url()).search, '?tenant=acme');
  });

  test('a hundred thousand rows keep a few dozen in the page, and every one can be reached', async () => {
    const at = new Date(Date.now() - 86_400_000).toISOString();
    const row = (index: number): object => ({
      id: `evt_${index}`,
      tenant: 'acme',
      type: `row.n${index}`,
      timestamp: at,
      receivedAt: at,
      data: {},
    });
    const body = JSON.stringify({ data: Array.from({ length: 100_000 }, (_, index) => row(index)), nextCursor: null });
    const { page } = await bench.open({ path: '/no/such/page' });
    await page.route('**/v1/tenants/acme/events?*', (route) => route.fulfill({ contentType: 'application/json', body }));
    await page.goto(`${bench.server.url}/events?tenant=acme`);
    await page.getByRole('link', { name: 'row.n0', exact: true }).waitFor();
    const table = page.getByRole('table', { name: 'Events' });
    const most = await table.evaluate(async (element) => {
      let rows = 0;
      for (let step = 1; step <= 60; step++) {
        element.scrollTo({ top: (element.scrollHeight * step) / 60 });
        await new Promise((resolve) => setTimeout(resolve, 16));
        rows = Math.max(rows, element.querySelectorAll('[data-index]').length);
      }
      return rows;
    });
    assert.ok(most > 10 && most < 100, `${most} rows were in the page at once`);
    await page.getByRole('link', { name: 'row.n99999' }).waitFor();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  test('an event shows its data inert, whom it reached, and why it did not reach the others', async () => {
    const { page } = await bench.open({ path: `/t/acme/events/${hostileId}` });
    const data = page.getByRole('group', { name: 'Data' });
    await data.getByText('<img src=x onerror=alert(1)><script>alert(1)</script>').waitFor();
    const shown = await data.innerText();
    assert.match(shown, /invoice⟨U\+202E⟩fdp\.exe/);
    assert.match(shown, /ding\\u0007/, 'as JSON has it');
    await page.getByRole('button', { name: /^Show all 250,/ }).click();
    assert.ok((await data.innerText()).length > 250_000);
    await page.getByRole('table', { name: 'Deliveries' }).getByRole('link', { name: 'Everything' }).waitFor();

    await page.getByRole('combobox', { name: 'Endpoint' }).fill('rooms');
    await page.getByRole('option', { name: /Rooms only/ }).click();
    await page.getByText('not subscribed', { exact: true }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('endpoint'), unsubscribedId);
    await page.getByRole('table', { name: 'Deliveries' }).getByRole('link', { name: 'Everything' }).click();
    await page.getByText(/^Delivered with attempt 1/).waitFor();
  });
});
