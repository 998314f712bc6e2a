// Logs every event of an agent platform to a file store: one file a day, one line of JSON an event.
//
//   WEBHOOK_SECRET=an-example-secret npx node examples/log-to-file/main.ts
//
// A line is on the disk before the sender is answered; an event that comes twice is logged once.

import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

import { WebhookServer } from '@waxwing/receiver';
import { SqliteDedupe } from '@waxwing/receiver/dedupe-sqlite';

const folder = process.env['LOG_FOLDER'] ?? 'webhook-log';
await mkdir(folder, { recursive: true });

const server = new WebhookServer({
  profile: 'joai',
  secret: process.env['WEBHOOK_SECRET'],
  host: '127.0.0.1',
  port: Number(process.env['PORT'] ?? 8080),
  dedupe: new SqliteDedupe(join(folder, 'seen.db')),
});

server.onAny(async ({ id, type, timestamp, data }) => {
  const at = timestamp ?? new Date();
  const file = await open(join(folder, `${at.toISOString().slice(0, 10)}.jsonl`), 'a');
  try {
    await file.write(`${JSON.stringify({ id, type, at, data })}\n`); // one write, at the end: lines never mix
    await file.datasync();
  } finally {
    await file.close();
  }
});

await server.start();
console.log(`listening on ${server.url}, logging to ${folder}`);
await server.run(); // until Ctrl-C; what is being written is finished
