// Agreement with the reference library, npm `standardwebhooks`: what it signs we take, what we are given it takes alike.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, integer, json, oneof, property, string, stringMatching } from 'fast-check';
import { sign } from '@waxwing/protocol/sign';
import { Webhook } from 'standardwebhooks';
import { verifySync } from '@waxwing/receiver';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

test('whatever the reference library signs is verified', () => {
  const text = oneof(json(), string({ unit: 'grapheme' }));
  check(
    property(text, stringMatching(/^[A-Za-z0-9_-]{1,64}$/), integer({ min: 1, max: 4_000_000_000 }), (body, id, seconds) => {
      const signature = new Webhook(secret).sign(id, new Date(seconds * 1000), body);
      const headers = { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature };
      const result = verifySync('standard', { headers, body }, secret, { now: () => seconds * 1000 });
      assert.ok(result.ok, result.ok ? '' : result.explain());
      assert.equal(result.event.id, id);
    }),
  );
});

test('the reference library and we say the same of a signed message, of a tampered one and of a stale one', () => {
  const now = Math.floor(Date.now() / 1000);
  for (const [skew, tamper] of [
    [0, false],
    [0, true],
    [-299, false],
    [-302, false],
    [299, false],
    [302, false],
  ] as const) {
    const body = '{"type":"a.b","timestamp":"2026-01-01T00:00:00.000Z","data":{}}';
    const signed = sign({ kind: 'standard-webhooks' }, { id: 'evt_1', timestampSeconds: now + skew, body: Buffer.from(body) }, [secret]);
    const headers = { 'webhook-id': 'evt_1', ...Object.fromEntries(signed) };
    const received = tamper ? body.replace('a.b', 'a.c') : body;
    let reference = true;
    try {
      new Webhook(secret).verify(received, headers);
    } catch {
      reference = false;
    }
    assert.equal(verifySync('standard', { headers, body: received }, secret).ok, reference, `skew ${skew}, tampered ${tamper}`);
  }
});
