import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { after, before, beforeEach, describe, test } from 'node:test';
import express from 'express';
import { MESHAGENT_SCHEME } from '@waxwing/protocol/schemes';
import { sign } from '@waxwing/protocol/sign';
import { MeshAgentWebhookServer, UnreadablePayload } from '@waxwing/receiver/meshagent';
import type {
  AnsweredCall,
  CallEvent,
  MeshAgentPayload,
  MeshAgentServerOptions,
  RoomEndedEvent,
  RoomStartedEvent,
  StorageFileEvent,
  StorageFileMovedEvent,
} from '@waxwing/receiver/meshagent';

const secret = 'a secret for tests';
const seen: unknown[] = [];

class Rooms extends MeshAgentWebhookServer<Duplex> {
  constructor(options: MeshAgentServerOptions<Duplex> = {}) {
    super({ webhookSecret: secret, port: 0, host: '127.0.0.1', log: () => {}, ...options });
  }
  override async onRoomStarted(event: RoomStartedEvent): Promise<void> {
    if (event.roomName === 'broken') throw new Error('broken');
    seen.push(['started', event]);
  }
  override async onRoomEnded(event: RoomEndedEvent): Promise<void> {
    seen.push(['ended', event]);
  }
  override async onCall(event: CallEvent): Promise<void> {
    seen.push(['call', event]);
  }
  override async onCallAnswered({ webSocket, ...call }: AnsweredCall<Duplex>): Promise<void> {
    seen.push(['answered', call]);
    webSocket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  }
  override async onStorageFileUpdated(event: StorageFileEvent): Promise<void> {
    seen.push(['updated', event]);
  }
  override async onStorageFileDeleted(event: StorageFileEvent): Promise<void> {
    seen.push(['deleted', event]);
  }
  override async onStorageFileMoved(event: StorageFileMovedEvent): Promise<void> {
    seen.push(['moved', event]);
  }
}

const webSockets = {
  handleUpgrade(_request: IncomingMessage, socket: Duplex, _head: Buffer, done: (webSocket: Duplex) => void): void {
    done(socket);
  },
};

function signature(payload: string, key = secret): string {
  const [[, value] = ['', '']] = sign(MESHAGENT_SCHEME, { id: 'x', timestampSeconds: 1, body: Buffer.from(payload) }, [key]);
  return value;
}

const call = { room_name: 'r', room_url: 'wss://a/rooms/r', token: 't', arguments: { name: 'samples.adder' } };
const started = '{"event": "room.started", "data": {"room_name": "my-room", "room_url": "wss://a/rooms/my-room"}}';

describe('MeshAgentWebhookServer', () => {
  const server = new Rooms({ webSockets });
  let origin = '';
  const post = (body: string, headers: Record<string, string> = { 'meshagent-signature': signature(body) }): Promise<Response> =>
    fetch(`${origin}/webhook`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

  before(async () => {
    await server.start();
    origin = `http://127.0.0.1:${server.address?.port}`;
  });
  after(() => server.stop());
  beforeEach(() => {
    seen.length = 0;
  });

  for (const [payload, expected] of [
    [JSON.parse(started), ['started', { roomName: 'my-room', roomUrl: 'wss://a/rooms/my-room' }]],
    [{ event: 'room.started', data: { room_name: 'r' } }, ['started', { roomName: 'r', roomUrl: null }]],
    [{ event: 'room.ended', data: { room_name: 'r', more: 1 } }, ['ended', { roomName: 'r' }]],
    [
      { event: 'room.call', data: call },
      ['call', { roomName: 'r', roomUrl: 'wss://a/rooms/r', token: 't', arguments: { name: 'samples.adder' } }],
    ],
    [{ event: 'storage.file.updated', data: { path: 'a', participant_id: 'p' } }, ['updated', { path: 'a', participantId: 'p' }]],
    [{ event: 'storage.file.deleted', data: { path: 'a', participant_id: 'p' } }, ['deleted', { path: 'a', participantId: 'p' }]],
    [
      { event: 'storage.file.moved', data: { source_path: 'a', destination_path: 'b', participant_id: 'p' } },
      ['moved', { sourcePath: 'a', destinationPath: 'b', participantId: 'p' }],
    ],
  ] as const) {
    test(`gives ${payload.event} to its method: ${JSON.stringify(expected[1])}`, async () => {
      assert.equal((await post(JSON.stringify(payload))).status, 200);
      assert.deepEqual(seen, [expected]);
    });
  }

  test('takes the hash of what Python prints of the payload as well as the hash of the bytes', async () => {
    const compact = JSON.stringify(JSON.parse(started));
    assert.equal((await post(compact, { 'meshagent-signature': signature(started) })).status, 200);
    assert.equal((await post(started)).status, 200);
    assert.equal(seen.length, 2);
  });

  test('answers 200 to an event that it does not know', async () => {
    assert.equal((await post('{"event": "room.painted"}')).status, 200);
    assert.deepEqual(seen, []);
  });

  test('prefers the payload of the Meshagent-Webhook header, which the signature then covers', async () => {
    const ended = '{"event": "room.ended", "data": {"room_name": "r"}}';
    const headers = { 'meshagent-webhook': ended, 'meshagent-signature': signature(ended) };
    assert.equal((await post(started, headers)).status, 200);
    assert.deepEqual(seen, [['ended', { roomName: 'r' }]]);
    assert.equal((await post(started, { 'meshagent-webhook': ended, 'meshagent-signature': signature(started) })).status, 401);
  });

  const head = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const [name, headers] of [
    ['no signature', {}],
    ['a signature that is not Bearer', { 'meshagent-signature': signature(started).replace('Bearer ', '') }],
    ['a token that is none', { 'meshagent-signature': 'Bearer abc' }],
    ['an unsigned token', { 'meshagent-signature': `Bearer ${head}.e30.` }],
    ['another secret’s token', { 'meshagent-signature': signature(started, 'another secret') }],
    ['another body’s token', { 'meshagent-signature': signature('{}') }],
  ] as const) {
    test(`answers 401 to ${name}`, async () => {
      assert.equal((await post(started, headers)).status, 401);
      assert.deepEqual(seen, []);
    });
  }

  for (const body of [
    '[]',
    '"text"',
    'null',
    '{}',
    '{"event": 5, "data": {}}',
    '{"event": "room.started"}',
    '{"event": "room.started", "data": {}}',
    '{"event": "room.started", "data": {"room_name": 5}}',
    '{"event": "room.ended", "data": []}',
    '{"event": "room.call", "data": {"room_name": "r", "room_url": "u", "token": "t"}}',
    '{"event": "room.call", "data": {"room_name": "r", "room_url": "u", "token": "t", "arguments": null}}',
    '{"event": "storage.file.moved", "data": {"source_path": "a", "participant_id": "p"}}',
    'not json',
    '',
  ]) {
    test(`answers 400 to the signed payload ${body || '(empty)'}`, async () => {
      assert.equal((await post(body)).status, 400);
      assert.deepEqual(seen, []);
    });
  }

  test('answers 500 when a method throws', async () => {
    assert.equal((await post('{"event": "room.started", "data": {"room_name": "broken"}}')).status, 500);
  });

  test('answers any method on / with 200, and 404 and 405 elsewhere', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'HEAD']) assert.equal((await fetch(origin, { method })).status, 200);
    assert.equal((await fetch(`${origin}/other`)).status, 404);
    assert.equal((await fetch(`${origin}/webhook`)).status, 405);
  });

  async function upgrade(payload: string, key = secret, path = '/webhook'): Promise<number> {
    const request = httpRequest(`${origin}${path}`, {
      agent: false,
      headers: {
        connection: 'upgrade',
        upgrade: 'websocket',
        'meshagent-webhook': payload,
        'meshagent-signature': signature(payload, key),
      },
    }).end();
    return new Promise((resolve) => {
      request.on('upgrade', (response, socket) => resolve((socket.destroy(), response.statusCode ?? 0)));
      request.on('response', (response) => resolve((response.resume(), response.statusCode ?? 0)));
    });
  }

  test('hands a signed room.call that comes by upgrade to onCallAnswered', async () => {
    const payload = JSON.stringify({ event: 'room.call', data: call });
    assert.equal(await upgrade(payload), 101);
    assert.deepEqual(seen, [['answered', { roomName: 'r', roomUrl: 'wss://a/rooms/r', token: 't', arguments: { name: 'samples.adder' } }]]);
  });

  test('refuses upgrades that are unsigned by the secret, are not room.call, or lie elsewhere', async () => {
    const payload = JSON.stringify({ event: 'room.call', data: call });
    assert.equal(await upgrade(payload, 'another secret'), 401);
    assert.equal(await upgrade(started), 400);
    assert.equal(await upgrade(payload, secret, '/other'), 404);
    assert.deepEqual(seen, []);
  });
});

test('a room that dialled in and never leaves is cut when the drain time is over', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  class Staying extends Rooms {
    override async onCallAnswered({ webSocket }: AnsweredCall<Duplex>): Promise<void> {
      webSocket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
      answer();
    }
  }
  const server = new Staying({ webSockets, drainTimeoutMs: 30 });
  await server.start();
  const payload = JSON.stringify({ event: 'room.call', data: call });
  const headers = { connection: 'upgrade', upgrade: 'websocket', 'meshagent-webhook': payload, 'meshagent-signature': signature(payload) };
  const request = httpRequest(`http://127.0.0.1:${server.address?.port}/webhook`, { headers, agent: false }).end();
  const closed = new Promise<void>((resolve) => {
    request.on('upgrade', (_response, socket) =>
      socket
        .on('error', () => {})
        .on('close', () => resolve())
        .resume(),
    );
  });
  await answered;
  await server.stop();
  await closed;
});

describe('MeshAgentWebhookServer’s settings', () => {
  test('come from the environment where they are not given', async (t) => {
    const { MESHAGENT_PORT, MESHAGENT_WEBHOOK_SECRET } = process.env;
    t.after(() =>
      Object.assign(process.env, { MESHAGENT_PORT: MESHAGENT_PORT ?? '', MESHAGENT_WEBHOOK_SECRET: MESHAGENT_WEBHOOK_SECRET ?? '' }),
    );
    process.env['MESHAGENT_PORT'] = '0';
    process.env['MESHAGENT_WEBHOOK_SECRET'] = secret;
    const server = new MeshAgentWebhookServer({ log: () => {} });
    await server.start();
    assert.equal(server.address?.host, '0.0.0.0');
    const headers = { 'meshagent-signature': signature(started) };
    assert.equal((await fetch(`http://127.0.0.1:${server.address?.port}/webhook`, { method: 'POST', body: started, headers })).status, 200);
    await server.stop();

    process.env['MESHAGENT_PORT'] = '80a';
    assert.throws(() => new MeshAgentWebhookServer(), { code: 'invalid_setting', message: /MESHAGENT_PORT/ });
    process.env['MESHAGENT_PORT'] = '';
    process.env['MESHAGENT_WEBHOOK_SECRET'] = '';
    assert.throws(() => new MeshAgentWebhookServer(), { code: 'invalid_secret', message: /MESHAGENT_WEBHOOK_SECRET/ });
    assert.doesNotThrow(() => new MeshAgentWebhookServer({ validateWebhookSecret: false }));
  });

  test('without validation an unsigned payload is taken, and a bad one still refused', async () => {
    seen.length = 0;
    const server = new Rooms({ validateWebhookSecret: false, path: '/rooms' });
    await server.start();
    const url = `http://127.0.0.1:${server.address?.port}/rooms`;
    assert.equal((await fetch(url, { method: 'POST', body: started })).status, 200);
    assert.equal((await fetch(url, { method: 'POST', body: '{}' })).status, 400);
    assert.equal(seen.length, 1);
    await server.stop();
  });

  test('overriding onWebhook sees every verified payload, and the default can still be called', async () => {
    const payloads: MeshAgentPayload[] = [];
    class All extends Rooms {
      override async onWebhook(payload: MeshAgentPayload): Promise<void> {
        payloads.push(payload);
        await super.onWebhook(payload);
      }
    }
    seen.length = 0;
    const server = new All();
    await server.start();
    const headers = { 'meshagent-signature': signature(started) };
    await fetch(`http://127.0.0.1:${server.address?.port}/webhook`, { method: 'POST', body: started, headers });
    assert.deepEqual(payloads, [JSON.parse(started)]);
    assert.equal(seen.length, 1);
    await server.stop();
  });
});

test('an onWebhook of one’s own may say that a payload cannot be read: 400', async () => {
  class Strict extends Rooms {
    override async onWebhook({ event }: MeshAgentPayload): Promise<void> {
      throw new UnreadablePayload(`${event} is not for this server`);
    }
  }
  const server = new Strict();
  await server.start();
  const headers = { 'meshagent-signature': signature(started) };
  assert.equal((await fetch(`http://127.0.0.1:${server.address?.port}/webhook`, { method: 'POST', body: started, headers })).status, 400);
  await server.stop();
});

describe('MeshAgentWebhookServer mounted', () => {
  test('on a Node server it answers its path only, several of them side by side, and leaves the life to its owner', async () => {
    seen.length = 0;
    const app = createServer((request, response) => {
      if (!['/one', '/two'].includes(request.url ?? '')) response.end('own');
    });
    const one = new Rooms({ app, path: '/one' });
    const two = new Rooms({ app, path: '/two', webhookSecret: 'the second secret' });
    await one.start();
    assert.equal(one.address, null);
    app.listen(0, '127.0.0.1');
    await once(app, 'listening');
    const address = app.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const send = async (path: string, key: string): Promise<number> =>
      (await fetch(`${origin}${path}`, { method: 'POST', body: started, headers: { 'meshagent-signature': signature(started, key) } }))
        .status;
    assert.equal(await send('/one', secret), 200);
    assert.equal(await send('/two', secret), 401);
    assert.equal(await send('/two', 'the second secret'), 200);
    assert.equal(await (await fetch(origin)).text(), 'own');
    await Promise.all([one.stop(), two.stop()]);
    assert.equal(await send('/one', secret), 200);
    app.close();
  });

  test('on an Express application it takes its path alone, before the parser or behind one that keeps the bytes', async () => {
    for (const parser of [null, express.json({ verify: (request, _response, rawBody) => void Object.assign(request, { rawBody }) })]) {
      seen.length = 0;
      const app = express();
      if (parser !== null) app.use(parser);
      new Rooms({ app, path: '/rooms' });
      app.use((_request, response) => void response.status(418).end());
      const server = createServer(app).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
      const headers = { 'content-type': 'application/json', 'meshagent-signature': signature(started) };
      const send = async (path: string): Promise<number> => (await fetch(origin + path, { method: 'POST', body: started, headers })).status;
      assert.deepEqual([await send('/rooms'), await send('/rooms?a=b'), await send('/rooms/below'), await send('/')], [200, 200, 418, 418]);
      assert.equal(seen.length, 2);
      server.close();
      server.closeAllConnections();
    }
  });

  test('behind a body parser it answers 500 and says what to do, rather than 401', async () => {
    const log: string[] = [];
    let mounted: ((request: IncomingMessage, response: ServerResponse, next: () => void) => void) | null = null;
    const rooms = new Rooms({
      app: { use: (_path, handler) => (mounted = handler) },
      log: (notice) => void log.push(notice.kind === 'refused' ? notice.explanation : notice.kind),
    });
    assert.equal(rooms.address, null);
    const app = createServer((request, response) => {
      request.resume().on('end', () => {
        Object.assign(request, { body: JSON.parse(started), url: '/' });
        mounted?.(request, response, () => response.writeHead(404).end());
      });
    });
    app.listen(0, '127.0.0.1');
    await once(app, 'listening');
    const address = app.address();
    const headers = { 'meshagent-signature': signature(started) };
    const response = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, {
      method: 'POST',
      body: started,
      headers,
    });
    assert.equal(response.status, 500);
    assert.match(log[0] ?? '', /rawBody/);
    app.close();
  });
});
