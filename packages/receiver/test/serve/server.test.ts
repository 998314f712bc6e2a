import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { sign } from '@waxwing/protocol/sign';
import { HUMANCONNECTION_SCHEME as HUMANCONNECTION } from '@waxwing/protocol/schemes';
import { gone, reject, retryAfter, WebhookServer } from '@waxwing/receiver';
import type { ReceivedEvent, ReceiverNotice } from '@waxwing/receiver';

const secret = 'whsec_a secret for tests';
const message = (type: string, data: object = { meeting_id: 'mtg_1' }): string =>
  JSON.stringify({ id: 'whevt_1', type, created_at: '2026-05-12T15:30:00Z', data });

function signed(body: string, key = secret): Record<string, string> {
  const headers = sign(HUMANCONNECTION, { id: 'whevt_1', timestampSeconds: 1, body: Buffer.from(body) }, [key]);
  return { 'content-type': 'application/json', ...Object.fromEntries(headers) };
}

describe('WebhookServer', () => {
  const notices: ReceiverNotice[] = [];
  const seen: string[] = [];
  const server = new WebhookServer({
    profile: 'humanconnection',
    secret,
    port: 0,
    host: '127.0.0.1',
    bodyLimitBytes: 2000,
    requestTimeoutMs: 300,
    log: (notice) => notices.push(notice),
  });
  let url = '';
  const post = (body: string, headers = signed(body)): Promise<Response> => fetch(url, { method: 'POST', body, headers });

  before(async () => {
    server
      .on('meeting.completed', (event) => void seen.push(`completed ${event.data.meeting_id}`))
      .on('meeting.completed', (event) => void seen.push(`again ${event.type satisfies 'meeting.completed'}`))
      .on('meeting.cancelled', () => retryAfter(30))
      .on('meeting.no_show', () => gone())
      .on('report.submitted', () => reject())
      .on('payment.failed', async () => {
        throw new Error('the database is away: secret detail');
      })
      .onAny((event) => void seen.push(`any ${event.type}`))
      .onUnknown((event) => void seen.push(`unknown ${event.type}`));
    await server.start();
    url = server.url ?? '';
  });
  after(() => server.stop());
  beforeEach(() => {
    seen.length = 0;
    notices.length = 0;
  });

  test('runs every handler of a verified event before it answers 200', async () => {
    const response = await post(message('meeting.completed'));
    assert.equal(response.status, 200);
    assert.deepEqual(seen, ['any meeting.completed', 'completed mtg_1', 'again meeting.completed']);
  });

  test('gives types without a handler to onUnknown', async () => {
    assert.equal((await post(message('meeting.renamed'))).status, 200);
    assert.deepEqual(seen, ['any meeting.renamed', 'unknown meeting.renamed']);
  });

  for (const [name, change, code] of [
    ['unsigned', (): Record<string, string> => ({}), 'missing_header'],
    ['signed with another secret', (body: string) => signed(body, 'whsec_another'), 'no_match'],
    ['signed for another body', () => signed('{}'), 'no_match'],
    ['signed in another form', () => ({ 'x-humanconnection-signature': 'sha1=00' }), 'bad_format'],
  ] as const) {
    test(`answers 401 to a request that is ${name}, calls no handler, and explains it in the log alone`, async () => {
      const body = message('meeting.completed');
      const response = await post(body, change(body));
      assert.equal(response.status, 401);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      const answer = await response.text();
      assert.equal(JSON.parse(answer).code, code);
      assert.deepEqual(seen, []);
      const [notice] = notices;
      assert.ok(notice?.kind === 'refused' && notice.explanation.length > 20);
      assert.ok(!answer.includes(notice.explanation));
    });
  }

  test('answers 500 when a handler throws, without saying what it threw', async () => {
    const response = await post(message('payment.failed'));
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /secret detail/);
    assert.equal(notices[0]?.kind, 'handler_failed');
  });

  test('turns what handlers return into statuses', async () => {
    const later = await post(message('meeting.cancelled'));
    assert.deepEqual([later.status, later.headers.get('retry-after')], [503, '30']);
    assert.equal((await post(message('meeting.no_show'))).status, 410);
    assert.equal((await post(message('report.submitted'))).status, 422);
  });

  test('answers 400 to a signed body that is not JSON', async () => {
    assert.equal((await post('not json')).status, 400);
    assert.equal(notices[0]?.kind, 'unreadable');
  });

  test('answers 404 elsewhere, 405 to other methods, 200 to a health check', async () => {
    const origin = new URL(url).origin;
    assert.equal((await fetch(`${origin}/other`, { method: 'POST', body: 'x' })).status, 404);
    const other = await fetch(url);
    assert.deepEqual([other.status, other.headers.get('allow')], [405, 'POST']);
    assert.equal((await fetch(origin)).status, 200);
    assert.equal((await fetch(origin, { method: 'HEAD' })).status, 200);
    assert.equal((await fetch(`${url}?a=b`, { method: 'POST', body: message('x.y'), headers: signed(message('x.y')) })).status, 200);
  });

  test('answers 413 to a body past the limit, announced or not', async () => {
    const body = message('meeting.completed', { pad: 'x'.repeat(3000) });
    assert.equal((await post(body)).status, 413);
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1500));
      },
    });
    const status = await fetch(url, { method: 'POST', body: stream, duplex: 'half' }).then(
      (response) => response.status,
      () => 413, // the connection may be cut while the client still sends
    );
    assert.equal(status, 413);
    assert.deepEqual(seen, []);
  });

  test('answers 408 to a request that does not arrive in time', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /webhook HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nslow');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });
});

function make(options: object = {}): WebhookServer<'humanconnection'> {
  return new WebhookServer({ profile: 'humanconnection', secret, port: 0, host: '127.0.0.1', ...options });
}

describe('WebhookServer’s life', () => {
  for (const [name, options] of [
    ['no secret', { secret: undefined }],
    ['an empty secret', { secret: '' }],
    ['a short secret', { secret: 'short' }],
    ['one usable secret and an empty one', { secrets: [''] }],
  ] as const) {
    test(`does not start with ${name}`, () => {
      assert.throws(() => make(options), { code: 'invalid_secret' });
    });
  }

  test('takes unsigned requests only when told to by name', async () => {
    const server = make({ secret: undefined, validate: false });
    const events: ReceivedEvent[] = [];
    server.onAny((event) => void events.push(event));
    await server.start();
    const response = await fetch(server.url ?? '', { method: 'POST', body: message('meeting.completed') });
    assert.equal(response.status, 200);
    assert.equal(events[0]?.id, 'whevt_1');
    await server.stop();
  });

  test('says in words when its port is taken', async () => {
    const first = make();
    await first.start();
    const second = make({ port: first.address?.port });
    await assert.rejects(second.start(), { code: 'invalid_setting', message: /EADDRINUSE/ });
    await first.stop();
  });

  test('lets a handler that runs finish before stop resolves, and takes no more', async () => {
    const server = make();
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    let finished = false;
    server.on('meeting.completed', async () => {
      start();
      await mayEnd;
      finished = true;
    });
    await server.start();
    const url = server.url ?? '';
    const body = message('meeting.completed');
    const answered = fetch(url, { method: 'POST', body, headers: signed(body) });
    await started;
    const stopped = server.stop().then(() => finished);
    assert.equal(server.stop() instanceof Promise, true); // calling it again waits for the same end
    await assert.rejects(fetch(url, { method: 'POST', body, headers: signed(body) }));
    end();
    assert.equal((await answered).status, 200);
    assert.equal(await stopped, true);
    assert.equal(server.address, null);
  });

  test('runs until SIGTERM', async () => {
    const server = make();
    const running = server.run();
    while (server.address === null) await new Promise(setImmediate);
    process.emit('SIGTERM');
    await running;
    assert.equal(server.address, null);
    assert.equal(process.listenerCount('SIGTERM'), 0);
  });

  test('starts again after it was stopped', async () => {
    const server = make();
    for (let round = 0; round < 2; round++) {
      await server.start();
      assert.equal((await fetch(new URL(server.url ?? '').origin)).status, 200);
      await server.stop();
    }
  });
});
