// `waxwing listen` as a developer meets it, against a real server: what it relays, says, keeps and leaves.

import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { verify } from '@waxwing/receiver';

import { listen, localApp, serve, waitFor } from './listening-server.ts';
import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

const server = await serve({ after }, await temporaryFolder({ after }));
const { client, env } = server;

test('what arrives is what the endpoint’s messages are, byte for byte, and the answer is the attempt’s outcome', async (t) => {
  const acme = client.tenant('exact');
  const app = await localApp(t);
  await client.tenants.put('exact', { profile: 'humanconnection' });
  const listener = listen(
    t,
    env,
    '--forward-to',
    `${app.url}?a=1`,
    '--tenant',
    'exact',
    '--header',
    'x-mine: here',
    '--header',
    'x-humanconnection-signature: forged',
  );
  const ready = await listener.heard('ready');
  assert.equal(ready['profile'], 'humanconnection');
  assert.equal(ready['console'], `${server.url}/t/exact/endpoints/${String(ready['listener'])}`);
  app.answer = 'fine, thank you';
  const { sample } = await client.eventTypes.get('meeting.completed');
  await acme.publish({ type: 'meeting.completed', id: 'first', data: { ...sample, n: 1.5, text: 'größer' } });
  const answer = await listener.heard('answer');
  assert.deepEqual([answer['event'], answer['status'], answer['delivered']], ['first', 200, true]);

  const [taken] = app.taken;
  assert.ok(taken !== undefined);
  assert.equal(taken.path, '/webhook?a=1');
  assert.equal(taken.headers['x-mine'], 'here');
  const result = await verify('humanconnection', taken, [String(ready['secret'])]);
  assert.equal(result.ok, true, result.ok ? '' : result.explain());
  const { attemptLog, state } = await delivered(acme, String(answer['delivery']));
  assert.equal(state, 'delivered');
  const [attempt] = attemptLog;
  assert.deepEqual([attempt?.request.url, attempt?.request.body], [`${app.url}?a=1`, taken.body.toString()]);
  assert.deepEqual([attempt?.response?.status, attempt?.response?.body], [200, 'fine, thank you']);
  const names = taken.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  for (const [name] of attempt?.request.headers ?? []) assert.ok(names.includes(name.toLowerCase()), name);

  // A retry pressed in the console reaches it, as a new delivery of the same event.
  const heard = listener.news().length;
  await acme.deliveries.retry(String(answer['delivery']));
  const retried = await listener.heard('message', heard);
  assert.deepEqual([retried['event'], retried['cause']], ['first', 'retry']);
  await waitFor('the second', () => app.taken.length === 2);
  assert.deepEqual(app.taken[1]?.body, taken.body);

  assert.equal(await listener.end(), 0);
  await assert.rejects(acme.endpoints.get(String(ready['listener'])), { code: 'endpoint_not_found' });
});

test('--endpoint copies profile and subscription, and diverts nothing', async (t) => {
  const app = await localApp(t);
  const acme = client.tenant('copy');
  const { id, secret } = await acme.endpoints.create({
    url: 'https://receiver.test/webhook',
    profile: 'joai',
    eventTypes: ['task.*'],
    status: 'paused',
  });
  const listener = listen(t, env, '--forward-to', String(app.port), '--tenant', 'copy', '--endpoint', id);
  const ready = await listener.heard('ready');
  assert.deepEqual([ready['profile'], ready['eventTypes']], ['joai', ['task.*']]);
  assert.notEqual(ready['secret'], secret);
  const { sample } = await client.eventTypes.get('task.created');
  const { deliveries } = await acme.publish({ type: 'task.created', data: sample });
  assert.equal(deliveries, 2);
  await listener.heard('answer');
  assert.equal(app.taken[0]?.path, '/');
  const held = await acme.deliveries.list({ endpoint: id }).page();
  assert.deepEqual(
    held.data.map(({ state }) => state),
    ['pending'],
  );
  assert.equal(await listener.end(), 0);
  assert.equal((await acme.endpoints.get(id)).status, 'paused');
});

test('a kept session sleeps, and goes on: what came meanwhile is replayed in order, and counted', async (t) => {
  const app = await localApp(t);
  await client.tenants.put('kept');
  const acme = client.tenant('kept');
  const state = join(await temporaryFolder(t), 'place.json');
  const flags = ['--forward-to', app.url, '--tenant', 'kept', '--state', state, '--events', 'meeting.*', '--keep'];
  const first = listen(t, env, ...flags);
  const { listener: id, secret } = await first.heard('ready');
  assert.equal(await first.end(), 0);
  assert.equal((await first.heard('ended'))['kept'], true);
  assert.equal(statSync(state).mode & 0o077, 0);

  for (let n = 0; n < 5; n++) await acme.publish({ type: 'meeting.completed', id: `slept${n}`, data: {} });
  await acme.publish({ type: 'other.thing', id: 'not-mine', data: {} });
  assert.equal((await acme.events.explain('slept0', String(id))).reason, 'held');

  const again = listen(t, env, ...flags.slice(0, -1));
  const ready = await again.heard('ready');
  assert.deepEqual([ready['listener'], ready['secret'], ready['resumed'], ready['waiting']], [id, secret, true, 5]);
  assert.equal((await again.heard('caught_up'))['replayed'], 5);
  const answers = again.news().filter(({ kind }) => kind === 'answer');
  assert.deepEqual(
    answers.map((answer) => answer['event']),
    ['slept0', 'slept1', 'slept2', 'slept3', 'slept4'],
  );
  assert.equal(await again.end(), 0);

  // Its own secret stays, so that the app need not learn another; its endpoint is gone.
  const printed = await waxwing(['listen', ...flags.slice(0, 6), '--print-secret'], { env });
  assert.equal(printed.stdout, `${String(secret)}\n`);
  assert.equal((await acme.endpoints.list().page()).data.length, 0);
});

test('what can never come is said, and the exit status shows it', async (t) => {
  const app = await localApp(t);
  await client.tenants.put('gaps');
  const acme = client.tenant('gaps');
  const state = join(await temporaryFolder(t), 'place.json');
  const flags = ['--forward-to', app.url, '--tenant', 'gaps', '--state', state, '--keep'];
  const first = listen(t, env, ...flags);
  const { listener: id } = await first.heard('ready');
  await acme.publish({ type: 'a.b', id: 'before', data: {} });
  await first.heard('answer');
  await waitFor('its place on disk', () => readFileSync(state, 'utf8').includes('"cursor":"'));
  assert.equal(await first.end(), 0);

  // A place that the server does not know: what lay between cannot be counted.
  writeFileSync(state, readFileSync(state, 'utf8').replace(/"cursor":"[^"]*"/, '"cursor":"0.999999"'));
  const second = listen(t, env, ...flags);
  const gap = await second.heard('gap');
  assert.equal(gap['count'], null);
  assert.equal(await second.end(), 3);

  // The endpoint is removed while two events wait for it.
  for (const event of ['lost1', 'lost2']) await acme.publish({ type: 'a.b', id: event, data: {} });
  await acme.endpoints.delete(String(id));
  writeFileSync(state, readFileSync(state, 'utf8').replace(/"until":"[^"]*"/, '"until":"2100-01-01T00:00:00.000Z"')); // as after an answer
  const third = listen(t, env, ...flags);
  const told = await third.heard('gap');
  assert.equal(told['count'], 2);
  assert.match(String(told['sentence']), /is gone, with all that waited for it: 2 events will not come/);
  assert.notEqual((await third.heard('ready'))['listener'], id);
  assert.equal(await third.end(), 3);
});

test('another listener takes over; a deleted endpoint ends it: both with 1, and neither is removed by the loser', async (t) => {
  const app = await localApp(t);
  await client.tenants.put('taken');
  const acme = client.tenant('taken');
  const flags = ['--forward-to', app.url, '--tenant', 'taken', '--state', join(await temporaryFolder(t), 'place.json')];
  const first = listen(t, env, ...flags);
  const { listener: id } = await first.heard('ready');
  const second = listen(t, env, ...flags);
  assert.equal((await second.heard('ready'))['listener'], id);
  const ended = await first.heard('ended');
  assert.deepEqual([ended['reason'], ended['kept']], ['replaced', true]);
  assert.equal((await first.running.ended).status, 1);
  await acme.endpoints.delete(String(id));
  assert.equal((await second.heard('ended'))['reason'], 'deleted');
  assert.equal((await second.running.ended).status, 1);
});

test('a person sees one line out, one line back, why a signature failed, and the session’s secret and page', async (t) => {
  const app = await localApp(t);
  await client.tenants.put('shown');
  const shown = startWaxwing(t, ['listen', '--output', 'interactive', '--forward-to', app.url, '--tenant', 'shown'], env);
  const [, id = ''] = await shown.saw(/Listening to \* of shown as (ep_\w+) \(standard\)/);
  const [, secret = ''] = await shown.saw(/^Secret {6}(whsec_\S+)/m);
  await shown.saw(new RegExp(`^Console     ${server.url}/t/shown/endpoints/${id}$`, 'm'));
  app.status = 401;
  app.answer = '{"code":"no_match"}';
  const { id: event } = await client.tenant('shown').publish({ type: 'meeting.completed', data: {} });
  await shown.saw(
    new RegExp(
      `^→ meeting\\.completed ${event}\\n← 401 POST ${app.url} [\\d.]+ ms, again in 1 s\\n  The signature does hold for this session’s secret, ${secret.replaceAll('+', '\\+')}; your app holds another\\.$`,
      'm',
    ),
  );
  app.status = 200;
  await shown.saw(new RegExp(`^→ meeting\\.completed ${event} \\(attempt 2\\)\\n← 200 POST ${app.url} [\\d.]+ ms$`, 'm'));
  shown.child.kill('SIGINT');
  const { status, stdout } = await shown.ended;
  assert.equal(status, 0);
  assert.match(stdout, /Ended: 1 delivered, 1 attempt failed\. ep_\w+ is removed\.\n$/);
});

test('a file gives several listeners and routes in one process', async (t) => {
  const [meetings, rest, other] = await Promise.all([localApp(t), localApp(t), localApp(t)]);
  await Promise.all(['routes', 'second'].map((tenant) => client.tenants.put(tenant)));
  const file = join(await temporaryFolder(t), 'waxwing.listen.json');
  const listeners = [
    { tenant: 'routes', routes: { 'meeting.*': meetings.url, '*': rest.url } },
    { name: 'two', tenant: 'second', headers: { 'x-from': 'second' }, routes: { 'payment.*': other.url } },
  ];
  writeFileSync(file, JSON.stringify({ listeners }));
  const both = startWaxwing(t, ['listen', '--config', file, '--output', 'compact'], env);
  await both.saw(
    /listening ep_\w+ of routes [\s\S]*listening ep_\w+ of second |listening ep_\w+ of second [\s\S]*listening ep_\w+ of routes /,
  );
  for (const type of ['meeting.completed', 'payment.paid']) {
    for (const tenant of ['routes', 'second']) await client.tenant(tenant).publish({ type, data: {} });
  }
  await waitFor('all three', () => [meetings, rest, other].every(({ taken }) => taken.length === 1));
  assert.equal(other.taken[0]?.headers['x-from'], 'second');
  await both.saw(/200 payment\.paid evt_\w+ [\d.]+ ms http/);
  both.child.kill('SIGTERM');
  assert.equal((await both.ended).status, 0);
});

async function delivered(acme: ReturnType<typeof client.tenant>, id: string): Promise<Awaited<ReturnType<typeof acme.deliveries.get>>> {
  await waitFor('its outcome', async () => (await acme.deliveries.get(id)).state !== 'pending');
  return acme.deliveries.get(id);
}
