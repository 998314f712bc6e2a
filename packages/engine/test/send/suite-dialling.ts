// Whom every sender connects to: names it resolves, addresses it refuses, certificates it trusts.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dnsServer } from './dns-server.ts';
import { certificate, OK, rawReceiver } from './raw-receiver.ts';
import { order, PRODUCTION } from './sending.ts';
import type { Suite } from './suite.ts';

export function diallingSuite({ sender, fresh }: Suite): void {
  it('verifies certificates, and says what is wrong with one', async () => {
    for (const [name, code] of [
      ['self-signed', 'tls_self_signed'],
      ['good', 'tls_untrusted'],
    ] as const) {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK), { certificate: name });
      const { report, record } = await (await sender()).attempt(order(`https://127.0.0.1:${receiver.port}/`));
      assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'tls' });
      assert.equal(record.error?.code, code);
      assert.equal(receiver.requests.length, 0);
    }
  });

  it('trusts a private authority that it is given, and still refuses expired, early and mismatched certificates', async () => {
    await using sending = await fresh({ trustedCertificates: [certificate('authority')] });
    for (const [name, code] of [
      ['good', null],
      ['expired', 'tls_expired'],
      ['early', 'tls_not_yet_valid'],
      ['other-host', 'tls_wrong_host'],
    ] as const) {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK), { certificate: name });
      for (const host of ['localhost', '127.0.0.1']) {
        const { report, record } = await sending.attempt(order(`https://${host}:${receiver.port}/`));
        assert.equal(record.error?.code ?? null, code, `${name} on ${host}`);
        if (code === null) {
          assert.equal(report.outcome.kind, 'delivered');
          assert.ok(record.tlsMs !== null && record.connectMs !== null);
        }
      }
    }
  });

  it('says that a port does not speak TLS', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK), {
      onConnection: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    });
    const { report, record } = await (await sender()).attempt(order(`https://127.0.0.1:${receiver.port}/`));
    assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'tls' });
    assert.equal(record.error?.code, 'tls_handshake');
  });

  it('resolves names by DNS, and reports one that does not exist or cannot be resolved', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    await using dns = await dnsServer({
      'receiver.example': { addresses: ['127.0.0.1'] },
      'broken.example': 'servfail',
      'silent.example': 'silent',
    });
    await using sending = await fresh({ dns: { servers: [dns.address], timeoutMs: 300 } });
    const found = await sending.attempt(order(`http://receiver.example:${receiver.port}/`));
    assert.equal(found.report.outcome.kind, 'delivered');
    assert.equal(found.record.address, '127.0.0.1');
    assert.ok(found.record.dnsMs !== null);
    assert.match(receiver.requests[0]?.head ?? '', new RegExp(`^host: receiver.example:${receiver.port}$`, 'm'));
    for (const [name, code] of [
      ['missing.example', 'dns_not_found'],
      ['broken.example', 'dns_failed'],
      ['silent.example', 'dns_timeout'],
    ] as const) {
      const { report, record } = await sending.attempt(order(`http://${name}/`));
      assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'dns' });
      assert.equal(record.error?.code, code);
    }
  });

  it('tries the next address where one does not answer', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK), { host: '127.0.0.2' });
    await using dns = await dnsServer({ 'two.example': { addresses: ['127.0.0.1', '127.0.0.2'] } });
    await using sending = await fresh({ dns: { servers: [dns.address] } });
    const { report, record } = await sending.attempt(order(`http://two.example:${receiver.port}/`));
    assert.equal(report.outcome.kind, 'delivered');
    assert.equal(record.address, '127.0.0.2');
  });

  it('blocks private literals, private names, local names and plain HTTP, and connects to none of them', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    await using dns = await dnsServer({
      'inside.example': { addresses: ['10.1.2.3'] },
      'mixed.example': { addresses: ['93.184.215.14', '127.0.0.1'] },
      'mapped.example': { addresses: ['::ffff:127.0.0.1'] },
      'metadata.example': { addresses: ['169.254.169.254'] },
    });
    await using sending = await fresh({ policy: PRODUCTION, dns: { servers: [dns.address] } });
    for (const host of [
      '127.0.0.1',
      '0x7f.1',
      '2130706433',
      '[::1]',
      '[::ffff:127.0.0.1]',
      'localhost',
      'a.localhost.',
      ...Object.keys(dns.zone),
    ]) {
      const { report, record } = await sending.attempt(order(`https://${host}:${receiver.port}/`));
      assert.deepEqual(report.outcome, { kind: 'blocked' }, host);
      assert.equal(report.error, 'private address blocked', host);
      assert.equal(record.error?.code, 'blocked_private_address', host);
      assert.ok(record.error.explanation.includes('--allow-private-networks'));
    }
    const plain = await sending.attempt(order(`http://receiver.example:${receiver.port}/`));
    assert.deepEqual(plain.report.outcome, { kind: 'blocked' });
    assert.equal(plain.record.error?.code, 'blocked_http');
    assert.equal(receiver.connections(), 0);
  });

  it('never delivers to cloud metadata, even where private networks are allowed', async () => {
    for (const url of ['http://169.254.169.254/', 'http://[fd00:ec2::254]/', 'http://[::ffff:169.254.169.254]/', 'http://168.63.129.16/']) {
      assert.equal((await (await sender()).attempt(order(url))).record.error?.code, 'blocked_private_address', url);
    }
  });

  it('reports what is not an http URL as blocked', async () => {
    for (const url of ['ftp://receiver.example/', 'nonsense', 'http://[fe80::1%25eth0]/', 'file:///etc/passwd']) {
      assert.equal((await (await sender()).attempt(order(url))).record.error?.code, 'blocked_scheme', url);
    }
  });
}
