// Overload: the real server, its real store and a real receiver, published to at several times what can be stored and delivered.
// The bounds are small, so that it takes seconds; what is shown does not depend on their size.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createReceiver } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEngine, sqlite } from '@waxwing/engine';
import { createServer } from '@waxwing/server';

const LOOPS = 40;
const EVENTS = 800;
const LIMITS = { waitingItemsMax: 24, waitingBytesMax: 1_048_576, deliveriesMax: 200, bytesMax: 400_000, gatherMs: 2 };
/** What may be handed over above the bound before it is seen: one batch, and what is in flight. */
const ABOVE = 2 * LIMITS.waitingItemsMax;

test('published to at several times what it can store and deliver, a server answers 503 with Retry-After, keeps memory under its bounds, and delivers all that it answered 202', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-overload-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const received = new Map<string, number>();
  let delayMs = 100;
  const receiver = createReceiver((request, response) => {
    request.resume().on('end', () => {
      const id = String(request.headers['webhook-id']);
      received.set(id, (received.get(id) ?? 0) + 1);
      setTimeout(() => response.end(), delayMs);
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  t.after(() => (receiver.closeAllConnections(), receiver.close()));
  const at = receiver.address();
  assert.ok(typeof at === 'object' && at !== null);

  const egress = { allowHttp: true, allowPrivateNetworks: true };
  const engine = await createEngine({ store: sqlite(join(folder, 'data')), egress, limits: LIMITS });
  const server = await createServer({ engine, version: 'test' });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await server.close({ graceMs: 100 });
    await engine.close({ graceMs: 100 });
  });
  const { key } = await engine.keys.create({ scope: 'admin', name: 'test' });
  await engine.endpoints.create('acme', { url: `http://127.0.0.1:${at.port}/`, concurrency: 8 });

  const acknowledged: string[] = [];
  const most = { inMemory: 0, waiting: 0, waitingBytes: 0, pending: 0 };
  const watch = setInterval(() => {
    const { inMemory, commitQueue, commitQueueBytes, pending } = engine.status();
    most.inMemory = Math.max(most.inMemory, inMemory);
    most.waiting = Math.max(most.waiting, commitQueue);
    most.waitingBytes = Math.max(most.waitingBytes, commitQueueBytes);
    most.pending = Math.max(most.pending, pending);
  }, 2);
  t.after(() => clearInterval(watch));

  let asked = 0;
  let refused = 0;
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  await Promise.all(
    Array.from({ length: LOOPS }, async () => {
      while (acknowledged.length < EVENTS) {
        asked += 1;
        const body = JSON.stringify({ type: 'a.b', data: { text: 'x'.repeat(1_000) } });
        const answer = await fetch(`${url}/v1/tenants/acme/events`, { method: 'POST', headers, body });
        const { id = '', code }: { readonly id?: string; readonly code?: string } = JSON.parse(await answer.text());
        if (answer.status === 202) acknowledged.push(id);
        else {
          refused += 1;
          assert.deepEqual([answer.status, code], [503, 'overloaded']);
          assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
        }
      }
    }),
  );
  assert.ok(refused > EVENTS / 10, `${refused} of ${asked} were refused`);
  assert.ok(most.pending > 3 * LIMITS.deliveriesMax, `${most.pending} were pending: many more than memory holds`);
  assert.ok(most.inMemory <= LIMITS.deliveriesMax + ABOVE, `${most.inMemory} deliveries were in memory`);
  assert.ok(most.waiting <= ABOVE, `${most.waiting} publishes waited`);
  assert.ok(most.waitingBytes <= LIMITS.waitingBytesMax, `${most.waitingBytes} bytes of publishes waited`);

  delayMs = 0;
  while (engine.status().pending > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(
    acknowledged.filter((id) => received.get(id) !== 1),
    [],
    'each once',
  );
  assert.ok(most.inMemory <= LIMITS.deliveriesMax + ABOVE, `${most.inMemory} deliveries were in memory`);
});
