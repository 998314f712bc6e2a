import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import type { RelayedMessage, RelayResult } from '@waxwing/protocol';

import type { ListenNews } from '../src/listen/news.ts';
import { planOfFlags } from '../src/listen/plan.ts';
import { Relay } from '../src/listen/relay.ts';
import { listen, localApp, serve } from './listening-server.ts';
import { startWaxwing, temporaryFolder } from './waxwing-process.ts';

const server = await serve({ after }, await temporaryFolder({ after }));

test('an answer is kept before it goes back, and a message that comes again is answered from there: the app is called once', async (t) => {
  const app = await localApp(t);
  const { client } = server;
  await client.tenants.put('relay');
  const endpoint = await client.tenant('relay').listeners.create();
  let answered: RelayResult | null = null;
  const news: ListenNews[] = [];
  const relay = (): Relay =>
    new Relay({
      plan: planOfFlags({ forwardTo: app.url, tenant: 'relay', secret: null }),
      endpoint,
      secret: endpoint.secret,
      scheme: null,
      verifyTls: true,
      answered: () => answered,
      keep: (answer) => (answered = answer),
      tell: (one) => news.push(one),
    });
  const message: RelayedMessage = {
    attempt: 'att_1_1',
    number: 1,
    delivery: 'dlv_1',
    cause: 'publish',
    event: 'evt_1',
    eventType: 'a.b',
    method: 'POST',
    headers: [],
    body: '',
    timeoutMs: 5_000,
  };
  const { signal } = new AbortController();
  const first = await relay().receive(message, signal);
  const again = await relay().receive(message, signal); // as after a restart
  assert.equal(first.response?.status, 200);
  assert.deepEqual(again, first);
  assert.equal(app.taken.length, 1);
  await relay().receive({ ...message, attempt: 'att_1_2', number: 2 }, signal);
  assert.equal(app.taken.length, 2);
  assert.deepEqual(
    news.map(({ kind }) => kind),
    ['message', 'answer', 'message', 'answer'],
  );
});

test('a server that goes away is waited for, and said; what was published right after it came back arrives', async (t) => {
  const app = await localApp(t);
  const folder = await temporaryFolder(t);
  const first = await serve(t, folder);
  await first.client.tenants.put('acme');
  const listener = listen(t, first.env, '--forward-to', app.url, '--tenant', 'acme');
  const people = startWaxwing(
    t,
    ['listen', '--forward-to', app.url, '--tenant', 'acme', '--output', 'interactive', '--state', `${folder}/other`],
    first.env,
  );
  await Promise.all([listener.heard('ready'), people.saw(/Listening/)]);
  first.process.child.kill('SIGTERM');
  assert.equal((await first.process.ended).status, 0); // listeners do not hold up a drain
  const lost = await listener.heard('lost');
  assert.ok(Number(lost['retryInMs']) > 0);
  await people.saw(/Connection lost \(.+\); trying again in \d+ m?s\. Nothing is lost/);
  const second = await serve(t, folder, new URL(first.url).port);
  await listener.heard('back');
  await people.saw(/Connected again\. Nothing waited\./);
  await second.client.tenant('acme').publish({ type: 'a.b', id: 'later', data: {} });
  assert.equal((await listener.heard('answer'))['event'], 'later');
  people.child.kill('SIGTERM');
  assert.deepEqual([await listener.end(), (await people.ended).status], [0, 0]);
});
