import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SCHEMES, verify, verifySync } from '@waxwing/receiver';
import type { SchemeName } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';

const nowMs = 1_790_000_000_000;
const now = (): number => nowMs;
const names = Object.keys(SCHEMES).filter((name): name is SchemeName => Object.hasOwn(SCHEMES, name));
const SIGNED_TIMES = names.filter((name) => {
  const { signature } = SCHEMES[name];
  if (signature.kind === 'signed-template') return signature.time !== undefined;
  if (signature.kind === 'hmac-template') return signature.timestampHeader !== null;
  return signature.kind === 'standard-webhooks' || name === 'livekit';
});

for (const name of names) {
  describe(`a test sender of ${name}`, () => {
    const sender = new TestSender(name, { now });
    const reason = (request: ReturnType<TestSender['signed']>): string => {
      const result = verifySync(name, request, sender.secret, { now });
      return result.ok ? 'accepted' : result.reason;
    };
    const event = { type: 'thing.made', data: { text: 'Grüße ☂' } };

    test('signs what its receiver accepts, with id, type and data where the sender keeps them', () => {
      const result = verifySync(name, sender.signed({ id: 'evt_9', ...event }), sender.secret, { now });
      assert.ok(result.ok, result.ok ? '' : result.explain());
      const places = SCHEMES[name].event;
      if (places.id !== null) assert.equal(result.event.id, 'evt_9');
      if (places.type !== null) assert.equal(result.event.type, 'thing.made');
      if (places.data !== '') assert.partialDeepStrictEqual(result.event.data, event.data);
    });

    test('signs a body of your own', () => {
      for (const body of ['{"own": true}', Buffer.from('a=b&c=d'), '']) {
        if (name === 'linear') continue; // its time stands in the body
        assert.equal(reason(sender.signed({ body })), 'accepted');
      }
    });

    test('missigns in every way that a receiver must refuse', () => {
      assert.equal(reason(sender.unsigned(event)), 'missing_header');
      assert.equal(reason(sender.wrongSecret(event)), 'no_match');
      assert.equal(reason(sender.tampered(event)), name === 'gitlab' ? 'accepted' : 'no_match');
      const timed = SIGNED_TIMES.includes(name);
      assert.equal(reason(sender.stale(event)), timed ? 'timestamp_too_old' : 'accepted');
      assert.equal(reason(sender.ahead(event)), timed ? 'timestamp_in_future' : 'accepted');
    });

    test('repeats an event with the same id and body', () => {
      const [first, again] = sender.duplicated(event);
      assert.deepEqual(first.body, again.body);
      assert.deepEqual([reason(first), reason(again)], ['accepted', 'accepted']);
    });
  });
}

test('a given secret signs, and a request becomes a fetch Request that verifies', async () => {
  const sender = new TestSender('github', { secret: 'the secret of my tests' });
  const request = sender.signed({ type: 'issues', data: { action: 'opened' } }).toRequest();
  assert.equal(request.method, 'POST');
  const result = await verify('github', { headers: request.headers, body: await request.arrayBuffer() }, 'the secret of my tests');
  assert.ok(result.ok);
  assert.deepEqual([result.event.type, result.event.payload], ['issues', { action: 'opened' }]);
});

test('a scheme of your own can be tested as soon as it is written down', () => {
  const acme = {
    name: 'acme',
    page: 'https://acme.example/webhooks',
    signature: {
      kind: 'signed-template',
      algorithm: 'hmac-sha512',
      header: 'Acme-Proof',
      form: { kind: 'fields', separator: ' ', signature: 's', timestamp: 'at' },
      encoding: 'base64',
      content: '{method} {url}\n{timestamp}\n{body}',
      time: { in: 'signature', form: 'iso' },
      secret: 'hex',
    },
    toleranceSeconds: 30,
    event: { id: '/meta/id', type: '/meta/kind', timestamp: { at: '/meta/at', form: 'iso' }, data: '/content' },
  } as const;
  const sender = new TestSender(acme, { secret: 'ab'.repeat(20), now });
  const result = verifySync(acme, sender.signed({ id: 'x', type: 'y', data: [1] }), sender.secret, { now });
  assert.ok(result.ok, result.ok ? '' : result.explain());
  assert.deepEqual(result.event.payload, { content: [1], meta: { id: 'x', kind: 'y', at: new Date(nowMs).toISOString() } });
  assert.equal(verifySync(acme, sender.stale(), sender.secret, { now }).ok, false);
});
