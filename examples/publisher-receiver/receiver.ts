// A customer's receiver: verifies every delivery and handles the events it knows, typed from the catalogue.
//
//   WEBHOOK_SECRET=whsec_an-example-secret npx node examples/publisher-receiver/receiver.ts

import { WebhookServer } from '@waxwing/receiver';

const server = new WebhookServer({
  profile: 'humanconnection',
  secret: process.env['WEBHOOK_SECRET'], // without one it refuses to start
  host: '127.0.0.1',
  port: Number(process.env['PORT'] ?? 8080),
});

server.on('meeting.completed', (event) => console.log(`${event.id}: meeting ${event.data.meeting_id} is completed`));
server.on('payment.paid', (event) => console.log(`${event.id}: ${event.data.amount} was paid for meeting ${event.data.meeting_id}`));
server.onUnknown((event) => console.log(`${event.id}: ${event.type}, which nothing here handles`));

await server.start();
console.log(`listening on ${server.url}`);
await server.run(); // until Ctrl-C; what is being handled is finished
