// The engine joined together, on the model store unless told otherwise, with a clock and receivers under the test's hand.

import assert from 'node:assert/strict';
import { afterEach } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { createEngine } from '../src/create-engine.ts';
import type { EngineOptions } from '../src/engine-options.ts';
import type { Engine } from '../src/engine.ts';
import type { SendOrder } from '../src/send/order.ts';
import { modelStore } from '../src/store/model.ts';
import type { Store } from '../src/store/store.ts';
import { ManualClock, ScriptedSender, seededRandomness, type Answer } from './manual-ports.ts';

export const OK: Exclude<Answer, 'hang'> = { outcome: { kind: 'delivered', status: 200 } };
export const DOWN: Exclude<Answer, 'hang'> = { outcome: { kind: 'refused', status: 500 } };
export const URL_OK = 'https://receiver.example/webhook';

export interface House {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly sender: ScriptedSender;
  readonly store: Store;
  /** Ends it as a test's end would, at once. */
  close(): Promise<void>;
}

/** Called at the top of a test file: houses that are closed after each test. */
export function houses(): (over?: Partial<EngineOptions>, answer?: (order: SendOrder) => Answer) => Promise<House> {
  const open = new Set<House>();
  afterEach(async () => {
    for (const house of open) await house.close();
  });
  return async (over = {}, answer = () => OK) => {
    const clock = over.clock instanceof ManualClock ? over.clock : new ManualClock();
    const store = over.store ?? modelStore();
    const sender = new ScriptedSender(clock, answer);
    const engine = await createEngine({ masterKey: 'm'.repeat(40), randomness: seededRandomness(1), ...over, store, clock, sender });
    const house: House = {
      engine,
      clock,
      sender,
      store,
      async close() {
        open.delete(house);
        const closing = engine.close({ graceMs: 0 });
        await clock.advance(1);
        await closing;
      },
    };
    open.add(house);
    return house;
  };
}

export async function rejects(promise: Promise<unknown>, code: string): Promise<WaxwingError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof WaxwingError, String(error));
    assert.equal(error.code, code);
    return error;
  }
  return assert.fail(`nothing was thrown; expected ${code}`);
}
