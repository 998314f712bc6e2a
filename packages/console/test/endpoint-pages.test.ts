// An endpoint's life by hand in a real browser: made for each profile, tested, understood when it fails, mended, replayed,
// given a new secret, deleted.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { verify } from '@waxwing/receiver';
import type { Page } from 'playwright-core';
import { assertAccessible, assertFits, startBench } from './browser.ts';
import type { Bench } from './browser.ts';
import { startReceiver } from './receiver.ts';
import type { TestReceiver } from './receiver.ts';

const PROFILES = [
  { name: 'standard', title: 'Standard Webhooks' },
  { name: 'meetloyd', title: 'MeetLoyd' },
  { name: 'joai', title: 'JoAi' },
  { name: 'humanconnection', title: 'HumanConnection' },
  { name: 'meshagent', title: 'MeshAgent' },
] as const;
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

  test('is made for each profile, its secret shown once, and a test sent by hand verifies by that secret', async () => {
    const { page } = await bench.open({ path: '/endpoints/new?tenant=acme' });
    for (const { name, title } of PROFILES) {
      await page.goto(`${bench.server.url}/endpoints/new?tenant=acme`);
      await page.getByRole('button', { name: /Profile$/ }).click();
      await page.getByRole('option', { name: title }).click();
      await page.getByLabel('URL').fill(`${receiver.url}/${name}`);
      await page.getByLabel('Name', { exact: true }).fill(`For ${name}`);
      await page.getByRole('button', { name: 'Create endpoint' }).click();
      await page.getByText('This secret is shown once').waitFor();
      const secret = (await page.locator('[data-secret]').textContent()) ?? '';
      for (const language of ['Python', 'Go', 'Ruby', 'PHP', 'Java', 'curl', 'TypeScript'])
        await page.getByRole('radio', { name: language, exact: true }).click();
      await page.getByText(`verify('${name}'`).waitFor();
      await page.getByRole('link', { name: 'To the endpoint' }).click();
      await page.getByRole('button', { name: 'Send a test' }).click();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      const result = page.getByRole('status', { name: 'Result' });
      await result.getByText('delivered').waitFor();
      await result.getByText('204').waitFor();
      const last = receiver.received.at(-1);
      assert.ok(last !== undefined && last.path === `/${name}`);
      const verdict = await verify(name, { headers: last.headers, body: last.body }, secret);
      assert.ok(verdict.ok, verdict.ok ? '' : verdict.explain());
      await page.getByRole('button', { name: 'Close' }).last().click();
      assert.equal(await page.getByText(secret).count(), 0);
    }
  });

  test('its URL is checked as it is typed, its limits are the profile’s, its event types are found in the catalogue', async () => {
    const { page } = await bench.open({ path: '/endpoints/new?tenant=acme', allows: REFUSED });
    const url = page.getByLabel('URL');
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
    await page.getByRole('checkbox', { name: 'meeting.*' }).click({ force: true });
    assert.ok(await page.getByRole('checkbox', { name: 'meeting.completed' }).isDisabled());
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
    await page.getByLabel('URL').fill(`${receiver.url}/mended`);
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
    const { page } = await bench.open({ path: `/t/initech/endpoints/${id}` });
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
    await page.getByRole('tab', { name: 'Deliveries' }).click();
    await page.getByRole('link', { name: 'deal.lost' }).waitFor();
    await page.getByText('delivered').nth(1).waitFor();
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

  for (const theme of ['light', 'dark'] as const) {
    test(`its pages are accessible, and fit 360 pixels, ${theme}`, async () => {
      const client = bench.server.client.tenant('umbrella');
      const hostile = '<script>alert(1)</script>\u202Eexe';
      const { id } = await client.endpoints.create({ name: hostile, url: `${receiver.url}/ok`, description: hostile, headers: { 'x-a': '<b>' } });
      const { page } = await bench.open({ theme });
      for (const path of [`/t/umbrella/endpoints/${id}`, `/t/umbrella/endpoints/${id}?tab=settings`, `/t/umbrella/endpoints/${id}/edit`, '/endpoints/new']) {
        await page.setViewportSize({ width: 1280, height: 860 });
        await page.goto(bench.server.url + path);
        await (path === '/endpoints/new'
          ? page.getByRole('button', { name: 'Create endpoint' })
          : page.getByRole('heading', { name: '<script>alert(1)</script>⟨U+202E⟩exe' })
        ).waitFor();
        await assertAccessible(page, path);
        await page.setViewportSize({ width: 360, height: 740 });
        await assertFits(page, path);
      }
    });
  }
});
