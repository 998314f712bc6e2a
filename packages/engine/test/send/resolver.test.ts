import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Clock } from '../../src/ports.ts';
import { parseHosts } from '../../src/send/hosts-file.ts';
import { dnsResolver } from '../../src/send/resolver.ts';
import { systemClock } from '../../src/system-ports.ts';
import { dnsServer } from './dns-server.ts';

/** The system's timers, and a monotonic time that moves when told to. */
function movableClock(): Clock & { move(ms: number): void } {
  let nowMs = 1_000;
  return { ...systemClock, monotonicMs: () => nowMs, move: (ms) => (nowMs += ms) };
}

describe('the resolver', () => {
  it('asks for A and AAAA at once, and gives IPv4 first', async () => {
    await using dns = await dnsServer({ 'both.example': { addresses: ['2001:db8::1', '192.0.2.1', '192.0.2.2'] } });
    const resolver = dnsResolver(systemClock, { servers: [dns.address] });
    const addresses = await resolver.resolve('both.example');
    assert.deepEqual([...addresses].toSorted(), ['192.0.2.1', '192.0.2.2', '2001:db8::1']);
    assert.equal(addresses.at(-1), '2001:db8::1');
    assert.deepEqual(dns.questions.toSorted(), ['both.example A', 'both.example AAAA']);
  });

  it('remembers an answer for its TTL, at most a minute, and shares a question that is under way', async () => {
    await using dns = await dnsServer({
      'short.example': { addresses: ['192.0.2.1'], ttl: 10 },
      'long.example': { addresses: ['192.0.2.1'], ttl: 86_400 },
      'never.example': { addresses: ['192.0.2.1'], ttl: 0 },
    });
    const clock = movableClock();
    const resolver = dnsResolver(clock, { servers: [dns.address] });
    const asked = (name: string): number => dns.questions.filter((question) => question === `${name} A`).length;
    await Promise.all(Array.from({ length: 20 }, () => resolver.resolve('short.example')));
    assert.equal(asked('short.example'), 1);
    clock.move(9_999);
    await resolver.resolve('short.example');
    assert.equal(asked('short.example'), 1);
    clock.move(1);
    await resolver.resolve('short.example');
    assert.equal(asked('short.example'), 2);
    await resolver.resolve('long.example');
    clock.move(60_000);
    await resolver.resolve('long.example');
    assert.equal(asked('long.example'), 2);
    await resolver.resolve('never.example');
    await resolver.resolve('never.example');
    assert.equal(asked('never.example'), 2);
  });

  it('forgets after a second that a name does not exist, and a failure at once', async () => {
    await using dns = await dnsServer({ 'broken.example': 'servfail' });
    const clock = movableClock();
    const resolver = dnsResolver(clock, { servers: [dns.address] });
    const resolves = (name: string): Promise<readonly string[]> => resolver.resolve(name);
    await assert.rejects(resolves('new.example'), { code: 'dns_not_found' });
    await assert.rejects(resolves('broken.example'), { code: 'dns_failed' });
    dns.zone = { 'new.example': { addresses: ['192.0.2.9'] }, 'broken.example': { addresses: ['192.0.2.9'] } };
    await assert.rejects(resolves('new.example'), { code: 'dns_not_found' });
    assert.deepEqual(await resolves('broken.example'), ['192.0.2.9']);
    clock.move(1_001);
    assert.deepEqual(await resolves('new.example'), ['192.0.2.9']);
  });

  it('gives up within its time-out on a server that is silent', async () => {
    await using dns = await dnsServer({ 'silent.example': 'silent' });
    const begun = performance.now();
    await assert.rejects(dnsResolver(systemClock, { servers: [dns.address], timeoutMs: 150 }).resolve('silent.example'), {
      code: 'dns_timeout',
    });
    assert.ok(performance.now() - begun < 1_000);
  });

  it('does not wait for an AAAA answer that never comes', async () => {
    await using dns = await dnsServer({ 'half.example': 'silent6' });
    const begun = performance.now();
    assert.deepEqual(await dnsResolver(systemClock, { servers: [dns.address], timeoutMs: 3_000 }).resolve('half.example'), ['127.0.0.1']);
    assert.ok(performance.now() - begun < 1_500);
  });

  it('takes localhost for the loopback whatever a server says, and the hosts file before DNS', async (t) => {
    await using dns = await dnsServer({ localhost: { addresses: ['192.0.2.1'] }, 'fixed.example': { addresses: ['192.0.2.1'] } });
    const folder = await mkdtemp(join(tmpdir(), 'waxwing-hosts-'));
    t.after(() => rm(folder, { recursive: true }));
    const hostsFile = join(folder, 'hosts');
    await writeFile(hostsFile, '# fixed\n10.0.0.7 Fixed.example other.example # and more\nfd00::7 fixed.example\n');
    const clock = movableClock();
    const resolver = dnsResolver(clock, { servers: [dns.address], hostsFile });
    assert.deepEqual(await resolver.resolve('localhost'), ['127.0.0.1', '::1']);
    assert.deepEqual(await resolver.resolve('app.localhost'), ['127.0.0.1', '::1']);
    assert.deepEqual(await resolver.resolve('fixed.example'), ['10.0.0.7', 'fd00::7']);
    await writeFile(hostsFile, '10.0.0.8 fixed.example\n');
    clock.move(30_001);
    assert.deepEqual(await resolver.resolve('fixed.example'), ['10.0.0.8']);
    assert.deepEqual(dns.questions, []);
  });

  it('does without a hosts file', async () => {
    await using dns = await dnsServer({ 'some.example': { addresses: ['192.0.2.1'] } });
    assert.deepEqual(await dnsResolver(systemClock, { servers: [dns.address], hostsFile: '/nowhere/hosts' }).resolve('some.example'), [
      '192.0.2.1',
    ]);
  });
});

describe('a hosts file', () => {
  it('gives each name its addresses in order, and nothing for lines that are none', () => {
    const hosts = parseHosts(
      '127.0.0.1\tlocalhost\r\n  ::1 localhost ip6-localhost\nnot-an-address x\n\n#10.0.0.1 y\n127.0.0.1 localhost\n',
    );
    assert.deepEqual(
      [...hosts],
      [
        ['localhost', ['127.0.0.1', '::1']],
        ['ip6-localhost', ['::1']],
      ],
    );
  });
});
