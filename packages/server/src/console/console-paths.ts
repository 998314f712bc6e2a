// Which requests that no route takes are the console's: its files by name, and its deep links when a browser navigates.
//
// The API goes first: a path below /v1 or of another route never shows the page, and programs, which do not ask for HTML,
// get their problem as ever.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BuiltConsole, ConsoleAnswer } from './built-console.ts';

const NOT_PAGES = /^\/(?:v1|docs|console|assets|portal)(?:\/|$)|\.[a-z]+$/;

/** Answers with the console where it may; says whether it did. */
export async function answerFromConsole(console: BuiltConsole, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const path = request.url.split('?', 1)[0] ?? request.url;
  const file = await console.file(path, request.headers['accept-encoding']);
  if (file !== null) {
    send(reply, file);
    return true;
  }
  if (NOT_PAGES.test(path) || request.headers.accept?.includes('text/html') !== true) return false;
  send(reply, console.page());
  return true;
}

function send(reply: FastifyReply, { headers, body }: ConsoleAnswer): void {
  void reply.headers(headers).send(body);
}
