// The real binary speaks the platforms' management APIs when it is told to, with keys that look as the platforms' do.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HumanConnection, WaxwingApiError } from '@waxwing/client/humanconnection';

import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

test('a key of a platform’s form opens its tenant’s webhooks to the platform’s client', { timeout: 60_000 }, async (t) => {
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', await temporaryFolder(t), '--management', 'humanconnection,meetloyd']);
  const [, key = ''] = await server.saw(/^Admin key: (wxw_\S+)$/m);
  const [url] = await server.saw(/http:\/\/127\.0\.0\.1:\d+/);
  await server.saw(/Management as humanconnection: contract http:\S+\/docs\/humanconnection/);
  const created = await waxwing(['keys', 'create', '--url', url, '--key', key, '--tenant', 'acme', '--format', 'hc', '--json']);
  assert.equal(created.status, 0, created.stderr);
  const { key: apiKey }: { readonly key: string } = JSON.parse(created.stdout);
  assert.match(apiKey, /^hc_/);

  const hc = new HumanConnection({ apiKey, baseUrl: url });
  const webhook = await hc.webhooks.create({
    url: 'https://your-app.com/webhooks/humanconnection',
    events: ['service.matched', 'meeting.completed', 'report.submitted', 'payment.paid'],
    secret: 'whsec_your_signing_secret',
  });
  assert.deepEqual([webhook.status, webhook.secret, webhook.events.length], ['active', 'whsec_your_signing_secret', 4]);
  const changed = await hc.webhooks.update(webhook.id, { events: ['payment.*'], status: 'disabled' });
  assert.deepEqual([changed.events, changed.status], [['payment.*'], 'disabled']);
  assert.deepEqual(await hc.webhooks.get(webhook.id), changed);
  assert.deepEqual(await hc.webhooks.list(), [changed]);
  await hc.webhooks.delete(webhook.id);
  await assert.rejects(hc.webhooks.get(webhook.id), (error) => error instanceof WaxwingApiError && error.code === 'webhook_not_found');

  const live = await waxwing(['keys', 'create', '--url', url, '--key', key, '--tenant', 'acme', '--format', 'sk_live', '--json']);
  const { key: liveKey }: { readonly key: string } = JSON.parse(live.stdout);
  assert.match(liveKey, /^sk_live_/);
  const listed = await fetch(`${url}/api/v1/webhooks`, { headers: { authorization: `Bearer ${liveKey}` } });
  assert.deepEqual(await listed.json(), { data: [], pagination: { page: 1, limit: 20, total: 0, totalPages: 0 } });
});

test('a platform’s form is for keys of one tenant, and an unknown platform is refused at start', async () => {
  const admin = await waxwing(['keys', 'create', '--key', 'wxw_any', '--format', 'hc']);
  assert.equal(admin.status, 2);
  assert.match(admin.stderr, /--format hc is for a key of one tenant: give --tenant/);
  const unknown = await waxwing(['keys', 'create', '--key', 'wxw_any', '--tenant', 'acme', '--format', 'sk']);
  assert.match(unknown.stderr, /Allowed choices are wxw, hc, sk_live, sk_test/);
  const serve = await waxwing(['serve', '--port', '0', '--management', 'meetlloyd']);
  assert.notEqual(serve.status, 0);
  assert.match(serve.stderr, /--management must be platforms .* did you mean meetloyd\?/);
});
