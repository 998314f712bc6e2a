// Names and redirects that lead inside, each tried for real through both senders: names with private addresses, several
// addresses with one private, answers that change between check and connect, dead and hostile name servers, redirects.
// A listener on every address of this machine must accept nothing.

import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { httpSender } from '../../src/send/http-sender.ts';
import type { SendingOptions } from '../../src/send/http-sender.ts';
import type { Sender } from '../../src/send/order.ts';
import { threadSender } from '../../src/send/thread-sender.ts';
import { systemClock } from '../../src/system-ports.ts';
import { countingListener } from './counting-listener.ts';
import type { CountingListener } from './counting-listener.ts';
import { dnsServer } from './dns-server.ts';
import type { Answer, DnsServer } from './dns-server.ts';
import { rawReceiver } from './raw-receiver.ts';
import { DEVELOPMENT, order, Sending } from './sending.ts';

const CLOSED = { allowHttp: true, allowPrivateNetworks: false } as const;
/** Of the range that is handed out, but nobody's: no packet to it arrives anywhere. */
const NOBODY = '3ffd:ffff::1';

const PRIVATE = [
  '127.0.0.1',
  '127.0.0.53',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '192.0.2.1',
  '198.18.0.1',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::1',
  '2001:0:4136:e378:8000:63bf:80ff:fffe',
  'fe80::1',
  'fec0::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001:db8::1',
];

/** What a name server says that is broken or wants to deceive. */
const DEAD: { readonly [name: string]: Answer } = {
  silent: 'silent',
  'server-failure': 'servfail',
  'no-such-name': { code: 3 },
  'not-implemented': { code: 4 },
  refuses: { code: 5 },
  'format-error': { code: 1 },
  'empty-answer': { addresses: [] },
  nonsense: { bytes: () => Buffer.from('nonsense') },
  'head-only': { bytes: (query) => query.subarray(0, 12) },
  'another-id': { bytes: (_query, right) => Buffer.concat([Buffer.from([right[0] ?? 0, (right[1] ?? 0) ^ 0xff]), right.subarray(2)]) },
  'another-question': { bytes: (_query, right) => Buffer.concat([right.subarray(0, 13), Buffer.from('zz'), right.subarray(15)]) },
  'cut-off': { bytes: (_query, right) => right.subarray(0, right.length - 3) },
  'a-pointer-to-itself': {
    bytes: (query, right) =>
      Buffer.concat([right.subarray(0, query.length), Buffer.from([0xc0, query.length]), right.subarray(query.length + 2)]),
  },
  'an-echo': { bytes: (query) => query },
};

function nameSuite(where: string, make: (options: SendingOptions) => Sender): void {
  describe(`names that lead inside, sent to by a sender in ${where}`, () => {
    let listener: CountingListener;
    let dns: DnsServer;
    let sending: Sending;
    before(async () => {
      listener = await countingListener();
      dns = await dnsServer({});
      const servers = [dns.address];
      sending = await Sending.start(make({ policy: CLOSED, userAgent: 'Waxwing/test', dns: { servers, timeoutMs: 400 } }));
    });
    after(async () => {
      await sending.close(0);
      await dns[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    });

    /** An attempt at each name, on the listener's port. */
    async function attempts(names: readonly string[], timeoutMs = 3_000): ReturnType<Sending['attempts']> {
      return sending.attempts(names.map((name) => order(`http://${name}:${listener.port}/`, { timeoutMs })));
    }

    async function allBlocked(names: readonly string[]): Promise<void> {
      for (const [i, { report, record }] of (await attempts(names)).entries()) {
        assert.deepEqual(report.outcome, { kind: 'blocked' }, names[i] ?? '');
        assert.equal(record.error?.code, 'blocked_private_address');
        assert.match(record.error.message, new RegExp(`^${names[i] ?? ''} resolves to [0-9a-f.:]+, `));
        assert.match(record.error.explanation, /^Webhooks are only sent to public addresses\. Use a public URL/);
      }
      assert.equal(listener.accepted(), 0);
    }

    it(`each of ${PRIVATE.length} names with an address that is not public is blocked`, async () => {
      dns.zone = Object.fromEntries(PRIVATE.map((address, i) => [`private-${i}.example`, { addresses: [address] }]));
      await allBlocked(Object.keys(dns.zone));
    });

    it('the names of metadata services and of machines inside are blocked by where they lead', async () => {
      const names = [
        'metadata.google.internal',
        'metadata',
        'instance-data',
        'kubernetes.default.svc',
        'host.docker.internal',
        'redis',
        'db.corp',
      ];
      names.push('127.0.0.1.nip.example', 'localtest.example', 'xn--lcalhost-54a.example', 'a.b.c.d.e.f.example');
      dns.zone = Object.fromEntries(names.map((name, i) => [name, { addresses: [i < 3 ? '169.254.169.254' : '127.0.0.1'] }]));
      await allBlocked(names);
    });

    it('a name of several addresses is blocked for any one of them, wherever it stands', async () => {
      const zone: { [name: string]: Answer } = {};
      for (const [i, address] of PRIVATE.entries()) {
        zone[`first-${i}.example`] = { addresses: [address, '93.184.215.14', NOBODY] };
        zone[`last-${i}.example`] = { addresses: ['93.184.215.14', NOBODY, address] };
      }
      zone['far.example'] = { addresses: [...Array.from({ length: 20 }, (_, i) => `93.184.215.${i + 1}`), '127.0.0.1'] };
      dns.zone = zone;
      await allBlocked(Object.keys(zone));
    });

    it('an answer that changes between check and connect changes nothing: one question, and what was checked is what is dialled', async () => {
      // The first questions (A and AAAA) find a public address; every later one finds the private one.
      const asked = new Map<string, number>();
      const turn = (name: string, address: string): Answer => {
        const times = asked.get(name) ?? 0;
        asked.set(name, times + 1);
        return { addresses: [times < 2 ? NOBODY : address], ttl: 0 };
      };
      const names = PRIVATE.map((_, i) => `turn-${i}.example`);
      dns.zone = Object.fromEntries(names.map((name, i) => [name, { turn: () => turn(name, PRIVATE[i] ?? '') }]));
      for (const [i, { report, record }] of (await attempts(names, 300)).entries()) {
        assert.equal(record.address, NOBODY, PRIVATE[i] ?? '');
        assert.match(report.outcome.kind, /^(unreachable|timed_out)$/);
        assert.equal(asked.get(names[i] ?? ''), 2, 'A and AAAA, once each');
      }
      await allBlocked(names);
    });

    it(`each of ${Object.keys(DEAD).length} dead or hostile name servers is named in time, and nothing is connected to`, async () => {
      dns.zone = Object.fromEntries(Object.entries(DEAD).map(([name, answer]) => [`${name}.example`, answer]));
      const names = Object.keys(dns.zone);
      for (const [i, { report, record }] of (await attempts(names, 5_000)).entries()) {
        assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'dns' }, `${names[i] ?? ''}: ${record.error?.message ?? ''}`);
        assert.match(record.error?.code ?? '', /^dns_(not_found|timeout|failed)$/);
        assert.match(record.error?.explanation ?? '', new RegExp(names[i]?.replaceAll('-', '\\-') ?? ''));
        assert.ok(record.totalMs < 4_000, `${names[i] ?? ''} took ${record.totalMs} ms`);
      }
      assert.equal(listener.accepted(), 0);
    });

    it('name servers that are not there are named in time', async () => {
      const servers = ['127.0.0.1:1', '127.0.0.2:1', '[::1]:1'];
      await using lost = await Sending.start(make({ policy: CLOSED, userAgent: 'Waxwing/test', dns: { servers, timeoutMs: 400 } }));
      const { report, record } = await lost.attempt(order('http://receiver.example/', { timeoutMs: 5_000 }));
      assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'dns' });
      assert.match(record.error?.explanation ?? '', /receiver\.example.*(slow or down|is down)/);
    });

    it('redirects to private addresses, in every status and spelling, are not followed, and the sentence says where they led', async () => {
      await using open = await Sending.start(make({ policy: DEVELOPMENT, userAgent: 'Waxwing/test' }));
      const locations = [
        'http://127.0.0.1:{port}/',
        'http://localhost:{port}/',
        'http://2130706433:{port}/',
        'http://0x7f.1:{port}/',
        'http://[::1]:{port}/',
        'http://[::ffff:127.0.0.1]:{port}/',
        '//127.0.0.1:{port}/',
        'http://user:pass@127.0.0.1:{port}/',
        'HTTP://127.1:{port}/',
        'http://169.254.169.254/latest/meta-data/',
        'file:///etc/passwd',
        'gopher://127.0.0.1:{port}/',
      ].map((location) => location.replace('{port}', String(listener.port)));
      for (const status of [300, 301, 302, 303, 307, 308]) {
        const answers = [...locations];
        await using receiver = await rawReceiver(({ socket, head }) => {
          const location = answers[Number(/^POST \/(\d+)/.exec(head)?.[1])] ?? '';
          socket.write(`HTTP/1.1 ${status} Moved\r\nlocation: ${location}\r\nrefresh: 0;url=${location}\r\ncontent-length: 0\r\n\r\n`);
        });
        const sent = locations.map((_, i) => order(`http://127.0.0.1:${receiver.port}/${i}`));
        for (const [i, { report, record }] of (await open.attempts(sent)).entries()) {
          assert.deepEqual(report.outcome, { kind: 'refused', status });
          const sentence = record.error?.explanation ?? '';
          assert.ok(sentence.startsWith('Redirects are not followed') && sentence.includes(locations[i] ?? '?'), sentence);
        }
      }
      assert.equal(listener.accepted(), 0);
    });
  });
}

nameSuite('this thread', (options) => httpSender({ ...options, clock: systemClock }));
nameSuite('a worker thread', threadSender);

describe('a connection that ends elsewhere than it was dialled', () => {
  it('is blocked before a byte is written, for each kind of address that it may end at', async () => {
    for (const remote of PRIVATE) {
      const written: string[] = [];
      await using sending = await Sending.start(
        httpSender({
          policy: CLOSED,
          userAgent: 'Waxwing/test',
          clock: systemClock,
          resolver: { resolve: async () => ['93.184.215.14'] },
          openSocket: () => {
            const socket = new Socket();
            Object.defineProperty(socket, 'remoteAddress', { value: remote });
            socket.write = (chunk) => written.push(String(chunk)) > 0;
            setImmediate(() => socket.emit('connect'));
            return socket;
          },
        }),
      );
      const { report, record } = await sending.attempt(order('http://rebinding.example/'));
      assert.deepEqual(report.outcome, { kind: 'blocked' }, remote);
      assert.match(record.error?.message ?? '', /^the connection to 93\.184\.215\.14 ended at /);
      assert.deepEqual(written, []);
    }
  });
});
