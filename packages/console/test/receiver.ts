// A receiver for browser tests: keeps what comes, and answers as told.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface TestReceiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** From now on, requests to this path are answered so. */
  answer(path: string, status: number, body?: string): void;
  /** From now on, requests wait for their answers until what this gives back is called. */
  hold(): () => void;
  stop(): void;
}

export async function startReceiver(): Promise<TestReceiver> {
  const received: Received[] = [];
  const answers = new Map<string, { readonly status: number; readonly body: string }>();
  let gate = Promise.resolve();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, body: Buffer.concat(chunks) });
      const { status, body } = answers.get(path) ?? { status: 204, body: '' };
      void gate.then(() => response.writeHead(status).end(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref(); // a test that ends before its time is not held by it
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    answer: (path, status, body = '') => void answers.set(path, { status, body }),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
