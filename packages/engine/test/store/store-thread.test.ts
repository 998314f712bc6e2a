// A store thread that dies: what waits is answered, and what comes later too.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreThread } from '../../src/store/sqlite/store-thread.ts';
import { StoreError } from '../../src/store/store.ts';

type Call = { readonly verb: 'echo' | 'throw' | 'leave' };

const ENTRY = new URL('./dying-thread.ts', import.meta.url);

function isUnknown(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'unknown';
}

describe('a store thread', () => {
  for (const verb of ['throw', 'leave'] as const) {
    test(`that dies (${verb}) rejects all that waits, and all that comes after, as unknown`, async () => {
      const thread = new StoreThread<Call>(ENTRY, 'test', { folder: '', cacheBytes: 0 });
      assert.equal(await thread.ask<string>({ verb: 'echo' }), 'echo');
      const waiting = [thread.ask({ verb }), thread.ask({ verb: 'echo' }), thread.ask({ verb: 'echo' })];
      for (const call of waiting) await assert.rejects(call, isUnknown);
      await thread.ended();
      assert.equal(thread.dead, true);
      await assert.rejects(thread.ask({ verb: 'echo' }), isUnknown);
    });
  }

  test('that cannot start rejects what it was asked', async () => {
    const thread = new StoreThread<Call>(new URL('./no-such-thread.ts', import.meta.url), 'test', { folder: '', cacheBytes: 0 });
    await assert.rejects(thread.ask({ verb: 'echo' }), isUnknown);
    await thread.ended();
  });
});
