import assert from 'node:assert/strict';
import { createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';

import { BUILT_IN_PROFILES, generateSigningKey, publicKeyOf, sign } from '../src/index.ts';
import type { TemplateScheme } from '../src/index.ts';
import { JOAI_SCHEME, MEETLOYD_SCHEME, MESHAGENT_SCHEME, STANDARD_SCHEME } from '../src/schemes.ts';

const NOW_SECONDS = Math.floor(Date.now() / 1000); // the package reads the ambient clock
const MESSAGE = { id: 'evt_1', timestampSeconds: 1_700_000_000, body: Buffer.from('{"a":1}') };
const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

function standardHeaders(id: string, body: string, secrets: readonly string[]): { [name: string]: string } {
  const signed = sign(STANDARD_SCHEME, { id, timestampSeconds: NOW_SECONDS, body: Buffer.from(body) }, secrets);
  return { 'webhook-id': id, ...Object.fromEntries(signed) };
}

describe('sign', () => {
  it('is accepted by the standardwebhooks package, whatever the data and the secret', () => {
    const secrets = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((key) => `whsec_${Buffer.from(key).toString('base64')}`);
    fc.assert(
      fc.property(fc.json(), secrets, fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), (body, secret, id) => {
        const headers = standardHeaders(id, body, [secret]);
        assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
        const theirs = new Webhook(secret).sign(id, new Date(NOW_SECONDS * 1000), body);
        assert.equal(headers['webhook-signature'], theirs);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused by the standardwebhooks package under another secret or body', () => {
    const headers = standardHeaders('evt_1', '{"a":1}', [SECRET]);
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    assert.throws(() => new Webhook(other).verify('{"a":1}', headers));
    assert.throws(() => new Webhook(SECRET).verify('{"a":2}', headers));
  });

  it('signs with both secrets under standard, so that either verifies', () => {
    const other = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;
    const headers = standardHeaders('evt_1', '{}', [SECRET, other]);
    for (const secret of [SECRET, other]) assert.deepEqual(new Webhook(secret).verify('{}', headers), {});
  });

  it('gives the signature of the Standard Webhooks library’s own test', () => {
    const signed = sign(
      STANDARD_SCHEME,
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1_614_265_330, body: Buffer.from('{"test": 2432232314}') },
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    );
    assert.deepEqual(signed[1], ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=']);
  });

  it('verifies under the public key when an ed25519 key signs', () => {
    const secret = generateSigningKey(randomBytes);
    const key = publicKeyOf(secret)?.slice(5) ?? '';
    const x = Buffer.from(key, 'base64').toString('base64url');
    const signed = sign(STANDARD_SCHEME, MESSAGE, [secret]);
    const signature = /^v1a,(.+)$/.exec(signed[1]?.[1] ?? '')?.[1] ?? '';
    const content = Buffer.from('evt_1.1700000000.{"a":1}');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    assert.ok(verify(null, content, publicKey, Buffer.from(signature, 'base64')));
  });

  it('throws for an empty secret, whatever the scheme and whatever stands beside it', () => {
    const base64: TemplateScheme = { ...JOAI_SCHEME, secret: 'base64' };
    const good = 'a secret long enough';
    for (const scheme of [STANDARD_SCHEME, JOAI_SCHEME, MEETLOYD_SCHEME, MESHAGENT_SCHEME, base64]) {
      for (const secrets of [[], [''], [good, ''], ['', good]]) {
        assert.throws(() => sign(scheme, MESSAGE, secrets), { code: 'invalid_secret' }, `${scheme.kind} ${secrets.length}`);
      }
    }
    for (const empty of ['whsec_', 'whsk_', 'whpk_'])
      assert.throws(() => sign(STANDARD_SCHEME, MESSAGE, [empty]), { code: 'invalid_secret' });
    assert.throws(() => sign(STANDARD_SCHEME, MESSAGE, [SECRET, 'whsec_']), { code: 'invalid_secret' });
    assert.throws(() => sign(base64, MESSAGE, ['acme_']), { code: 'invalid_secret' });
  });

  it('signs bytes that are no UTF-8 as they are', () => {
    const body = Buffer.from([0x7b, 0xff, 0xc3, 0x28, 0x00, 0x7d]);
    const [header] = sign(JOAI_SCHEME, { ...MESSAGE, body }, ['a secret of mine']);
    assert.equal(header?.[1], createHmac('sha256', 'a secret of mine').update(body).digest('hex'));
  });

  it('takes an id that spells a placeholder as an id', () => {
    const scheme: TemplateScheme = { ...MEETLOYD_SCHEME, content: '{id}.{timestamp}.{body}' };
    const [header] = sign(scheme, { ...MESSAGE, id: '{timestamp}$&' }, ['a secret of mine']);
    const content = '{timestamp}$&.1700000000.{"a":1}';
    assert.equal(header?.[1], createHmac('sha256', 'a secret of mine').update(content).digest('hex'));
  });

  it('keeps nothing of one secret when it signs with another', () => {
    const first = sign(STANDARD_SCHEME, MESSAGE, [SECRET]);
    for (let i = 0; i < 3000; i++) {
      const other = sign(STANDARD_SCHEME, MESSAGE, [`whsec_${createHmac('sha256', 'seed').update(String(i)).digest('base64')}`]);
      assert.notDeepEqual(other, first);
    }
    assert.deepEqual(sign(STANDARD_SCHEME, MESSAGE, [SECRET]), first);
  });

  it('sends the same headers for the same message, under every built-in profile', () => {
    for (const { definition } of BUILT_IN_PROFILES.values()) {
      const secrets = [definition.secret.form === 'standard' ? SECRET : 'a plain secret of mine'];
      assert.deepEqual(sign(definition.signature, MESSAGE, secrets), sign(definition.signature, MESSAGE, secrets));
    }
  });

  it('sends a JWT whose only claim is the hash: no iat', () => {
    const [header] = sign(MESHAGENT_SCHEME, MESSAGE, ['a plain secret of mine']);
    const [head, claims] = (header?.[1] ?? '').replace('Bearer ', '').split('.');
    assert.deepEqual(JSON.parse(Buffer.from(head ?? '', 'base64url').toString()), { alg: 'HS256', typ: 'JWT' });
    assert.deepEqual(Object.keys(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString())), ['sha256']);
  });
});
