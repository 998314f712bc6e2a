import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { httpSender } from '../../src/send/http-sender.ts';
import { systemClock } from '../../src/system-ports.ts';
import { OK, rawReceiver } from './raw-receiver.ts';
import { senderSuite } from './sender-suite.ts';
import { DEVELOPMENT, order, PRODUCTION, Sending } from './sending.ts';

senderSuite('this thread', (options) => httpSender({ ...options, clock: systemClock }));

const base = { userAgent: 'Waxwing/test', clock: systemClock };

/** Connects every address to a receiver on the loopback, as a router could. */
function rerouted(port: number, dialled: string[]): (address: string) => Socket {
  return (address) => {
    dialled.push(address);
    return new Socket().connect(port, '127.0.0.1');
  };
}

describe('a rebinding name', () => {
  it('is dialled at the address that was checked, and judged again by where the connection ended', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    const dialled: string[] = [];
    const answers = [['93.184.215.14'], ['127.0.0.1']];
    await using sending = await Sending.start(
      httpSender({
        ...base,
        policy: { allowHttp: true, allowPrivateNetworks: false },
        resolver: { resolve: async () => answers.shift() ?? [] },
        openSocket: rerouted(receiver.port, dialled),
      }),
    );
    const first = await sending.attempt(order('http://rebinding.example/'));
    assert.deepEqual(dialled, ['93.184.215.14'], 'what was checked is what is dialled');
    assert.deepEqual(first.report.outcome, { kind: 'blocked' }, 'the connection ended on the loopback');
    assert.match(first.record.error?.message ?? '', /ended at 127\.0\.0\.1/);
    const second = await sending.attempt(order('http://rebinding.example/'));
    assert.deepEqual(second.report.outcome, { kind: 'blocked' });
    assert.deepEqual(dialled, ['93.184.215.14'], 'a private answer is not dialled at all');
    assert.equal(receiver.requests.length, 0);
  });

  it('is refused when any one of its addresses is', async () => {
    const dialled: string[] = [];
    await using sending = await Sending.start(
      httpSender({
        ...base,
        policy: PRODUCTION,
        resolver: { resolve: async () => ['93.184.215.14', '2606:2800:220:1::1', 'fd00::1'] },
        openSocket: rerouted(1, dialled),
      }),
    );
    const { record } = await sending.attempt(order('https://mixed.example/'));
    assert.match(record.error?.message ?? '', /resolves to fd00::1, a unique local/);
    assert.deepEqual(dialled, []);
  });
});

describe('an address that never answers', () => {
  it('has its share of the time, and then the next one is tried', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    const dialled: string[] = [];
    await using sending = await Sending.start(
      httpSender({
        ...base,
        policy: DEVELOPMENT,
        resolver: { resolve: async () => ['192.0.2.1', '127.0.0.1'] },
        openSocket: (address, port) => {
          dialled.push(address);
          return address === '127.0.0.1' ? new Socket().connect(port, address) : new Socket();
        },
      }),
    );
    const { report, record } = await sending.attempt(order(`http://two.example:${receiver.port}/`, { timeoutMs: 1_000 }));
    assert.deepEqual(report.outcome, { kind: 'delivered', status: 200 });
    assert.deepEqual(dialled, ['192.0.2.1', '127.0.0.1']);
    assert.ok(record.connectMs !== null && record.connectMs >= 490);
  });

  it('times the attempt out while connecting, when it is the only one', async () => {
    const sockets: Socket[] = [];
    await using sending = await Sending.start(
      httpSender({
        ...base,
        policy: DEVELOPMENT,
        openSocket: () => {
          const socket = new Socket();
          sockets.push(socket);
          return socket;
        },
      }),
    );
    const { report, record } = await sending.attempt(order('http://192.0.2.1/', { timeoutMs: 100 }));
    assert.deepEqual(report.outcome, { kind: 'timed_out' });
    assert.match(record.error?.explanation ?? '', /did not accept the connection/);
    assert.equal(record.address, '192.0.2.1');
    assert.ok(sockets.every((socket) => socket.destroyed));
  });
});

describe('idle connections', () => {
  it('are bounded in all: the oldest is closed first', async () => {
    await using first = await rawReceiver(({ socket }) => socket.write(OK));
    await using second = await rawReceiver(({ socket }) => socket.write(OK));
    await using sending = await Sending.start(httpSender({ ...base, policy: DEVELOPMENT, idleConnectionsMax: 1 }));
    await sending.attempt(order(`http://127.0.0.1:${first.port}/`));
    await sending.attempt(order(`http://127.0.0.1:${second.port}/`));
    await sending.attempt(order(`http://127.0.0.1:${second.port}/`));
    await sending.attempt(order(`http://127.0.0.1:${first.port}/`));
    assert.equal(first.connections(), 2);
    assert.equal(second.connections(), 1);
  });
});
