// The one suite that every dedupe store keeps.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Beginning, DedupeStore } from '@waxwing/receiver';

export interface StoreUnderTest {
  readonly store: DedupeStore;
  /** Another process's view of the same store, where there can be one. */
  readonly other?: DedupeStore;
  /** Lets time pass for the store, without waiting for it. */
  pass(ms: number): unknown;
}

const LEASE_MS = 60_000;
const KEEP_MS = 600_000;
let keys = 0;
const freshKey = (): string => `standard:evt_${++keys}`;

async function leased(store: DedupeStore, key: string): Promise<string> {
  const beginning = await store.begin(key, LEASE_MS);
  assert.ok(beginning.kind === 'leased', `${key} is ${beginning.kind}`);
  return beginning.token;
}

const kindOf = async (store: DedupeStore, key: string): Promise<Beginning['kind']> => (await store.begin(key, LEASE_MS)).kind;

export function dedupeSuite(name: string, underTest: () => StoreUnderTest): void {
  describe(`the dedupe store ${name}`, () => {
    test('leases a key that it has never seen, under a token of its own', async () => {
      const { store } = underTest();
      assert.notEqual(await leased(store, freshKey()), await leased(store, freshKey()));
    });

    test('tells how long a leased key is still running', async () => {
      const { store } = underTest();
      const key = freshKey();
      await leased(store, key);
      const second = await store.begin(key, LEASE_MS);
      assert.ok(second.kind === 'running' && second.remainingMs > LEASE_MS / 2 && second.remainingMs <= LEASE_MS, JSON.stringify(second));
    });

    test('keeps a finished key done until it is forgotten', async () => {
      const { store, pass } = underTest();
      const key = freshKey();
      await store.finish(key, await leased(store, key), KEEP_MS);
      assert.equal(await kindOf(store, key), 'done');
      await pass(KEEP_MS - 10_000);
      assert.equal(await kindOf(store, key), 'done');
      await pass(10_001);
      assert.equal(await kindOf(store, key), 'leased');
    });

    test('frees a released key at once', async () => {
      const { store } = underTest();
      const key = freshKey();
      await store.release(key, await leased(store, key));
      assert.equal(await kindOf(store, key), 'leased');
    });

    test('frees a key whose lease ran out, as after a crash', async () => {
      const { store, pass } = underTest();
      const key = freshKey();
      const first = await leased(store, key);
      await pass(LEASE_MS + 1);
      assert.notEqual(await leased(store, key), first);
    });

    test('runs a renewed lease from the renewal', async () => {
      const { store, pass } = underTest();
      const key = freshKey();
      const token = await leased(store, key);
      await pass(LEASE_MS - 10_000);
      assert.equal(await store.renew(key, token, LEASE_MS), true);
      await pass(LEASE_MS - 10_000);
      assert.equal(await kindOf(store, key), 'running');
      await pass(10_001);
      assert.equal(await kindOf(store, key), 'leased');
    });

    test('lets nobody renew or release the lease of another', async () => {
      const { store, pass } = underTest();
      const key = freshKey();
      const lost = await leased(store, key);
      await pass(LEASE_MS + 1);
      await leased(store, key);
      assert.equal(await store.renew(key, lost, LEASE_MS), false);
      await store.release(key, lost);
      assert.equal(await kindOf(store, key), 'running');
    });

    test('does not undo done: neither by a release nor by a renewal that come late', async () => {
      const { store } = underTest();
      const key = freshKey();
      const token = await leased(store, key);
      await store.finish(key, token, KEEP_MS);
      await store.release(key, token);
      assert.equal(await store.renew(key, token, LEASE_MS), false);
      assert.equal(await kindOf(store, key), 'done');
    });

    test('marks done what was handled although the lease ran out meanwhile', async () => {
      const { store, pass } = underTest();
      const key = freshKey();
      const slow = await leased(store, key);
      await pass(LEASE_MS + 1);
      await leased(store, key);
      await store.finish(key, slow, KEEP_MS);
      assert.equal(await kindOf(store, key), 'done');
    });

    test('takes keys of any text', async () => {
      const { store } = underTest();
      for (const key of ["o'clock; drop table", 'é😀', 'x'.repeat(300), '%_\\']) {
        await store.finish(key, await leased(store, key), KEEP_MS);
        assert.equal(await kindOf(store, key), 'done');
      }
    });

    test('leases a key to exactly one of fifty that ask at once', async () => {
      const { store, other } = underTest();
      const key = freshKey();
      const kinds = await Promise.all(Array.from({ length: 50 }, (_, index) => kindOf(index % 2 === 0 ? store : (other ?? store), key)));
      assert.equal(kinds.filter((kind) => kind === 'leased').length, 1);
      assert.equal(kinds.filter((kind) => kind === 'running').length, 49);
    });
  });
}
