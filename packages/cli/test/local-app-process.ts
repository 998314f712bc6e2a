// A local app for listening tests: a verifying receiver in a process of its own, which writes down what it was sent before it
// answers, so that nothing is forgotten when it is killed.

import { appendFileSync } from 'node:fs';

import { WebhookServer } from '@waxwing/receiver';

const { APP_LOG = '', APP_PORT = '0', APP_SECRET = '' } = process.env;

const server = new WebhookServer({ profile: 'standard', secret: APP_SECRET, host: '127.0.0.1', port: Number(APP_PORT), log: () => {} });
server.onAny(async ({ id }) => {
  appendFileSync(APP_LOG, `${id}\n`);
  await new Promise((resolve) => setTimeout(resolve, 3)); // long enough to be killed in the middle of
});
await server.start();
console.log(`listening on ${server.url}`);
