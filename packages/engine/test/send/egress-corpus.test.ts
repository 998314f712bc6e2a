// The corpus of hostile URLs (egress-corpus.json), each tried for real: at an endpoint's creation, and as an attempt through
// both senders, with a listener on every address of this machine that must accept nothing.
//
// Plain HTTP is allowed here, so that nothing but the address stands between an attempt and the listener. That the corpus
// tries something real is shown by its control: where private networks are allowed, its URLs do arrive.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { checkEndpointUrl } from '../../src/send/endpoint-url.ts';
import { httpSender } from '../../src/send/http-sender.ts';
import type { SendingOptions } from '../../src/send/http-sender.ts';
import type { Sender } from '../../src/send/order.ts';
import { threadSender } from '../../src/send/thread-sender.ts';
import { systemClock } from '../../src/system-ports.ts';
import { countingListener } from './counting-listener.ts';
import type { CountingListener } from './counting-listener.ts';
import { dnsServer } from './dns-server.ts';
import type { DnsServer } from './dns-server.ts';
import { DEVELOPMENT, order, Sending } from './sending.ts';

const CLOSED = { allowHttp: true, allowPrivateNetworks: false } as const;
const read: unknown = JSON.parse(readFileSync(new URL('./egress-corpus.json', import.meta.url), 'utf8'));
assert.ok(typeof read === 'object' && read !== null);
const CORPUS: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(read));

/** Never delivered to, whatever is allowed. */
const NEVER = ['metadata services', 'multicast', 'other schemes', 'credentials in the URL'];

function urls(name: string, port: number): readonly string[] {
  return (CORPUS.get(name) ?? []).map((url) => url.replaceAll('{port}', String(port)));
}

function corpusSuite(where: string, make: (options: SendingOptions) => Sender): void {
  describe(`hostile URLs, sent to by a sender in ${where}`, () => {
    let listener: CountingListener;
    let dns: DnsServer;
    let sending: Sending;
    before(async () => {
      listener = await countingListener();
      dns = await dnsServer({});
      sending = await Sending.start(make({ policy: CLOSED, userAgent: 'Waxwing/test', dns: { servers: [dns.address] } }));
    });
    after(async () => {
      await sending.close(0);
      await dns[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    });

    for (const name of CORPUS.keys())
      it(`${name}: every one is refused at creation and blocked at the attempt, in words, and none is connected to`, async () => {
        const hostile = urls(name, listener.port);
        for (const url of hostile) {
          const refused = refusal(url);
          assert.ok(refused !== null, `${JSON.stringify(url)} is taken at creation`);
          assert.ok(refused.message.length > 20 && refused.fields[0]?.path === '/url', url);
        }
        const attempts = await sending.attempts(hostile.map((url) => order(url, { timeoutMs: 2_000 })));
        for (const [i, { report, record }] of attempts.entries()) {
          const url = JSON.stringify(hostile[i]);
          assert.deepEqual(report.outcome, { kind: 'blocked' }, url);
          assert.match(record.error?.code ?? '', /^blocked_(private_address|scheme)$/, url);
          assert.match(record.error?.explanation ?? '', /Use a(n https:\/\/| public) URL/, url);
          assert.ok((record.error?.message ?? '').length > 10, url);
        }
        assert.equal(listener.accepted(), 0);
        assert.deepEqual(dns.questions, [], 'nobody is asked for an address');
      });

    it('metadata, multicast, credentials and other schemes are blocked even where private networks are allowed', async () => {
      await using open = await Sending.start(make({ policy: DEVELOPMENT, userAgent: 'Waxwing/test' }));
      const hostile = NEVER.flatMap((name) => urls(name, listener.port));
      for (const [i, { report }] of (await open.attempts(hostile.map((url) => order(url)))).entries())
        assert.deepEqual(report.outcome, { kind: 'blocked' }, JSON.stringify(hostile[i]));
      assert.equal(listener.accepted(), 0);
    });
  });
}

function refusal(url: string): WaxwingError | null {
  try {
    checkEndpointUrl(url, { policy: CLOSED, httpsRequired: false });
    return null;
  } catch (error) {
    assert.ok(error instanceof WaxwingError, String(error));
    assert.equal(error.code, 'url_refused');
    return error;
  }
}

corpusSuite('this thread', (options) => httpSender({ ...options, clock: systemClock }));
corpusSuite('a worker thread', threadSender);

describe('the corpus', () => {
  it('holds at least 200 URLs, at least ten of each class, none twice in a class', () => {
    const all = [...CORPUS.values()];
    assert.ok(all.flat().length >= 200, `${all.flat().length} URLs`);
    for (const [name, list] of CORPUS) assert.ok(list.length >= 10 && new Set(list).size === list.length, name);
  });

  it('tries something real: where private networks are allowed, dozens of its URLs reach the listener', async () => {
    await using listener = await countingListener();
    await using sending = await Sending.start(httpSender({ policy: DEVELOPMENT, userAgent: 'Waxwing/test', clock: systemClock }));
    const reaching = /IPv4|IPv6|dots|unicode|percent|local names|this network|confusions/;
    const tried = [...CORPUS.keys()]
      .filter((name) => reaching.test(name) && name !== 'private IPv4')
      .flatMap((name) => urls(name, listener.port))
      .filter(
        (url) => URL.canParse(url) && /^(127\.|0\.|localhost|.*\.localhost$|\[::1\]|\[::ffff:7f00:1\]|\[::\])/.test(new URL(url).hostname),
      );
    const attempts = await sending.attempts(tried.map((url) => order(url, { timeoutMs: 5_000 })));
    const arrived = attempts.filter(({ report }) => report.outcome.kind === 'delivered').length;
    assert.ok(arrived >= 60, `${arrived} of ${tried.length}`);
    assert.ok(listener.accepted() >= arrived);
  });
});
