import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SCHEMES, verify, verifySync } from '@waxwing/receiver';
import type { SchemeName } from '@waxwing/receiver';
import { generateSigningKey, publicKeyOf } from '@waxwing/protocol';
import { TestSender } from '@waxwing/receiver/testing';
import type { TestRequest } from '@waxwing/receiver/testing';

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

describe('a tampered body', () => {
  const json = ({ body }: { readonly body: Uint8Array }): unknown => JSON.parse(Buffer.from(body).toString());

  for (const name of names.filter((each) => each !== 'twilio')) {
    test(`is JSON of the same form with one value changed: ${name}`, () => {
      const sender = new TestSender(name, { now });
      const event = { id: 'evt_1', type: 'thing.made', data: { amount: 5, nested: { deep: true } } };
      const [signed, tampered] = [json(sender.signed(event)), json(sender.tampered(event))];
      assert.deepEqual(shapeOf(tampered), shapeOf(signed));
      assert.notDeepEqual(tampered, signed);
    });
  }

  test('is changed in its data where the sender keeps data apart', () => {
    const sender = new TestSender('joai');
    const { body } = sender.tampered({ type: 'agent.message', data: { agent: { id: 'a' }, content: 'x' } });
    assert.partialDeepStrictEqual(JSON.parse(Buffer.from(body).toString()), {
      event: 'agent.message',
      data: { agent: { id: 'a!' }, content: 'x' },
    });
  });

  for (const [what, body, expected] of [
    ['an object without a value gets one', '{}', '{"tampered":true}'],
    ['nested objects without a value get one', '{"a":{"b":null}}', '{"a":{"b":null},"tampered":true}'],
    ['a list is changed within', '[[1]]', '[[2]]'],
    ['a bare text is changed', '"a"', '"a!"'],
    ['null becomes something', 'null', 'true'],
    ['a large number becomes another', '[1e300]', '[1]'],
    ['a form’s first value is changed', 'a=b&c=d', 'a=bx&c=d'],
    ['a form’s empty value is filled', 'a=', 'a=x'],
    ['an empty body is filled', '', '!'],
    ['text that is neither has a byte changed', 'plain', 'pl`in'],
  ] as const) {
    test(`${what}: ${body}`, () => assert.equal(Buffer.from(new TestSender('github').tampered({ body }).body).toString(), expected));
  }
});

describe('a signing key of Standard Webhooks', () => {
  const key = generateSigningKey((size) => new Uint8Array(size).fill(7));
  for (const name of ['standard', 'svix', 'openai'] as const) {
    const sender = new TestSender(name, { secret: key, now });
    const reason = (request: TestRequest, secret = sender.secret): string => {
      const result = verifySync(name, request, secret, { now });
      return result.ok ? 'accepted' : result.reason;
    };
    test(`signs what its public key verifies, and that alone: ${name}`, async () => {
      assert.equal(sender.secret, publicKeyOf(key));
      assert.equal(reason(sender.signed()), 'accepted');
      assert.ok((await verify(name, sender.signed(), [sender.secret, `whsec_${'A'.repeat(44)}`], { now })).ok);
      assert.deepEqual([reason(sender.tampered()), reason(sender.wrongSecret())], ['no_match', 'no_match']);
      assert.deepEqual([reason(sender.unsigned()), reason(sender.stale())], ['missing_header', 'timestamp_too_old']);
      assert.equal(reason(sender.signed(), publicKeyOf(generateSigningKey((size) => new Uint8Array(size).fill(8))) ?? ''), 'no_match');
      const signatures = [sender.signed(), sender.wrongSecret()].map(({ headers }) =>
        Object.values(headers).find((value) => value.startsWith('v1')),
      );
      assert.ok(
        signatures.every((signature) => signature?.startsWith('v1a,')),
        'a stranger signs in the same form',
      );
    });
  }
  test('that holds no key is refused', () => {
    assert.throws(() => new TestSender('standard', { secret: 'whsk_short' }), { code: 'invalid_secret' });
  });
});

/** The names and kinds of a value, without what they hold. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
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
