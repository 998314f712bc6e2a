// What every adapter promises, asked of each with its real framework over a real socket.

import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createReceiver, gone, reject, retryAfter } from '@waxwing/receiver';
import type { EventReceiver, ReceiverNotice } from '@waxwing/receiver';
import { SECRET, signedEvent } from './signed-event.ts';
import type { SignedEvent } from './signed-event.ts';

export interface Served {
  /** Where webhooks are posted to. */
  readonly url: string;
  close(): Promise<unknown>;
}

export type Receiver = EventReceiver<'humanconnection'>;
export const LIMITS = { bodyLimitBytes: 2000, bodyTimeoutMs: 150 } as const;

export interface Mounted {
  /** Serves the receiver as its documentation says, under LIMITS. */
  serve(receiver: Receiver): Promise<Served>;
  /** Serves it where the framework's parser comes first and keeps no bytes. */
  serveBehindParser(receiver: Receiver): Promise<Served>;
  /** What the answer then says of this framework. */
  readonly fix: RegExp;
  /** False where bodies come whole (Lambda): there is nothing to wait for. */
  readonly streams?: boolean;
}

/** Makes a listening Node server a Served. */
export async function listening(server: Server, path = '/webhook'): Promise<Served> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}${path}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function adapterContract(framework: string, mounted: Mounted): void {
  describe(`${framework}: the adapter’s contract`, () => {
    const seen: unknown[] = [];
    const notices: ReceiverNotice[] = [];
    const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET, log: (notice) => notices.push(notice) });
    receiver
      .on('meeting.completed', (event) => void seen.push(event.data.meeting_id))
      .on('meeting.cancelled', () => retryAfter(30))
      .on('meeting.no_show', () => gone())
      .on('report.submitted', () => reject())
      .on('payment.failed', () => {
        throw new Error('the database is away');
      });
    let served: Served;
    let behind: Served;
    const post = ({ body, headers }: SignedEvent, url = served.url): Promise<Response> => fetch(url, { method: 'POST', body, headers });

    before(async () => {
      served = await mounted.serve(receiver);
      behind = await mounted.serveBehindParser(receiver);
    });
    after(async () => {
      await served.close();
      await behind.close();
    });
    beforeEach(() => {
      seen.length = 0;
      notices.length = 0;
    });

    test('hands a verified event to its handler and answers 200', async () => {
      const response = await post(signedEvent('meeting.completed'));
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
      assert.deepEqual(await response.json(), { ok: true });
      assert.deepEqual(seen, ['mtg_1']);
    });

    test('keeps every byte of the body', async () => {
      const event = signedEvent('meeting.completed', { data: { meeting_id: 'é😀\u2028  \\u00e9' } });
      assert.equal((await post(event)).status, 200);
      assert.deepEqual(seen, ['é😀\u2028  \\u00e9']);
    });

    for (const [name, headers, code] of [
      ['unsigned', {}, 'missing_header'],
      ['signed with another secret', signedEvent('meeting.completed', { secret: 'whsec_another' }).headers, 'no_match'],
      ['signed for another body', signedEvent('meeting.cancelled').headers, 'no_match'],
    ] as const) {
      test(`answers 401 to a request that is ${name}, and calls no handler`, async () => {
        const { body } = signedEvent('meeting.completed');
        const response = await post({ body, headers: { 'content-type': 'application/json', ...headers } });
        assert.equal(response.status, 401);
        assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
        assert.equal((await problemOf(response)).code, code);
        assert.deepEqual(seen, []);
      });
    }

    test('makes statuses of what handlers answer and throw', async () => {
      const later = await post(signedEvent('meeting.cancelled'));
      assert.deepEqual([later.status, later.headers.get('retry-after')], [503, '30']);
      assert.equal((await post(signedEvent('meeting.no_show'))).status, 410);
      assert.equal((await post(signedEvent('report.submitted'))).status, 422);
      assert.equal((await post(signedEvent('payment.failed'))).status, 500);
    });

    test('answers 413 to a body past the limit', async () => {
      const response = await post(signedEvent('meeting.completed', { data: { pad: 'x'.repeat(3000) } }));
      assert.equal(response.status, 413);
      assert.equal((await problemOf(response)).code, 'request_too_large');
      assert.deepEqual(seen, []);
    });

    if (mounted.streams !== false) {
      test('answers 408 to a body that does not arrive in time', async () => {
        const { port, pathname } = new URL(served.url);
        const socket = connect(Number(port), '127.0.0.1');
        socket.write(`POST ${pathname} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\nslow`);
        const answer = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
        socket.destroy();
        assert.match(answer, /^HTTP\/1\.1 408 /);
      });
    }

    test('answers body_was_parsed behind the framework’s body parser, and says what to do there', async () => {
      const response = await post(signedEvent('meeting.completed'), behind.url);
      assert.equal(response.status, 500);
      const { code, detail } = await problemOf(response);
      assert.equal(code, 'body_was_parsed');
      assert.match(detail, mounted.fix);
      assert.deepEqual(seen, []);
      const [notice] = notices;
      assert.ok(notice?.kind === 'refused' && notice.reason === 'body_was_parsed');
      assert.match(notice.explanation, mounted.fix);
    });
  });
}

export async function problemOf(response: Response): Promise<{ readonly code: string; readonly detail: string }> {
  const { code, detail }: { readonly code?: unknown; readonly detail?: unknown } = Object(await response.json());
  return { code: String(code), detail: String(detail) };
}
