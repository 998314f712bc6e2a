// An endpoint's life by hand in a real browser: filled in, understood when it fails, mended, replayed, given a new secret,
// deleted. (Made for each profile and tested: journey.test.ts.)

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { verify } from '@waxwing/receiver';
import type { Page } from 'playwright-core';
import { assertAccessible, startBench } from './browser.ts';
import type { Bench } from './browser.ts';
import { startReceiver } from './receiver.ts';
import type { TestReceiver } from './receiver.ts';

const GONE = /status of 404/; // what is deleted may be asked for once more before the page has left
const REFUSED = /status of 400/; // the browser writes each answer above 399 into its console

suite('an endpoint in the console', () => {
  let bench: Bench;
  let receiver: TestReceiver;
  before(async () => {
    [bench, receiver] = await Promise.all([startBench(), startReceiver()]);
    await bench.server.client.tenants.put('acme');
  });
  afterEach(() => bench.settle());
  after(async () => {
    receiver.stop();
    await bench.stop();
  });

  const more = async (page: Page, entry: RegExp): Promise<void> => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: entry }).click();
  };

  test('its URL is checked as it is typed, its limits are the profile’s, its event types are found in the catalogue', async () => {
    const { page } = await bench.open({ path: '/endpoints/new?tenant=acme', allows: REFUSED });
    const url = page.getByRole('textbox', { name: /^URL/ });
    for (const [typed, said] of [
      ['ftp://x.example', 'It must begin with https://'],
      ['https://a b', 'percent-encode'],
      ['https://me:pass@x.example', 'must not hold a user'],
      ['https://x.example/#top', 'fragment'],
      ['http://10.0.0.7/x', 'private network'],
    ] as const) {
      await url.fill(typed);
      await page.getByText(said).waitFor();
    }
    await page.getByRole('button', { name: /Profile$/ }).click();
    await page.getByRole('option', { name: 'HumanConnection' }).click();
    await page.getByText('Some of them').click();
    await page.getByLabel('Search the catalogue').fill('meeting');
    await page.getByText('meeting.*', { exact: true }).click();
    await page.getByRole('checkbox', { name: 'meeting.completed', disabled: true }).waitFor();
    await page.getByLabel('Or type one').fill('not a type');
    await page.getByText('A name such as invoice.paid').waitFor();
    await page.getByLabel('Retry after').fill('10 s, 2 min');
    await page.getByText('3 attempts over 2 min 10 s').waitFor();
    await page.getByRole('button', { name: 'Add a header' }).click();
    await page.getByLabel('Name 1').fill('Webhook-Id');
    await page.getByLabel('Value 1').fill('x');
    await url.fill(`${receiver.url}/chosen`);
    await page.getByRole('button', { name: 'Create endpoint' }).click();
    await page.getByText('kept for signing').first().waitFor(); // the server's own words, at the field
    await assertAccessible(page, 'form with errors');
    await page.getByLabel('Name 1').fill('X-Api-Key');
    await page.getByRole('button', { name: 'Create endpoint' }).click();
    await page.getByText('This secret is shown once').waitFor();
    const made = (await bench.server.client.tenant('acme').endpoints.list().page()).data.find((one) => one.url.endsWith('/chosen'));
    assert.ok(made !== undefined);
    assert.deepEqual(
      [made.profile, made.eventTypes, made.retryScheduleSeconds, made.maxRetries, made.headers],
      ['humanconnection', ['meeting.*'], [10, 120], 2, { 'X-Api-Key': 'x' }],
    );
  });

  test('that fails says why in plain words; mended, what failed is counted, replayed with progress, and it is well again', async () => {
    const client = bench.server.client.tenant('globex');
    receiver.answer('/billing', 500, 'the database is away');
    const { id } = await client.endpoints.create({ name: 'Billing', url: `${receiver.url}/billing`, maxRetries: 0 });
    for (let index = 0; index < 12; index++) await client.publish({ type: 'invoice.paid', data: { index } });
    const { page } = await bench.open({ path: `/t/globex/endpoints/${id}` });
    const why = page.getByRole('region', { name: 'Why' });
    await why.getByText(/Failing since/).waitFor();
    await why.getByText('refused').waitFor();
    await why.getByText('500', { exact: true }).waitFor();
    await assertAccessible(page, 'failing endpoint');

    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: /^URL/ }).fill(`${receiver.url}/mended`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`${receiver.url}/mended`).waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('12 deliveries match.').waitFor();
    await assertAccessible(page, 'replay');
    await page.getByRole('button', { name: 'Replay 12 deliveries' }).click();
    await page.getByText('12 of 12 done').waitFor();
    assert.equal(receiver.received.filter(({ path }) => path === '/mended').length, 12);
    await page.getByRole('link', { name: 'Its own page' }).click();
    await page.getByText('completed').waitFor();
    await assertAccessible(page, 'one replay');
    await page.getByRole('link', { name: 'Billing' }).click();
    await page.getByText('active', { exact: true }).waitFor();
    assert.equal((await client.endpoints.get(id)).status, 'active');
  });

  test('is paused and resumed, gets a new secret with a grace that counts down and can be ended, and is deleted with what that does said first', async () => {
    const client = bench.server.client.tenant('initech');
    const { id } = await client.endpoints.create({ name: 'CRM', url: `${receiver.url}/crm` });
    const { page } = await bench.open({ path: `/t/initech/endpoints/${id}`, allows: GONE });
    await more(page, /Change the secret/);
    await page.getByText('carries two signatures').waitFor();
    await assertAccessible(page, 'rotation');
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    const secret = (await page.locator('[data-secret]').textContent()) ?? '';
    await page.getByRole('button', { name: 'I have kept it' }).click();
    const grace = page.getByRole('group', { name: 'Rotation' });
    await grace.getByText(/23 h 59 min/).waitFor();
    await client.publish({ type: 'deal.won', data: {} });
    await page.getByRole('tab', { name: 'Deliveries' }).click();
    await page.getByRole('link', { name: 'deal.won' }).waitFor();
    await page.getByText('delivered').first().waitFor();
    assert.equal(String(receiver.received.at(-1)?.headers['webhook-signature']).split(' ').length, 2);
    await page.getByRole('tab', { name: 'Overview' }).click();
    await grace.getByRole('button', { name: 'Activate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await grace.waitFor({ state: 'detached' });
    await client.publish({ type: 'deal.lost', data: {} });
    while ((await client.deliveries.list({ type: 'deal.lost', state: 'delivered' }).page()).data.length === 0); // read until it is
    const last = receiver.received.at(-1);
    assert.ok(last !== undefined && (await verify('standard', { headers: last.headers, body: last.body }, secret)).ok);

    await more(page, /Pause/);
    await page.getByText('paused', { exact: true }).waitFor();
    for (let index = 0; index < 3; index++) await client.publish({ type: 'deal.won', data: { index } });
    await more(page, /Delete/);
    await page.getByText('3 pending deliveries').waitFor();
    await assertAccessible(page, 'delete');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await more(page, /Resume/);
    await page.getByText('active', { exact: true }).waitFor();
    await more(page, /Delete/);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'Endpoints' }).waitFor();
    await assert.rejects(client.endpoints.get(id), /endpoint_not_found/);
  });
});
