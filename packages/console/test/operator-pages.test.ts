// Catalogue, replays, keys, cluster and settings in a real browser.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { assertAccessible, assertFits, startBench } from './browser.ts';
import type { Bench } from './browser.ts';
import { startReceiver } from './receiver.ts';
import type { TestReceiver } from './receiver.ts';

const REFUSED = /status of (400|401|404)/; // the browser writes each answer above 399 into its console

suite('the pages of operators', () => {
  let bench: Bench;
  let receiver: TestReceiver;
  before(async () => {
    [bench, receiver] = await Promise.all([startBench(), startReceiver()]);
    await bench.server.client.tenant('acme').endpoints.create({ name: 'Production', url: `${receiver.url}/ok`, profile: 'joai' });
  });
  afterEach(() => bench.settle());
  after(async () => {
    receiver.stop();
    await bench.stop();
  });

  test('the catalogue finds an event type, shows its schema and sample, and sends the sample', async () => {
    const { page } = await bench.open({ path: '/catalogue?tab=types' });
    await page.getByLabel('Search event types').fill('joai call');
    const [first] = await bench.server.client.eventTypes
      .list({ profile: 'joai' })
      .page()
      .then(({ data }) => data);
    assert.ok(first !== undefined);
    await page.getByLabel('Search event types').fill(`joai ${first.name}`);
    await page.getByRole('button', { name: first.name, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: first.name });
    await dialog.getByRole('group', { name: 'Schema' }).getByText('"type": "object"').first().waitFor();
    await assertAccessible(page, 'event type');
    const sofar = receiver.received.length;
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await dialog.getByText('delivered').waitFor();
    assert.equal(receiver.received.length, sofar + 1);
    assert.equal(new URL(page.url()).searchParams.get('type'), first.name);
  });

  test('a profile of one’s own is written with the signed message beside it, and saved; an event type is added to it', async () => {
    const { page } = await bench.open({ path: '/catalogue', allows: REFUSED });
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Profile' }).click();
    await page.getByLabel('Name').fill('partner');
    await page.getByRole('button', { name: 'Write it' }).click();
    await page.getByText(/X-Acme-Signature: sha256=[0-9a-f]{64}/).waitFor();
    const json = page.getByLabel('JSON');
    await json.fill('{"signature": {"header": "X-Partner", "encoding": "base32"}}');
    await page.getByText('/signature/encoding').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
    await json.fill(
      '{"title": "Partner", "signature": {"header": "X-Partner", "algorithm": "sha512"}, "envelope": {"kind": "{type}", "it": "{data}"}}',
    );
    await page.getByText(/X-Partner: [0-9a-f]{128}/).waitFor();
    await page.getByRole('radio', { name: 'Bytes' }).click();
    await page.getByText('7b 22 6b 69 6e 64 22').waitFor();
    await assertAccessible(page, 'profile editor');
    await page.setViewportSize({ width: 360, height: 740 });
    await assertFits(page, 'profile editor');
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Partner', exact: true }).waitFor();
    assert.equal((await bench.server.client.profiles.get('partner')).version, 1);

    await page.goto(`${bench.server.url}/catalogue`);
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Event type' }).click();
    await page.getByLabel('Name').fill('order.shipped');
    await page.getByLabel('Sample').fill('{"id": 7}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByText(/sample/i)
      .last()
      .waitFor(); // refused: the sample is not what the schema says
    await page.getByLabel('Sample').fill('{"id": "o_7"}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('order.shipped is saved.').waitFor();
    assert.deepEqual((await bench.server.client.eventTypes.get('order.shipped')).sample, { id: 'o_7' });
  });

  test('a key is shown once, works, and works no more once it is revoked', async () => {
    const { page } = await bench.open({ path: '/keys' });
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('Reporting');
    await page.getByText('everything, over all tenants').click();
    await page.getByRole('button', { name: 'Create key' }).click();
    const key = (await page.locator('[data-secret]').textContent()) ?? '';
    const status = async (): Promise<number> =>
      (await fetch(`${bench.server.url}/v1/tenants`, { headers: { authorization: `Bearer ${key}` } })).status;
    assert.equal(await status(), 200);
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByText('Reporting').waitFor();
    assert.equal(await page.getByText(key).count(), 0);
    await page.getByRole('button', { name: 'Revoke Reporting' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('revoked', { exact: true }).waitFor();
    assert.equal(await status(), 401);
  });

  test('a long replay is listed, shows its progress, and is cancelled', async () => {
    const client = bench.server.client.tenant('wayne');
    receiver.answer('/gone', 503);
    const { id } = await client.endpoints.create({ name: 'Slow', url: `${receiver.url}/gone`, maxRetries: 0 });
    for (let index = 0; index < 5; index++) await client.publish({ type: 'a.b', data: { index } });
    while ((await client.deliveries.list({ state: 'failed' }).page()).data.length < 5); // an edit would apply to attempts still to come
    await client.endpoints.update(id, { maxRetries: 5 });
    const { page } = await bench.open({ path: '/replays?tenant=wayne' });
    await page.getByRole('button', { name: 'New replay' }).first().click();
    await page.getByText('5 deliveries match.').waitFor();
    await page.getByRole('button', { name: 'Replay 5 deliveries' }).click();
    await page
      .getByRole('dialog')
      .getByText(/0 of 5 done/)
      .waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.goto(`${bench.server.url}/replays`);
    await page.getByRole('link', { name: 'failed, skipped to all endpoints' }).click();
    await page.getByRole('button', { name: 'Cancel the replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the replay' }).click();
    await page.getByText('cancelled', { exact: true }).first().waitFor();
    const [replay] = (await bench.server.client.everywhere.replays().page()).data;
    assert.equal(replay?.state, 'cancelled');
  });
});
