// Waxwing inside a program of your own: the engine, its store in a folder, no server.
//
//   npx node examples/embedded/main.ts
//
// One program plays both sides here: the platform that publishes, and a customer's receiver that verifies.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createEngine, sqlite } from '@waxwing/engine';
import { WebhookServer } from '@waxwing/receiver';

const secret = 'whsec_an-example-secret'; // shared by both sides; yours comes from where you keep secrets

// The customer's side: a server that lets nothing through that was not signed with the secret.
const receiver = new WebhookServer({ profile: 'humanconnection', secret, host: '127.0.0.1', port: 0 });
const arrived = new Promise<void>((resolve) => {
  receiver.on('meeting.completed', (event) => {
    console.log(`received ${event.id}: meeting ${event.data.meeting_id} is completed, signature verified`);
    resolve();
  });
});
await receiver.start();

// The platform's side. The folder is where everything is kept; a real program names one that stays.
const folder = await mkdtemp(join(tmpdir(), 'waxwing-embedded-'));
const engine = await createEngine({
  store: sqlite(folder),
  egress: { allowHttp: true, allowPrivateNetworks: true }, // the receiver is on this machine; leave it out in production
});

await engine.tenants.put({ id: 'acme', profile: 'humanconnection' });
await engine.endpoints.create('acme', { url: receiver.url ?? '', eventTypes: ['meeting.*'], secret });

// Resolves once the event is on disk: from here on it is delivered, whatever happens to this process.
const { id, deliveries } = await engine.publish('acme', {
  type: 'meeting.completed',
  data: { meeting_id: 'mtg_1', request_id: 'req_1', human_id: 'hum_1' },
});
console.log(`published ${id}, ${deliveries} delivery`);

await arrived;
await engine.close(); // finishes what is in flight, and stores it
await receiver.stop();
await rm(folder, { recursive: true });
