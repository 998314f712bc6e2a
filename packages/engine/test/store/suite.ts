// The suite's ground: fresh stores for each claim, closed when it is done.

import assert from 'node:assert/strict';
import { afterEach } from 'node:test';
import { StoreError, type Store } from '../../src/store/store.ts';
import { batchOf, endpointRow } from './sample-rows.ts';

/** A place that outlives the stores on it. */
export interface StorePlace {
  /** Another store on the same place. */
  store(): Store;
  dispose(): Promise<void>;
}

export interface Suite {
  /** An open store on a place of its own. */
  fresh(): Promise<{ readonly store: Store; readonly at: StorePlace }>;
  /** The same, with endpoints 1 and 2 of acme and 3 of other. */
  furnished(): Promise<Store>;
}

/** Called within a `describe`: frees after each test what the test used. */
export function suiteOn(newPlace: () => Promise<StorePlace>): Suite {
  const places: StorePlace[] = [];
  const stores: Store[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(places.splice(0).map((used) => used.dispose()));
  });

  async function fresh(): Promise<{ readonly store: Store; readonly at: StorePlace }> {
    const place = await newPlace();
    places.push(place);
    const at: StorePlace = {
      ...place,
      store() {
        const store = place.store();
        stores.push(store);
        return store;
      },
    };
    const store = at.store();
    await store.open();
    return { store, at };
  }

  return {
    fresh,
    async furnished() {
      const { store } = await fresh();
      const rows = [endpointRow(1), endpointRow(2), endpointRow(3, { tenant: 'other' })];
      await store.commit(batchOf([], { changes: rows.map((endpoint) => ({ kind: 'putEndpoint', endpoint })) }));
      return store;
    },
  };
}

export async function reopened(store: Store): ReturnType<Store['open']> {
  await store.close();
  return store.open();
}

export async function rejectsWith(kind: StoreError['kind'], work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => error instanceof StoreError && error.kind === kind);
}
