import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { DialledInChannel, OutgoingChannel } from '../src/channel.ts';
import { sdk } from '../src/sdk.ts';

describe('a room’s channel', { timeout: 10_000 }, () => {
  let peers = new WebSocketServer({ noServer: true });
  let url = '';

  beforeEach(async () => {
    peers = new WebSocketServer({ host: '127.0.0.1', port: 0, autoPong: false });
    await once(peers, 'listening');
    const address = peers.address();
    url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterEach(() => {
    for (const peer of peers.clients) peer.terminate();
    peers.close();
  });

  const lost = (channel: OutgoingChannel | DialledInChannel): Promise<unknown> =>
    new Promise((resolve) => channel.start(() => {}, { onDone: () => resolve('done'), onError: resolve }));

  test('is cut when its peer answers no ping between two beats, whoever dialled', async () => {
    const outgoing = await lost(new OutgoingChannel({ url, token: 't' }, 20));
    assert.ok(outgoing instanceof sdk.ProtocolCloseException && outgoing.closeCode === 1006);
    const socket = new WebSocket(url);
    await once(socket, 'open');
    const dialledIn = await lost(new DialledInChannel(socket, 20));
    assert.ok(dialledIn instanceof sdk.ProtocolCloseException && dialledIn.closeCode === 1006);
  });

  test('stays while its peer answers pings', async () => {
    const peer = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(peer, 'listening');
    const address = peer.address();
    const joined = once(peer, 'connection');
    const channel = new OutgoingChannel({ url: `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, token: 't' }, 10);
    const end = lost(channel);
    const [socket] = await joined;
    let pings = 0;
    await new Promise<void>((resolve) => socket.on('ping', () => (pings += 1) === 4 && resolve()));
    socket.close(1000);
    assert.equal(await end, 'done');
    peer.close();
  });

  test('is gone within a second after it is dropped, also when its peer does not answer', async () => {
    const joined = once(peers, 'connection');
    const channel = new OutgoingChannel({ url, token: 't' });
    channel.start(() => {}, {});
    const [peer] = await joined;
    peer.pause();
    const socket = channel.webSocket;
    assert.ok(socket !== null);
    if (socket.readyState !== WebSocket.OPEN) await once(socket, 'open');
    channel.dispose();
    await channel.closed;
    assert.equal(socket.readyState, WebSocket.CLOSED);
  });

  test('can be dropped before it starts, while it connects, and twice', async () => {
    const never = new OutgoingChannel({ url, token: 't' });
    never.dispose();
    await never.closed;
    const early = new OutgoingChannel({ url, token: 't' });
    early.start(() => {}, {});
    early.dispose();
    early.dispose();
    await early.closed;
  });

  test('says which HTTP status refused it', async () => {
    const refusing = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: (_info, done) => done(false, 403) });
    await once(refusing, 'listening');
    const address = refusing.address();
    const channel = new OutgoingChannel({ url: `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, token: 't' });
    assert.ok((await lost(channel)) instanceof sdk.ProtocolHandshakeException);
    assert.equal(channel.refusedStatus, 403);
    channel.dispose();
    await channel.closed;
    refusing.close();
  });
});
