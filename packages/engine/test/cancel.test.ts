// Cancelling in the middle of an attempt.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DOWN, houses, URL_OK } from './house.ts';

const house = houses();

it('a delivery that is cancelled while its attempt is under way keeps the attempt, and is never sent again', async () => {
  const { engine, clock, sender } = await house({}, () => ({ ...DOWN, afterMs: 1_000 }));
  await engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [5] });
  const { id } = await engine.publish('acme', { type: 'a.b', data: {} });
  await clock.advance(100);
  const [delivery] = (await engine.events.get('acme', id)).deliveries;
  assert.equal((await engine.deliveries.cancel('acme', delivery?.id ?? '')).state, 'cancelled');
  await clock.advance(3_600_000);
  assert.equal(sender.orders.length, 1);
  const after = await engine.deliveries.get('acme', delivery?.id ?? '');
  assert.deepEqual([after.state, after.attemptLog.length, after.attempts], ['cancelled', 1, 1]);
  assert.equal(engine.status().pending, 0);
});
