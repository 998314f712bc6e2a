// A platform's backend: gives a customer an endpoint, publishes, and follows the delivery to its end.
//
//   WAXWING_KEY=<an admin key> WEBHOOK_SECRET=whsec_an-example-secret npx node examples/publisher-receiver/publisher.ts

import { setTimeout as sleep } from 'node:timers/promises';

import { Waxwing } from '@waxwing/client';

const { WAXWING_URL = 'http://127.0.0.1:8400', WAXWING_KEY, WEBHOOK_SECRET, RECEIVER_URL = 'http://127.0.0.1:8080/webhook' } = process.env;
if (WAXWING_KEY === undefined || WEBHOOK_SECRET === undefined) throw new Error('Set WAXWING_KEY and WEBHOOK_SECRET');

const waxwing = new Waxwing({ url: WAXWING_URL, key: WAXWING_KEY });
await waxwing.tenants.put('acme', { name: 'Acme', profile: 'humanconnection' });
const acme = waxwing.tenant('acme');

// One endpoint, however often this runs.
let endpoint = null;
for await (const known of acme.endpoints.list()) if (known.url === RECEIVER_URL) endpoint = known;
endpoint ??= await acme.endpoints.create({ url: RECEIVER_URL, eventTypes: ['meeting.*'], secret: WEBHOOK_SECRET });

// Tried again by itself when the server is busy or the connection breaks, under one idempotency key: published once.
const event = await acme.publish({
  type: 'meeting.completed',
  data: { meeting_id: 'mtg_1', request_id: 'req_1', human_id: 'hum_1' },
});
console.log(`published ${event.id}`);

for (;;) {
  const { data } = await acme.deliveries.list({ event: event.id, endpoint: endpoint.id }).page();
  const [delivery] = data;
  if (delivery !== undefined && delivery.state !== 'pending') {
    console.log(`${delivery.id} is ${delivery.state} after ${delivery.attempts} attempt${delivery.attempts === 1 ? '' : 's'}`);
    break;
  }
  await sleep(100);
}
