import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verify, verifySync } from '@waxwing/receiver';
import { verify as verifyWeb } from '../../src/index.ts';
import { readVectors, VECTOR_FILES } from '../vectors.ts';

for (const file of VECTOR_FILES) {
  describe(`the shared vectors of ${file}`, () => {
    const { sender, vectors } = readVectors(file);
    for (const [index, { name, request, secrets, nowMs, expect, event }] of vectors.entries()) {
      test(`${expect === null ? 'accepted' : 'refused'}: ${name} (${index})`, async () => {
        const options = { now: () => nowMs, diagnose: false };
        const results = [
          verifySync(sender, request, secrets, options),
          await verify(sender, request, secrets, options),
          await verifyWeb(sender, request, secrets, options),
        ];
        for (const result of results) {
          if (expect === null) {
            assert.ok(result.ok, result.ok ? '' : result.explain());
            if (event === null) continue;
            assert.equal(result.event.type, event.type);
            assert.ok(result.event.id?.endsWith(event.id.replace(/^evt_/, '')));
            if (result.event.timestamp !== null) assert.ok(Math.abs(result.event.timestamp.getTime() - event.timestampMs) < 1000);
          } else {
            assert.ok(!result.ok, 'it was accepted');
            assert.ok(expect.includes(result.reason), `${result.reason}: ${result.explain()}`);
            assert.ok(result.explain().length > 20);
            for (const secret of secrets)
              if (secret.length > 8) assert.ok(!result.explain().includes(secret), 'a secret is in the explanation');
          }
        }
        const diagnosed = verifySync(sender, request, secrets, { now: () => nowMs });
        if (diagnosed.ok) assert.equal(expect, null);
        else assert.ok(expect?.includes(diagnosed.reason), diagnosed.reason);
        if (expect?.includes('body_was_reserialized') === true) assert.equal(diagnosed.ok ? '' : diagnosed.reason, 'body_was_reserialized');
      });
    }
  });
}
