// A tiny HTTP server that answers from a script: one step a request, the last one for all that follow.

import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Step {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
  /** Break the connection: before any answer, or in the middle of one. */
  readonly reset?: 'before' | 'during';
  /** Say nothing. */
  readonly silent?: boolean;
}

export interface ScriptedServer {
  readonly url: string;
  readonly seen: SeenRequest[];
}

export async function scriptedServer(t: TestContext, steps: readonly Step[]): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const step = steps[Math.min(seen.length, steps.length - 1)] ?? {};
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
    if (step.silent) return;
    if (step.reset === 'before') {
      request.socket.destroy();
      return;
    }
    if (step.reset === 'during') {
      response.writeHead(step.status ?? 200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"half":', () => request.socket.destroy());
      return;
    }
    const text = typeof step.body === 'string' ? step.body : step.body === undefined ? '' : JSON.stringify(step.body);
    response.writeHead(step.status ?? 200, { 'content-type': 'application/json', ...step.headers }).end(text);
  }
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

export function problem(status: number, code: string, more: object = {}): { readonly status: number; readonly body: object } {
  return { status, body: { type: `https://example.test/${code}`, title: 'A title', status, code, detail: `Detail of ${code}`, ...more } };
}
