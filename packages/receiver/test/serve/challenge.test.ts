import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { createReceiver } from '@waxwing/receiver';
import type { Answer, SchemeName } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';
import { createReceiver as createWebReceiver } from '../../src/index.ts';

const seen: string[] = [];

/** Sends a body, signed or not, to a receiver on Node and to one on Web Crypto, which must answer alike. */
async function answers(name: SchemeName, body: object, headers: Record<string, string> = {}, signed = true): Promise<Answer> {
  const sender = new TestSender(name);
  const event = { body: JSON.stringify(body) };
  const request = signed ? sender.signed(event) : sender.unsigned(event);
  const whole = { ...request, headers: { ...request.headers, ...headers } };
  const options = {
    profile: name,
    secrets: ['an older secret in another form', sender.secret].slice(name === 'discord' ? 1 : 0),
    log: () => {},
  };
  const [node, web] = await Promise.all(
    [createReceiver, createWebReceiver].map((create) =>
      create(options)
        .onAny(({ type }) => void seen.push(type))
        .receive(whole),
    ),
  );
  assert.ok(node !== undefined);
  assert.deepEqual(node, web);
  return node;
}

describe('a sender that asks whether this URL is meant', () => {
  for (const [name, body, headers, status, expected] of [
    ['slack', { type: 'url_verification', challenge: '3eZbr' }, {}, 200, '3eZbr'],
    ['twitch', { challenge: 'pogchamp' }, { 'Twitch-Eventsub-Message-Type': 'webhook_callback_verification' }, 200, 'pogchamp'],
    ['discord', { type: 1, id: '1', token: 't' }, {}, 200, '{"type":1}'],
    ['discord', { type: 0, version: 1 }, {}, 204, ''],
  ] as const) {
    test(`is answered, and no handler hears of it: ${name}, ${JSON.stringify(body)}`, async () => {
      seen.length = 0;
      const answer = await answers(name, body, headers);
      assert.deepEqual([answer.status, answer.body], [status, expected]);
      assert.deepEqual(seen, []);
    });
    test(`is not answered unsigned: ${name}, ${JSON.stringify(body)}`, async () => {
      const answer = await answers(name, body, headers, false);
      assert.equal(answer.status, 401);
      assert.ok(expected === '' || !answer.body.includes(expected));
    });
  }

  test('gets its token signed with the secret that it used itself: Zoom', async () => {
    const sender = new TestSender('zoom', { secret: 'the secret token' });
    const receiver = createReceiver({ profile: 'zoom', secrets: ['an older secret', 'the secret token'] });
    const body = JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken: 'qgg8vlvZRS6UYooatFL8Aw' }, event_ts: 1 });
    const answer = await receiver.receive(sender.signed({ body }));
    const encryptedToken = createHmac('sha256', 'the secret token').update('qgg8vlvZRS6UYooatFL8Aw').digest('hex');
    assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { plainToken: 'qgg8vlvZRS6UYooatFL8Aw', encryptedToken }]);
  });

  test('gets 400 for a challenge that holds nothing', async () => {
    assert.equal((await answers('slack', { type: 'url_verification' })).status, 400);
  });

  test('and an ordinary event of the same sender still reaches the handlers', async () => {
    seen.length = 0;
    assert.equal((await answers('slack', { type: 'event_callback', event: { type: 'app_mention' } })).status, 200);
    assert.equal((await answers('discord', { type: 1, event: { type: 'ENTITLEMENT_CREATE' } })).status, 200);
    assert.deepEqual(seen, ['app_mention', 'app_mention', 'ENTITLEMENT_CREATE', 'ENTITLEMENT_CREATE']);
  });
});

describe('Meta’s subscription by GET', () => {
  const make = (verifyToken?: string): ReturnType<typeof createReceiver<'meta'>> =>
    createReceiver({ profile: 'meta', secret: 'the app secret', ...(verifyToken !== undefined && { verifyToken }) });
  const url = '/webhook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock';

  test('is answered with the challenge where the token is right', () => {
    const answer = make('meatyhamhock').otherMethod('GET', url);
    assert.deepEqual([answer.status, answer.body, answer.headers['content-type']], [200, '1158201444', 'text/plain']);
    assert.equal(make('meatyhamhock').otherMethod('GET', `https://receiver.example${url}`).status, 200);
  });

  test('is 403 with another token or none, and 405 where the receiver has no token or the sender does not subscribe so', () => {
    assert.equal(make('another').otherMethod('GET', url).status, 403);
    assert.equal(make('meatyhamhock').otherMethod('GET', '/webhook').status, 403);
    assert.equal(make().otherMethod('GET', url).status, 405);
    assert.equal(make('').otherMethod('GET', url.replace('meatyhamhock', '')).status, 405);
    assert.equal(make('meatyhamhock').otherMethod('PUT', url).status, 405);
    const github = createReceiver({ profile: 'github', secret: 'a test secret', verifyToken: 'meatyhamhock' });
    assert.equal(github.otherMethod('GET', url).status, 405);
  });
});
