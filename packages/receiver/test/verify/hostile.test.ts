// What no sender would send: whatever a request holds, verifying answers with a reason, and never throws.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SCHEMES, verifySync } from '@waxwing/receiver';
import type { SchemeName, VerifyResult } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';
import { verify as verifyWeb } from '../../src/index.ts';
import { sameText } from '../../src/verify/encoding.ts';

const names = Object.keys(SCHEMES).filter((name): name is SchemeName => Object.hasOwn(SCHEMES, name));

function isReasoned(result: VerifyResult): void {
  assert.equal(result.ok, false);
  assert.ok(!result.ok && result.reason.length > 0 && result.explain().length > 20);
}

describe('whatever stands in place of a request, the answer is a reason', () => {
  for (const name of names) {
    const sender = new TestSender(name, { url: 'https://receiver.example/in' });
    const { headers, ...genuine } = sender.signed({ type: 'a.b', data: { text: 'x' } });
    // Genuine header names with values of any kind, so that each is read as far as it goes.
    const someHeaders = fc.oneof(
      fc.anything(),
      fc.record(Object.fromEntries(Object.keys(headers).map((header) => [header, fc.oneof(fc.string(), fc.anything(), fc.webUrl())]))),
      fc
        .dictionary(fc.constantFrom(...Object.keys(headers)), fc.string({ unit: 'binary' }))
        .map((values) => new Map(Object.entries(values))),
    );
    const body = fc.oneof(fc.anything(), fc.string(), fc.json(), fc.uint8Array(), fc.constant(genuine.body));
    const request = fc.record({ headers: someHeaders, body, method: fc.anything(), url: fc.anything() });

    test(name, async () => {
      fc.assert(
        fc.property(request, fc.oneof(fc.constant(sender.secret), fc.anything()), (given, secret) => {
          isReasoned(Reflect.apply(verifySync, null, [name, given, Array.isArray(secret) ? secret : [secret]]));
        }),
        { numRuns: 30 },
      );
      await fc.assert(
        fc.asyncProperty(request, async (given) => isReasoned(await Reflect.apply(verifyWeb, null, [name, given, [sender.secret]]))),
        { numRuns: 5 },
      );
    });
  }
});

test('two texts of one length are compared to their ends, wherever they differ', () => {
  const text = 'f'.repeat(64);
  const readsOf = (other: string): number => {
    let reads = 0;
    const counted = { length: other.length, charCodeAt: (index: number) => ((reads += 1), other.charCodeAt(index)) };
    Reflect.apply(sameText, null, [counted, text]);
    return reads;
  };
  assert.deepEqual([text, `0${text.slice(1)}`, `${text.slice(1)}0`, '0'.repeat(64)].map(readsOf), [64, 64, 64, 64]);
});
