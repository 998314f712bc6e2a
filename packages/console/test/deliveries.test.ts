// Deliveries in a real browser: the live list, one delivery with every attempt, retry, the signature of every profile, and
// answers that mean harm.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import { after, afterEach, before, suite, test } from 'node:test';
import { startBench } from './browser.ts';
import type { Bench } from './browser.ts';

const HOSTILE = '<script>alert(1)</script>\u202Egnp.exe\u0007';
const SECRET = 'a secret of at least sixteen';
const STANDARD_SECRET = `whsec_${Buffer.from('thirty-two bytes that are a key.').toString('base64')}`;
const PROFILES = [
  ['standard', STANDARD_SECRET, 'ping.sent', {}],
  ['meetloyd', SECRET, 'agent.deleted', { agent_id: 'agt_1' }],
  ['joai', SECRET, 'agent.message', { agent: { id: 'a', name: 'b' }, room: 'r', content: 'hé' }],
  ['humanconnection', SECRET, 'service.expired', { request_id: 'req_1' }],
  ['meshagent', SECRET, 'room.started', { room_name: 'lobby' }],
] as const;

suite('deliveries in the console', () => {
  let bench: Bench;
  let receiver: HttpServer;
  let url = '';
  let isFixed = false;
  const endpoints = new Map<string, string>();

  before(async () => {
    bench = await startBench();
    receiver = createServer((request, response) =>
      request.resume().on('end', () => {
        if (request.url === '/hostile')
          response.writeHead(400, { 'content-type': 'text/html', 'x-said': HOSTILE.slice(0, 25) }).end(HOSTILE);
        else if (request.url === '/binary') response.writeHead(422).end(Buffer.from([0xff, 0xfe, 0x00, 0x41, 0x42]));
        else
          response.writeHead(request.url === '/ok' || isFixed ? 204 : 500, { 'content-type': 'text/plain' }).end(isFixed ? '' : 'locked');
      }),
    );
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    assert.ok(address !== null && typeof address === 'object');
    url = `http://127.0.0.1:${address.port}`;
    const acme = bench.server.client.tenant('acme');
    for (const [name, path, eventTypes, maxRetries] of [
      ['Production', '/ok', ['meeting.*'], 3],
      ['Billing', '/billing', ['meeting.completed', 'billing.*'], 0],
      ['Warehouse', '/warehouse', ['stock.*'], 3],
      ['Hostile', '/hostile', ['hostile.*'], 0],
      ['Binary', '/binary', ['binary.*'], 0],
    ] as const) {
      const schedule = maxRetries === 0 ? {} : { retryScheduleSeconds: [3_600] };
      endpoints.set(name, (await acme.endpoints.create({ name, url: url + path, eventTypes, maxRetries, ...schedule })).id);
    }
  });
  afterEach(() => bench.settle());
  after(async () => {
    receiver.close();
    await bench.stop();
  });

  /** Publishes, and gives the address of the delivery once it is in this state. */
  async function delivered(
    tenant: string,
    type: string,
    data: Record<string, unknown>,
    state: 'pending' | 'failed' | 'delivered',
  ): Promise<string> {
    const of = bench.server.client.tenant(tenant);
    const { id } = await of.publish({ type, data });
    for await (const message of of.stream({ kinds: ['attempt'], signal: AbortSignal.timeout(10_000) })) {
      const [delivery] = (await of.events.get(id)).deliveries;
      if (delivery !== undefined && delivery.state === state && delivery.attempts > 0) return `/t/${tenant}/deliveries/${delivery.id}`;
      assert.ok(message);
    }
    return assert.fail('the stream ended');
  }

  test('the list is live, and its filters stand in the address', async () => {
    const acme = bench.server.client.tenant('acme');
    const { page } = await bench.open({ path: '/deliveries?tenant=acme&state=failed' });
    await page.getByText('No delivery matches').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await acme.publish({ type: 'meeting.completed', data: {} });
    const row = page.getByRole('row').filter({ hasText: 'Billing' });
    await row.getByText('refused').waitFor();
    assert.equal(await page.getByRole('row').count(), 2, 'the one that was delivered is not among the failed');
    await page.getByRole('button', { name: /^failed/ }).click();
    await page.getByRole('option', { name: 'delivered' }).click();
    await page.getByRole('row').filter({ hasText: 'Production' }).waitFor();
    await page.getByRole('button', { name: /^Any outcome/ }).click();
    await page.getByRole('option', { name: 'timed out' }).click();
    await page.getByText('No delivery matches').waitFor();
    assert.equal(new URL(page.url()).search, '?tenant=acme&state=delivered&outcome=timed_out');
  });

  test('a pending delivery counts down, says why, and r retries it until the receiver is mended', async () => {
    isFixed = false;
    const path = await delivered('acme', 'stock.changed', { count: 3 }, 'pending');
    const { page } = await bench.open({ path });
    await page
      .getByText(/^Attempt 2 in (1 h|59 min)/)
      .first()
      .waitFor();
    await page.getByText('The receiver’s own code failed. Its log of this moment says how.').waitFor();
    await page.getByText('locked').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.keyboard.press('r');
    await page.getByRole('button', { name: /^2 refused/ }).waitFor();
    isFixed = true;
    await page.keyboard.press('r');
    await page.getByText(/^Delivered with attempt 3/).waitFor();
    await page.getByText('The answer has no body.').waitFor();
    await page.getByRole('button', { name: /^1 refused/ }).click();
    await page.getByText('It was tried again').waitFor();
    assert.equal(new URL(page.url()).searchParams.get('attempt'), '1');
  });

  test('a failed one is delivered again as a new one, which leads back; a pending one can be cancelled', async () => {
    isFixed = false;
    const { page } = await bench.open({ path: await delivered('acme', 'billing.due', {}, 'failed') });
    await page.getByText('Failed after 1 attempt').waitFor();
    isFixed = true;
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText(/^Delivered with attempt 1/).waitFor();
    await page.getByRole('link', { name: /failed.*the one before/ }).click();
    await page.getByRole('link', { name: /delivered.*the one after/ }).waitFor();

    isFixed = false;
    await page.goto(bench.server.url + (await delivered('acme', 'stock.changed', {}, 'pending')));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel the delivery' }).click();
    await page.getByText('Cancelled after 1 attempt.').waitFor();
  });

  test('what joins a filtered list late stands where its time puts it, not at the head', async () => {
    isFixed = false;
    const acme = bench.server.client.tenant('acme');
    const [older, newer] = [await delivered('acme', 'stock.older', {}, 'pending'), await delivered('acme', 'stock.newer', {}, 'pending')];
    const idOf = (path: string): string => path.split('/').at(-1) ?? '';
    await acme.deliveries.cancel(idOf(newer));
    const { page } = await bench.open({ path: '/deliveries?tenant=acme&state=cancelled' });
    await page.getByRole('link', { name: 'stock.newer' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await acme.deliveries.cancel(idOf(older));
    await page.locator('[data-index="1"]').getByText('stock.older').waitFor();
  });

  test('an answer that means harm stays text, and binary is shown byte by byte', async () => {
    const { page } = await bench.open({ path: await delivered('acme', 'hostile.sent', { large: 'y'.repeat(255_000) }, 'failed') });
    await page.getByText('<script>alert(1)</script>⟨U+202E⟩gnp.exe⟨U+0007⟩').waitFor();
    await page.getByRole('region', { name: 'Response headers' }).getByText('<script>alert(1)</script>').waitFor();
    await page.getByRole('tab', { name: 'Request' }).click();
    await page.getByText('255.1 kB').waitFor();
    await page.getByText('Hex', { exact: true }).click();
    const hex = page.getByRole('group', { name: 'Request body in hexadecimal' });
    await hex.getByText('7b 22 74 79 70 65 22 3a').waitFor();
    assert.ok((await hex.locator('div').count()) < 100, 'only the lines in view are in the page');
    await hex.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await hex.getByText('7d 7d').waitFor();
    await page.getByText('Exact', { exact: true }).click();
    await page.getByRole('button', { name: /^Show all 255,/ }).click();
    await page.getByRole('tab', { name: 'Response' }).click();
    await page.getByText('gnp.exe').waitFor();

    await page.goto(bench.server.url + (await delivered('acme', 'binary.sent', {}, 'failed')));
    await page.getByText('5 B, not UTF-8').waitFor();
    await page.getByText('ff fe 00 41 42').waitFor();
  });

  test('the signature of every profile is worked through, and matches its secret and no other', async () => {
    isFixed = true;
    const { page } = await bench.open({ path: '/deliveries' });
    for (const [profile, secret, type, data] of PROFILES) {
      await bench.server.client.tenants.put(profile, { profile });
      await bench.server.client.tenant(profile).endpoints.create({ url: `${url}/ok`, secret });
      await page.goto(`${bench.server.url}${await delivered(profile, type, data, 'delivered')}?view=signature`);
      const field = page.getByLabel(/^Secret/);
      await field.fill(`${secret.slice(0, -2)}A=`);
      await page.getByText('It does not match').waitFor();
      await field.fill(secret);
      await page.getByText('It matches').waitFor();
      if (profile === 'meshagent') await page.getByText('It is the hash of this body').waitFor();
    }
  });

  test('copied as curl it is the same message, whatever it holds', async () => {
    isFixed = true;
    const path = await delivered('acme', 'stock.changed', { text: 'it\'s $HOME `whoami` \\ "x" é\n' }, 'delivered');
    const { page, context } = await bench.open({ path: `${path}?view=request` });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const command = await page.evaluate<string>('navigator.clipboard.readText()');
    const words = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }\n${command}`], { encoding: 'utf8' }).split('\0');
    const { attemptLog } = await bench.server.client.tenant('acme').deliveries.get(path.split('/').at(-1) ?? '');
    const { body, headers } = attemptLog[0]?.request ?? assert.fail();
    assert.equal(words[words.indexOf('--data-raw') + 1], body);
    for (const [name, value] of headers.filter(([one]) => one.startsWith('webhook-'))) assert.ok(words.includes(`${name}: ${value}`), name);
  });

  test('in a portal it is the same, for one tenant and without a link to pass on', async () => {
    isFixed = true;
    await delivered('acme', 'stock.changed', {}, 'delivered');
    await bench.server.client.tenant('globex').endpoints.create({ url: `${url}/ok` });
    await bench.server.client.tenant('globex').publish({ type: 'secret.plan', data: {} });
    const link = await bench.server.client.tenant('acme').createPortalLink({ actions: ['read'] });
    const { page } = await bench.open({ signedIn: false, path: new URL(link.url).pathname + new URL(link.url).hash });
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page.getByRole('link', { name: 'stock.changed' }).first().waitFor();
    assert.equal(await page.getByText('secret.plan').count(), 0);
    await page.getByRole('link', { name: 'stock.changed' }).first().click();
    await page.getByText(/^Delivered with attempt/).waitFor();
    assert.equal(await page.getByRole('button', { name: /^(Copy link|Retry|Deliver again)/ }).count(), 0);
  });
});
