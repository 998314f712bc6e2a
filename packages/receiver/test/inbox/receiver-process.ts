// A receiver with an inbox, in a process of its own, to be killed by the test: it notes each beginning and end of its handler.

import { appendFileSync } from 'node:fs';
import { WebhookServer } from '@waxwing/receiver';
import { openInbox } from '@waxwing/receiver/inbox';
import { SECRET } from '../adapters/signed-event.ts';

const [inboxPath = '', notesPath = ''] = process.argv.slice(2);
const note = (line: string): void => appendFileSync(notesPath, `${line}\n`);

const server = new WebhookServer({
  profile: 'humanconnection',
  secret: SECRET,
  host: '127.0.0.1',
  port: 0,
  inbox: openInbox(inboxPath, { concurrency: 4, retry: { firstDelayMs: 5 } }),
});
server.onAny(async ({ id }) => {
  note(`begin ${id}`);
  // Slower than events come in, so that some always wait when the process is killed.
  await new Promise((resolve) => setTimeout(resolve, 10));
  note(`end ${id}`);
});
const running = server.run();
while (server.url === null) await new Promise(setImmediate);
console.log(server.url);
await running;
note('stopped');
