import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';

import { BUILT_IN_PROFILES, checkSecret, generateSecret, generateSigningKey, publicKeyOf, WaxwingError } from '../src/index.ts';
import type { SecretRules } from '../src/index.ts';

const STANDARD = rulesOf('standard');
const JOAI = rulesOf('joai');
const BASE64: SecretRules = { prefix: 'acme_live_', form: 'base64', minBytes: 16, maxBytes: 64, warnBelowBytes: 32 };

function rulesOf(profile: string): SecretRules {
  const rules = BUILT_IN_PROFILES.get(profile)?.definition.secret;
  assert.ok(rules);
  return rules;
}

function whsec(size: number): string {
  return `whsec_${Buffer.alloc(size, 7).toString('base64')}`;
}

function assertRefused(rules: SecretRules, secret: string, message: RegExp): void {
  assert.throws(
    () => checkSecret(rules, secret),
    (error) =>
      error instanceof WaxwingError &&
      error.code === 'invalid_secret' &&
      message.test(error.message) &&
      error.fields[0]?.path === '/secret',
    secret,
  );
}

describe('checkSecret', () => {
  it('takes whsec_ secrets of 24 to 64 bytes and no others under standard', () => {
    for (const size of [24, 32, 64]) assert.deepEqual(checkSecret(STANDARD, whsec(size)), { warning: null });
    for (const size of [0, 1, 23, 65]) assertRefused(STANDARD, whsec(size), new RegExp(`${size} bytes`));
  });

  it('refuses a standard secret without its prefix, with loose base64, or public', () => {
    assertRefused(STANDARD, '', /whsec_/);
    assertRefused(STANDARD, whsec(32).slice(6), /whsec_/);
    assertRefused(STANDARD, 'whpk_AAAA', /public/);
    assertRefused(STANDARD, whsec(32).replaceAll('=', ''), /base64/);
    assertRefused(STANDARD, `${whsec(32)}\n`, /base64/);
    assertRefused(STANDARD, `whsec_${Buffer.alloc(30, 255).toString('base64url')}`, /base64/);
  });

  it('takes an ed25519 key as its seed or with its public half, and refuses one whose halves do not belong together', () => {
    const whole = generateSigningKey(randomBytes);
    const bytes = Buffer.from(whole.slice(5), 'base64');
    assert.deepEqual(checkSecret(STANDARD, whole), { warning: null });
    assert.deepEqual(checkSecret(STANDARD, `whsk_${bytes.subarray(0, 32).toString('base64')}`), { warning: null });
    bytes.writeUInt8(bytes.readUInt8(63) ^ 1, 63);
    assertRefused(STANDARD, `whsk_${bytes.toString('base64')}`, /public half/);
    assertRefused(STANDARD, `whsk_${bytes.subarray(0, 31).toString('base64')}`, /31 bytes/);
  });

  it('counts UTF-8 bytes elsewhere: 8 are needed, under 16 warns', () => {
    assertRefused(JOAI, '', /empty/);
    assertRefused(JOAI, '7 bytes', /7 bytes/);
    assert.match(checkSecret(JOAI, '8 bytes!').warning ?? '', /only 8 bytes/);
    assert.match(checkSecret(JOAI, 'ключ').warning ?? '', /only 8 bytes/);
    assert.deepEqual(checkSecret(JOAI, 'sixteen bytes!!!'), { warning: null });
    assertRefused(JOAI, 'x'.repeat(513), /513 bytes/);
  });

  it('refuses half a surrogate pair, which would sign as another text', () => {
    assertRefused(JOAI, 'long enough but \ud800', /surrogate/);
  });

  it('warns of white space around a secret, since it is part of the key', () => {
    assert.match(checkSecret(JOAI, 'a copied secret of mine\n').warning ?? '', /White space/);
  });

  it('decodes what follows the prefix under base64 rules', () => {
    assert.deepEqual(checkSecret(BASE64, `acme_live_${Buffer.alloc(32).toString('base64')}`), { warning: null });
    assert.match(checkSecret(BASE64, `acme_live_${Buffer.alloc(16).toString('base64')}`).warning ?? '', /only 16 bytes/);
    assertRefused(BASE64, `acme_live_${Buffer.alloc(15).toString('base64')}`, /15 bytes/);
    assertRefused(BASE64, 'acme_live_', /empty/);
    assertRefused(BASE64, Buffer.alloc(32).toString('base64'), /acme_live_/);
  });

  it('never repeats the secret in what it throws', () => {
    for (const secret of ['whsec_hunter2hunter2', 'hunter2', 'whsk_hunter2']) {
      assert.throws(
        () => checkSecret(STANDARD, secret),
        (error) => error instanceof WaxwingError && !JSON.stringify([error.message, error.fields]).includes('hunter2'),
      );
    }
  });
});

describe('generateSecret', () => {
  it('makes secrets that every built-in profile takes without a warning, each another', () => {
    for (const { definition } of BUILT_IN_PROFILES.values()) {
      const secrets = [1, 2].map(() => generateSecret(definition.secret, randomBytes));
      assert.notEqual(secrets[0], secrets[1]);
      for (const secret of secrets) assert.deepEqual(checkSecret(definition.secret, secret), { warning: null }, definition.name);
    }
  });

  it('begins with whsec_ for standard and humanconnection and holds 32 bytes of what it was handed', () => {
    const expected = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    assert.equal(
      generateSecret(STANDARD, (size) => Buffer.alloc(size, 1)),
      expected,
    );
    assert.equal(
      generateSecret(rulesOf('humanconnection'), (size) => Buffer.alloc(size, 1)),
      expected,
    );
  });
});

describe('publicKeyOf', () => {
  it('gives the public key of RFC 8032 §7.1, test 1', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const expected = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    assert.equal(publicKeyOf(`whsk_${seed.toString('base64')}`), `whpk_${expected.toString('base64')}`);
    assert.equal(
      generateSigningKey(() => seed),
      `whsk_${Buffer.concat([seed, expected]).toString('base64')}`,
    );
  });

  it('is null for a secret that is shared, and throws for a broken signing key', () => {
    assert.equal(publicKeyOf(whsec(32)), null);
    assert.equal(publicKeyOf('a plain secret'), null);
    assert.throws(() => publicKeyOf(`whsk_${createHash('sha1').digest('base64')}`), { code: 'invalid_secret' });
  });
});
