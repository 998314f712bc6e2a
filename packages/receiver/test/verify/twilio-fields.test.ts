import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifySync } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';
import fc from 'fast-check';
import { sortedFields } from '../../src/verify/twilio.ts';

test('a form of very many fields costs time in proportion to its length, before anything is known of its sender', () => {
  const body = Array.from({ length: 100_000 }, (_, number) => `f${number}=`).join('&');
  const request = new TestSender('twilio').signed({ body });
  const startMs = performance.now();
  const result = verifySync('twilio', request, 'another auth token');
  assert.equal(result.ok, false);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs < 3_000, `${tookMs} ms`); // searched field by field it took over 20 s
});

test('the fields stand sorted by name, and of a repeated name each distinct value once, sorted', () => {
  assert.equal(sortedFields('b=2&a=1'), 'a1b2');
  assert.equal(sortedFields('a=2&b=x&a=1&a=2&&c'), 'a1a2bxc');
  const piece = fc.constantFrom('a', 'b', '=', '&', '%20', '%', '+', '%C3%BC', '%C3', 'é', '%zz', '%3D', '☂');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => assert.equal(sortedFields(pieces.join('')), asWritten(pieces.join('')))),
  );
});

/** The rule as Twilio's page words it, however long it takes. */
function asWritten(body: string): string {
  const form = new URLSearchParams(body);
  const names = [...new Set(form.keys())].toSorted();
  return names
    .map((name) =>
      [...new Set(form.getAll(name))]
        .toSorted()
        .map((value) => name + value)
        .join(''),
    )
    .join('');
}
