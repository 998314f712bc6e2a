// One exchange with the receiver: a message goes out, at once or in a trickle, and what comes back is a value.
//
// 1. Only the URL given is ever called: redirects are not followed.
// 2. Each message has a connection of its own, so that one that breaks tells nothing about the next.
// 3. Never rejects: no answer is an answer too.

import { request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

import type { Message } from '../message-text.ts';

export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly tookMs: number; readonly location: string | null; readonly body: string }
  | { readonly kind: 'timed_out'; readonly afterMs: number }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** How a body is sent: whole, or in this many pieces with a pause before each. */
export type Pace = 'at_once' | { readonly pieces: number; readonly pauseMs: number };

/** Enough of an answer to recognise it by. */
const BODY_KEPT_BYTES = 1024;

export function exchange(url: URL, message: Message, pace: Pace, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    const open = url.protocol === 'https:' ? requestHttps : requestHttp;
    const headers: Record<string, string | number> = Object.fromEntries(message.headers);
    const request = open(url, { method: 'POST', agent: false, headers: { ...headers, 'content-length': message.body.length } });
    const end = (answer: Answer): void => {
      clearTimeout(limit);
      resolve(answer);
      request.destroy();
    };
    const limit = setTimeout(() => end({ kind: 'timed_out', afterMs: timeoutMs }), timeoutMs);
    request.once('response', (response) => {
      readStart(response, (body) => {
        const { location = null } = response.headers;
        end({ kind: 'answered', status: response.statusCode ?? 0, tookMs: Math.round(performance.now() - startMs), location, body });
      });
    });
    // After an answer this changes nothing: a receiver may answer before it has read everything, and close.
    request.on('error', (error: NodeJS.ErrnoException) => end({ kind: 'unreachable', reason: reasonOf(error) }));
    if (pace === 'at_once') request.end(message.body);
    else void trickle(request, message.body, pace);
  });
}

async function trickle(request: ClientRequest, body: Uint8Array, pace: Exclude<Pace, 'at_once'>): Promise<void> {
  request.setNoDelay(true);
  request.flushHeaders();
  const pieceBytes = Math.ceil(body.length / pace.pieces);
  for (let at = 0; at < body.length; at += pieceBytes) {
    await new Promise((resolve) => setTimeout(resolve, pace.pauseMs));
    if (request.destroyed) return;
    request.write(body.subarray(at, at + pieceBytes));
  }
  request.end();
}

/** Gives the answer's first bytes once it ends, breaks off, or is long enough. */
function readStart(response: IncomingMessage, give: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const done = (): void => give(Buffer.concat(chunks).subarray(0, BODY_KEPT_BYTES).toString());
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= BODY_KEPT_BYTES) done();
  });
  response.once('end', done);
  response.once('error', done);
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (connection refused)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its host name cannot be resolved';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'it closed the connection without an answer';
    default:
      return error.message === '' ? (error.code ?? 'the connection failed') : error.message;
  }
}
