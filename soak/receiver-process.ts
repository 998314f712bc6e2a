// The receivers of a soak, in a process of their own that is never killed: every request is written down and fsynced before
// it is answered, so that an answer that was given is always on record.
// Usage: receiver-process.ts <log file>. Paths: /<behaviour>/<label>.

import { createHash } from 'node:crypto';
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ReceiptLine } from './receipts.ts';

interface Answer {
  readonly line: ReceiptLine;
  readonly give: () => void;
}

/** A busy sender's requests share an fsync. */
const GATHER_MS = 4;
/** What a slow receiver takes, at most. */
const SLOW_MS = 120;

const log = openSync(process.argv[2] ?? 'receipts.jsonl', 'a');
let waiting: Answer[] = [];
/** How often an event has come to a failing endpoint. */
const tries = new Map<string, number>();

const server = createServer((request, response) => {
  if (request.url === '/caught-up') {
    response.end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => received(request, response, Buffer.concat(chunks)));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0);
});
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));

function received(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const arrivedMs = Date.now();
  const [, behaviour = '', label = ''] = (request.url ?? '').split('/');
  const event = String(request.headers['webhook-id']);
  const digest = createHash('sha256').update(body).digest();
  const from = request.socket.remoteAddress ?? '';
  const status = behaviour === 'failing' ? statusOfTry(label, event) : 200;
  const give = (): void => {
    if (status === 0) request.socket.resetAndDestroy();
    else response.writeHead(status).end();
  };
  const write = (): void => {
    if (waiting.length === 0) setTimeout(flush, GATHER_MS);
    waiting.push({ line: [arrivedMs, Date.now(), label, event, status, digest.toString('base64url', 0, 6), from], give });
  };
  if (behaviour === 'slow') setTimeout(write, (digest[0] ?? 0) % SLOW_MS);
  else write();
}

/** The first tries of two events in three fail: refused, refused for a while, reset. */
function statusOfTry(label: string, event: string): number {
  const key = `${label} ${event}`;
  const tried = tries.get(key) ?? 0;
  tries.set(key, tried + 1);
  const fails = (createHash('sha256').update(key).digest()[0] ?? 0) % 3;
  if (tried >= fails) return 200;
  return tried === 0 && fails === 2 ? 0 : 500;
}

function flush(): void {
  const answers = waiting;
  waiting = [];
  writeSync(log, answers.map(({ line }) => `${JSON.stringify(line)}\n`).join(''));
  fdatasyncSync(log);
  for (const { give } of answers) give();
}
