// The server of a node that stands by: alive, not ready, and saying so to everybody, until it may take over.

import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { ERRORS } from '@waxwing/protocol';
import { problemType } from './schemas/problem.ts';

export interface StandbyServer {
  /** The port that it listens on. */
  readonly port: number;
  /** Frees the port. */
  close(): Promise<void>;
}

export interface StandbyOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Why it is not ready. */
  readonly reason: string;
}

/** How soon a publisher may ask again: a takeover takes seconds. */
const RETRY_AFTER_SECONDS = 1;

/** Answers `/healthz` with 200 and everything else with 503 `not_ready`. Rejects when the address cannot be listened on. */
export async function startStandbyServer({ host, port, reason }: StandbyOptions): Promise<StandbyServer> {
  const { status, title } = ERRORS.not_ready;
  const problem = JSON.stringify({ type: problemType('not_ready'), title, status, code: 'not_ready', detail: `Not ready: ${reason}.` });
  const answer = (response: ServerResponse, code: number, type: string, body: string): void => {
    const retry = code === status ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
    response.writeHead(code, { 'content-type': type, connection: 'close', ...retry }).end(body);
  };
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/healthz') answer(response, 200, 'application/json; charset=utf-8', '{"status":"ok"}');
    else answer(response, status, 'application/problem+json', problem);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
