// The whole way in a real browser, as somebody goes it who starts Waxwing for the first time: from the printed link to
// everything delivered; without a mouse; and with a connection that is cut or sleeps.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { verify } from '@waxwing/receiver';
import type { Locator, Page } from 'playwright-core';
import { startBench } from './browser.ts';
import type { Bench } from './browser.ts';
import { startGate } from './gate.ts';
import { startReceiver } from './receiver.ts';
import type { TestReceiver } from './receiver.ts';

type ProfileName = Extract<Parameters<typeof verify>[0], string>;

/** Each profile, with an event as its platform publishes them. */
const PROFILES: readonly (readonly [name: ProfileName, title: string, type: string, data: Record<string, unknown>])[] = [
  ['meetloyd', 'MeetLoyd', 'agent.deleted', { agent_id: 'agt_1' }],
  ['joai', 'JoAi', 'agent.message', { agent: { id: 'a', name: 'b' }, room: 'r', content: 'hé' }],
  ['humanconnection', 'HumanConnection', 'service.expired', { request_id: 'req_1' }],
  ['meshagent', 'MeshAgent', 'room.started', { room_name: 'lobby' }],
  ['standard', 'Standard Webhooks', 'ping.sent', {}],
];
const LANGUAGES = ['Python', 'Go', 'Ruby', 'PHP', 'Java', 'curl', 'TypeScript'];
const CUT = /ERR_|Failed to load|status of 401/; // the browser itself writes these into its console

suite('the whole way', () => {
  let bench: Bench;
  let receiver: TestReceiver;
  before(async () => {
    [bench, receiver] = await Promise.all([startBench(), startReceiver()]);
  });
  afterEach(() => bench.settle());
  after(async () => {
    receiver?.stop();
    await bench.stop();
  });

  const pathOf = (address: string): string => address.slice(bench.server.url.length);
  const lastIsBy = async (profile: ProfileName, secret: string): Promise<boolean> => {
    const last = receiver.received.at(-1) ?? assert.fail('nothing was received');
    return (await verify(profile, { headers: last.headers, body: last.body }, secret)).ok;
  };

  /** By the form, from the list of endpoints; gives the secret, which is shown this once. */
  async function createEndpoint(page: Page, profile: string, title: string): Promise<string> {
    await page.getByRole('link', { name: 'Endpoints', exact: true }).click();
    await page.getByRole('link', { name: 'New endpoint' }).first().click();
    const tenant = page.getByRole('main').getByRole('combobox', { name: 'Tenant' });
    await tenant.fill(`${profile}-customer`);
    await tenant.press('Tab');
    await page.getByRole('button', { name: /Profile$/ }).click();
    await page.getByRole('option', { name: title }).click();
    await page.getByLabel('URL').fill(`${receiver.url}/${profile}`);
    await page.getByLabel('Name', { exact: true }).fill(`For ${title}`);
    await page.getByLabel('Retries', { exact: true }).fill('0');
    await page.getByRole('button', { name: 'Create endpoint' }).click();
    await page.getByText('This secret is shown once').waitFor();
    return (await page.locator('[data-secret]').first().textContent()) ?? '';
  }

  test('first start, an endpoint of each profile, published and seen live; one fails, is understood, mended, replayed; all is delivered', async () => {
    const { page } = await bench.open({ signedIn: false, path: pathOf(bench.server.signInLink) });
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const secrets = new Map<string, string>();
    for (const [profile, title] of PROFILES) {
      const secret = await createEndpoint(page, profile, title);
      for (const language of LANGUAGES) await page.getByRole('radio', { name: language, exact: true }).click();
      await page.getByText(`verify('${profile}'`).waitFor();
      await page.getByRole('link', { name: 'To the endpoint' }).click();
      await page.getByRole('button', { name: 'Send a test' }).click();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByRole('status', { name: 'Result' }).getByText('delivered').waitFor();
      assert.ok(await lastIsBy(profile, secret), profile);
      await page.getByRole('button', { name: 'Close' }).last().click();
      assert.equal(await page.getByText(secret).count(), 0, 'the secret was shown once');
      secrets.set(profile, secret);
    }

    // Seen as it arrives: the event, and its delivery.
    const rows = (text: string): Locator => page.getByRole('row').filter({ hasText: text });
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    for (const [profile, , type, data] of PROFILES) {
      await bench.server.client.tenant(`${profile}-customer`).publish({ type, data });
      await rows(`${profile}-customer`).getByRole('link', { name: type }).first().waitFor();
    }
    await page.getByRole('link', { name: 'Deliveries', exact: true }).click();
    for (const [, title, type] of PROFILES) {
      const delivered = rows(title).filter({ hasText: type }).filter({ hasNotText: 'test' });
      await delivered.getByText('delivered').first().waitFor();
    }

    // A receiver that refuses: the overview leads to why, in words.
    receiver.answer('/meetloyd', 401, 'bad signature');
    const meetloyd = bench.server.client.tenant('meetloyd-customer');
    for (let index = 0; index < 3; index++) await meetloyd.publish({ type: 'agent.deleted', data: { agent_id: `agt_${index}` } });
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    const troubled = page.getByRole('listitem').filter({ hasText: 'For MeetLoyd' });
    await troubled.getByText('failing').waitFor();
    await troubled.getByRole('link').click();
    const why = page.getByRole('region', { name: 'Why' });
    await why.getByText(/Failing since/).waitFor();
    await why.getByText('refused').waitFor();
    await why.getByText('401', { exact: true }).waitFor();
    await why.getByText(/most likely did not accept the signature\. Check that its secret is the one that signs now/).waitFor();
    await why.getByRole('link', { name: 'Look at it' }).click();
    await page.getByText('Failed after 1 attempt').waitFor();
    await page.getByText('bad signature').waitFor();
    await page.goBack();

    // Mended; what failed is counted first, then replayed, and one sees how far it is.
    receiver.answer('/meetloyd', 204);
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('3 deliveries match.').waitFor();
    const answerAll = receiver.hold();
    await page.getByRole('button', { name: 'Replay 3 deliveries' }).click();
    await page.getByText(/0 of 3 done/).waitFor();
    await page.getByRole('progressbar', { name: 'Progress' }).waitFor();
    answerAll();
    await page.getByText('3 of 3 done').waitFor();
    await page.getByRole('link', { name: 'Its own page' }).click();
    await page.getByText('completed').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'For MeetLoyd' }).click();
    await page.getByText('active', { exact: true }).waitFor();
    assert.ok(await lastIsBy('meetloyd', secrets.get('meetloyd') ?? ''));
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.getByText('Every endpoint is well.').waitFor();
    for await (const { state } of bench.server.client.everywhere.deliveries({ cause: 'replay' })) assert.equal(state, 'delivered');
  });

  test('a secret is changed: both are good while the grace counts down, the new one alone once it is activated', async () => {
    const client = bench.server.client.tenant('rotating');
    const { id, secret: old } = await client.endpoints.create({ name: 'CRM', url: `${receiver.url}/crm` });
    const { page } = await bench.open({ path: `/t/rotating/endpoints/${id}` });
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: /Change the secret/ }).click();
    await page.getByText('carries two signatures').waitFor();
    await page.getByRole('button', { name: /Grace$/ }).click();
    await page.getByRole('option', { name: '1 hour' }).click();
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    const secret = (await page.locator('[data-secret]').textContent()) ?? '';
    await page.getByRole('button', { name: 'I have kept it' }).click();
    const grace = page.getByRole('group', { name: 'Rotation' });
    const left = grace.locator('strong');
    await left.getByText(/^59 min/).waitFor();
    await left.filter({ hasNotText: await left.innerText() }).waitFor();
    await page.getByRole('tab', { name: 'Deliveries' }).click();
    await client.publish({ type: 'deal.won', data: {} });
    await page.getByRole('row').filter({ hasText: 'deal.won' }).getByText('delivered').first().waitFor();
    assert.deepEqual([await lastIsBy('standard', old), await lastIsBy('standard', secret)], [true, true]);
    await page.getByRole('tab', { name: 'Overview' }).click();
    await grace.getByRole('button', { name: 'Activate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await grace.waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Deliveries' }).click();
    await client.publish({ type: 'deal.lost', data: {} });
    await page.getByRole('row').filter({ hasText: 'deal.lost' }).getByText('delivered').first().waitFor();
    assert.deepEqual([await lastIsBy('standard', old), await lastIsBy('standard', secret)], [false, true]);
  });

  test('without a mouse: signed in, found, moved through, opened, retried, helped', async () => {
    const client = bench.server.client.tenant('keyboard');
    receiver.answer('/keys', 500);
    const schedule = { retryScheduleSeconds: [3_600], maxRetries: 3 };
    const { id } = await client.endpoints.create({ name: 'By hand', url: `${receiver.url}/keys`, ...schedule });
    for (const type of ['first.sent', 'second.sent', 'third.sent']) await client.publish({ type, data: {} });
    const { page } = await bench.open({ signedIn: false, path: '/deliveries?tenant=keyboard', allows: CUT });
    const { keyboard } = page;
    const focused = (text: string): Promise<void> => page.locator('[data-index] a:focus').getByText(text).waitFor();

    await page.getByLabel('Key').and(page.locator(':focus')).waitFor();
    await keyboard.type(bench.server.adminKey);
    await keyboard.press('Enter');
    await page.getByRole('row').filter({ hasText: 'refused' }).nth(2).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    for (const [key, row] of [
      ['j', 'third.sent'],
      ['j', 'second.sent'],
      ['k', 'third.sent'],
      ['j', 'second.sent'],
    ] as const) {
      await keyboard.press(key);
      await focused(row);
    }
    receiver.answer('/keys', 204);
    await keyboard.press('r');
    await page.getByRole('row').filter({ hasText: 'second.sent' }).getByText('delivered').first().waitFor();
    await keyboard.press('j');
    await focused('first.sent');
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'first.sent' }).waitFor();
    await keyboard.press('r');
    await page.getByText(/^Delivered with attempt 2/).waitFor();
    await keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await keyboard.press('/');
    await keyboard.type(id);
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By hand' }).waitFor();
    const button = page.getByRole('button', { name: 'Send a test' });
    for (let presses = 0; (await button.and(page.locator(':focus')).count()) === 0; presses++) {
      assert.ok(presses < 60, 'the button is reached by Tab');
      await keyboard.press('Tab');
    }
    await keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Send a test' }).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await button.and(page.locator(':focus')).waitFor(); // where one was
    assert.deepEqual(
      (await client.deliveries.list().page()).data.map(({ state }) => state),
      ['pending', 'delivered', 'delivered'],
    );
  });

  for (const [what, sleeps] of [
    ['the connection was cut', false],
    ['the machine slept', true],
  ] as const) {
    test(`what was published while ${what} stands there once, in order, when it is back`, async () => {
      const gate = await startGate(bench.server.url);
      try {
        const tenant = sleeps ? 'sleeping' : 'cut';
        const client = bench.server.client.tenant(tenant);
        await bench.server.client.tenants.put(tenant);
        await client.publish({ type: 'before.sent', data: {} });
        const { page } = await bench.open({ allows: CUT });
        if (sleeps) await page.clock.install();
        await page.goto(`${gate.url}/events?tenant=${tenant}`);
        await page.getByRole('link', { name: 'before.sent' }).waitFor();
        await page.getByText('Live', { exact: true }).waitFor();
        if (sleeps) gate.stall();
        else {
          gate.shut();
          await page.getByText('Reconnecting').waitFor();
        }
        const batch = Array.from({ length: 120 }, (_, index) => ({ type: `meanwhile.n${index}`, data: {} }));
        for (const some of [batch.slice(0, 60), batch.slice(60)]) await client.publishBatch(some);
        if (sleeps) await page.clock.fastForward('01:00');
        else gate.open();
        await page.getByRole('link', { name: 'meanwhile.n119' }).waitFor();
        await client.publish({ type: 'after.sent', data: {} });
        await page.getByRole('link', { name: 'after.sent' }).waitFor();
        const shown: string[] = [];
        for (let guard = 0; shown.at(-1) !== 'before.sent' && guard < 200; guard++) {
          await page.keyboard.press('j');
          shown.push(await page.locator(`[data-index="${guard}"] a:focus`).innerText());
        }
        assert.deepEqual(shown, ['after.sent', ...batch.map(({ type }) => type).toReversed(), 'before.sent']);
      } finally {
        gate.stop();
      }
    });
  }
});
