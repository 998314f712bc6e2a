import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { SCHEMES, verifySync } from '@waxwing/receiver';
import type { SchemeName } from '@waxwing/receiver';
import { verify as verifyWeb } from '../../src/index.ts';

interface SenderVectors {
  readonly toleranceSeconds: number;
  readonly messages: readonly {
    readonly name: string;
    readonly secrets: readonly string[];
    readonly nowSeconds: number;
    readonly method?: string;
    readonly url?: string;
    readonly headers: { readonly [name: string]: string };
    readonly body?: string;
    readonly bodyBase64?: string;
    readonly expect: 'accepted' | readonly string[];
    readonly event?: { readonly id: string | null; readonly type: string };
  }[];
}

const { senders }: { readonly senders: { readonly [name: string]: SenderVectors } } = JSON.parse(
  readFileSync(new URL('../../vectors/vectors.json', import.meta.url), 'utf8'),
);
const isSchemeName = (name: string): name is SchemeName => Object.hasOwn(SCHEMES, name);
const PROFILES = ['standard', 'meetloyd', 'joai', 'humanconnection', 'meshagent'];

test('every scheme that is no profile has vectors, and names a page', () => {
  const others = Object.keys(SCHEMES).filter((name) => !PROFILES.includes(name));
  assert.deepEqual(Object.keys(senders).toSorted(), others.toSorted());
  for (const [name, scheme] of Object.entries(SCHEMES)) {
    assert.equal(scheme.name, name);
    assert.match(scheme.page, /^https:\/\//);
  }
});

for (const [name, { toleranceSeconds, messages }] of Object.entries(senders)) {
  describe(`the vectors of ${name}`, () => {
    assert.ok(isSchemeName(name));
    test('have the tolerance that the scheme has', () => assert.equal(SCHEMES[name].toleranceSeconds, toleranceSeconds));
    for (const { name: title, secrets, nowSeconds, headers, body, bodyBase64, expect, event, ...target } of messages) {
      test(`${expect === 'accepted' ? 'accepted' : 'refused'}: ${title}`, async () => {
        const request = { ...target, headers, body: body === undefined ? Buffer.from(bodyBase64 ?? '', 'base64') : Buffer.from(body) };
        const options = { now: () => nowSeconds * 1000 };
        for (const result of [verifySync(name, request, secrets, options), await verifyWeb(name, request, secrets, options)]) {
          const outcome = result.ok ? 'accepted' : result.reason;
          assert.ok(
            expect === outcome || expect.includes(outcome),
            result.ok ? 'it was accepted' : `${result.reason}: ${result.explain()}`,
          );
          if (result.ok && event !== undefined) assert.deepEqual({ id: result.event.id, type: result.event.type }, event);
          if (!result.ok)
            for (const secret of secrets)
              assert.ok(secret.length < 9 || !result.explain().includes(secret), 'a secret is in the explanation');
        }
      });
    }
  });
}
