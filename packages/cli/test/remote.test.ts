import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { Waxwing } from '@waxwing/client';
import type { ProfileResource } from '@waxwing/protocol';
import { WebhookServer } from '@waxwing/receiver';

import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';
import type { Ended } from './waxwing-process.ts';

test('the API from a terminal: an endpoint’s life, an event’s way, a delivery’s attempts', async (t) => {
  const folder = await temporaryFolder(t);
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', join(folder, 'store'), '--allow-http', '--allow-private-networks']);
  const [, key = ''] = await server.saw(/^Admin key: (wxw_\S+)$/m);
  const [url] = await server.saw(/http:\/\/127\.0\.0\.1:\d+/);
  const env = { WAXWING_URL: url, WAXWING_KEY: key, WAXWING_TENANT: 'acme' };
  const ask = async (...args: string[]): Promise<Ended> => {
    const result = await waxwing(args, { env });
    assert.equal(result.status, 0, `${args.join(' ')}: ${result.stderr}`);
    return result;
  };
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await ask(...args, '--json')).stdout);

  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const receiver = new WebhookServer({ profile: 'standard', secret, host: '127.0.0.1', port: 0 });
  const bodies: string[] = [];
  receiver.onAny((event) => void bodies.push(Buffer.from(event.raw).toString()));
  await receiver.start();
  t.after(() => receiver.stop());

  const created = await ask(
    'endpoints',
    'create',
    receiver.url ?? '',
    '--secret',
    secret,
    '--event-types',
    'meeting.*,payment.paid',
    '--header',
    'x-team: core',
    '--name',
    'Mine',
  );
  assert.match(created.stdout, /secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw {2}\(shown once\)/);
  const listed = await json<{ data: { id: string; name: string; eventTypes: string[]; headers: object }[] }>('endpoints', 'list');
  const [endpoint] = listed.data;
  assert.ok(endpoint !== undefined);
  assert.deepEqual([endpoint.name, endpoint.eventTypes, endpoint.headers], ['Mine', ['meeting.*', 'payment.paid'], { 'x-team': 'core' }]);

  await writeFile(join(folder, 'data.json'), '{"amount":9007199254740993}');
  const sent = await json<{ id: string; deliveries: number; duplicate: boolean }>(
    'send',
    'payment.paid',
    '--data',
    `@${join(folder, 'data.json')}`,
    '--id',
    'evt_mine',
  );
  assert.deepEqual([sent.id, sent.deliveries, sent.duplicate], ['evt_mine', 1, false]);
  assert.match((await ask('send', 'other.type', '--data', '{}')).stdout, /0 deliveries\n.*no endpoint/);
  const conflict = await waxwing(['send', 'payment.paid', '--data', '{"amount":1}', '--id', 'evt_mine'], { env });
  assert.equal(conflict.status, 1);
  assert.match(conflict.stderr, /idempotency_conflict/);

  let [delivery] = (await json<{ data: { id: string; state: string }[] }>('deliveries', 'list', '--event', 'evt_mine')).data;
  while (delivery?.state === 'pending')
    [delivery] = (await json<{ data: { id: string; state: string }[] }>('deliveries', 'list', '--event', 'evt_mine')).data;
  assert.equal(delivery?.state, 'delivered');
  assert.match(bodies[0] ?? '', /"data":\{"amount":9007199254740993\}/);

  const story = (await ask('deliveries', 'get', delivery.id)).stdout;
  assert.match(story, /Attempt 1 {2}delivered {2}HTTP 200/);
  assert.match(story, /→ POST http:\/\/127\.0\.0\.1:\d+\/webhook\n[\s\S]*webhook-signature: v1,/);
  assert.match(story, /← HTTP 200/);
  assert.match((await ask('events', 'get', 'evt_mine')).stdout, new RegExp(`${delivery.id} .*delivered`));
  assert.match((await ask('events', 'list', '--type', 'payment.paid')).stdout, /^evt_mine +payment\.paid/m);
  const retried = await json<{ id: string; origin: string; cause: string }>('deliveries', 'retry', delivery.id);
  assert.deepEqual([retried.origin, retried.cause], [delivery.id, 'retry']);
  const final = await waxwing(['deliveries', 'cancel', delivery.id], { env });
  assert.match(final.stderr, /delivery_final/);
  assert.equal(final.status, 1);

  const tested = await ask('endpoints', 'test', endpoint.id, 'webhook.test');
  assert.match(tested.stdout, /delivered[\s\S]*because of test/);
  await receiver.stop();
  const failed = await waxwing(['endpoints', 'test', endpoint.id, 'webhook.test'], { env });
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /unreachable/);
  assert.match(failed.stderr, /the test was not delivered/);

  assert.match(
    (await ask('endpoints', 'update', endpoint.id, '--timeout', '20', '--retry-schedule', '1,2')).stdout,
    /time-out 20 s, 2 retries after 1, 2 s/,
  );
  assert.match((await ask('endpoints', 'pause', endpoint.id)).stdout, /paused/);
  assert.match((await ask('endpoints', 'resume', endpoint.id)).stdout, /active/);
  assert.match((await ask('endpoints', 'disable', endpoint.id)).stdout, /disabled/);
  assert.match((await ask('endpoints', 'enable', endpoint.id)).stdout, /active/);
  const rotated = await json<{ secret: string; secretGraceEndsAt: string | null }>('endpoints', 'rotate', endpoint.id, '--grace', '60');
  assert.notEqual(rotated.secret, secret);
  assert.notEqual(rotated.secretGraceEndsAt, null);
  assert.equal((await json<{ secretGraceEndsAt: null }>('endpoints', 'activate', endpoint.id)).secretGraceEndsAt, null);
  await ask('endpoints', 'delete', endpoint.id);
  assert.match((await waxwing(['endpoints', 'get', endpoint.id], { env })).stderr, /endpoint_not_found/);

  assert.match((await ask('profiles', 'list')).stdout, /^humanconnection +/m);
  assert.match((await ask('event-types', 'list', '--profile', 'joai')).stdout, /^agent\.message +joai/m);
  assert.match((await ask('event-types', 'get', 'meeting.completed')).stdout, /"meeting_id"/);

  const { version, builtIn, sampleMessage, ...joai } = await json<ProfileResource>('profiles', 'get', 'joai');
  assert.deepEqual([version, builtIn, sampleMessage !== null], [0, true, true]);
  await new Waxwing({ url, key }).profiles.put('ours', { ...joai, name: 'ours' });
  await writeFile(join(folder, 'profile.json'), (await ask('profiles', 'get', 'ours', '--json')).stdout);
  const signed = await waxwing(['sign', '--profile', `@${join(folder, 'profile.json')}`, '--secret', 'a-secret-of-mine-16']);
  const verified = await waxwing(
    ['verify', '--profile', `@${join(folder, 'profile.json')}`, '--secret', 'a-secret-of-mine-16', '--message', '-'],
    {
      stdin: signed.stdout,
    },
  );
  assert.equal(verified.status, 0, signed.stderr + verified.stderr);
});
