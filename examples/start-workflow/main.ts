// Starts a workflow (n8n's webhook trigger, Zapier's catch, your own) for every task that fails or waits for a person.
//
//   WEBHOOK_SECRET=an-example-secret WORKFLOW_URL=http://localhost:5678/webhook/tasks npx node examples/start-workflow/main.ts
//
// The sender is answered once the event is on this disk. The workflow is called after that, again and again until it says yes,
// so neither side waits for the other.

import { WebhookServer } from '@waxwing/receiver';
import { openInbox } from '@waxwing/receiver/inbox';

const { WORKFLOW_URL, WEBHOOK_SECRET, INBOX = 'inbox.db', PORT = '8080' } = process.env;
if (WORKFLOW_URL === undefined) throw new Error('Set WORKFLOW_URL: where the workflow is started');

const server = new WebhookServer({
  profile: 'meetloyd',
  secret: WEBHOOK_SECRET,
  host: '127.0.0.1',
  port: Number(PORT),
  inbox: openInbox(INBOX),
});

async function startWorkflow(type: string, id: string | null, data: unknown): Promise<void> {
  const response = await fetch(WORKFLOW_URL ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': id ?? '' }, // the same at every try
    body: JSON.stringify({ type, id, data }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`the workflow answered ${response.status}`); // tried again: 1 s, 3 s, 9 s, … up to an hour
  console.log(`started for ${type} ${id}`);
}

server.on('task.failed', ({ type, id, data }) => startWorkflow(type, id, data));
server.on('workflow.human_task', ({ type, id, data }) => startWorkflow(type, id, data));

await server.start();
console.log(`listening on ${server.url}`);
await server.run();
