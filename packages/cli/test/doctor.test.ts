import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { BUILT_IN_PROFILES, generateSigningKey, publicKeyOf } from '@waxwing/protocol';
import { schemeOfProfile, SCHEMES, WebhookServer } from '@waxwing/receiver';
import type { SenderInput } from '@waxwing/receiver';
import { MemoryDedupe } from '@waxwing/receiver/dedupe';

import { temporaryFolder, waxwing } from './waxwing-process.ts';

const STANDARD_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER_STANDARD_SECRET = `whsec_${'B'.repeat(44)}`;
const SECRET = 'a-secret-of-mine-16';
const OTHER_SECRET = 'the-secret-before-it';

interface Told {
  readonly sound: boolean;
  readonly profile: string;
  readonly probes: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly sent: string | null;
    readonly expected: string | null;
    readonly answer: { readonly kind: string; readonly body?: string } | null;
    readonly advice: string | null;
  }[];
}

async function doctor(
  url: string,
  ...args: readonly string[]
): Promise<{ status: number | null; told: Told; verdicts: Record<string, string> }> {
  const { status, stdout, stderr } = await waxwing(['doctor', url, '--json', '--slow-body', '0.05', ...args]);
  assert.notEqual(stdout, '', stderr);
  const told: Told = JSON.parse(stdout);
  return { status, told, verdicts: Object.fromEntries(told.probes.map((probe) => [probe.name, probe.verdict])) };
}

async function receiver(t: TestContext, profile: SenderInput, secrets: readonly string[], publicUrl?: string): Promise<string> {
  const server = new WebhookServer({
    profile,
    secrets,
    host: '127.0.0.1',
    port: 0,
    dedupe: new MemoryDedupe(),
    log: () => {},
    ...(publicUrl !== undefined && { publicUrl }),
  });
  await server.start();
  t.after(() => server.stop());
  return server.url ?? '';
}

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}/webhook`;
}

for (const profile of BUILT_IN_PROFILES.keys()) {
  test(`our own server is sound as a receiver of ${profile}`, async (t) => {
    const secrets = profile === 'standard' ? [STANDARD_SECRET, OTHER_STANDARD_SECRET] : [SECRET, OTHER_SECRET];
    const [secret = '', previous = ''] = secrets;
    const scheme = Object.entries(SCHEMES).find(([name]) => name === profile)?.[1];
    assert.ok(scheme !== undefined);
    const { status, told, verdicts } = await doctor(
      await receiver(t, scheme, secrets),
      '--profile',
      profile,
      '--secret',
      secret,
      '--secret-previous',
      previous,
    );
    const signsTime = profile === 'standard' || profile === 'meetloyd';
    assert.deepEqual(verdicts, {
      valid: 'good',
      unsigned: 'good',
      tampered: 'good',
      'wrong-secret': 'good',
      stale: signsTime ? 'good' : 'left_out',
      duplicate: 'good',
      rotated: 'good',
      'two-signatures': profile === 'standard' ? 'good' : 'left_out',
      'slow-body': 'good',
      large: 'good',
      'unknown-type': 'good',
    });
    assert.equal(told.sound, true);
    assert.equal(status, 0);
    for (const { verdict, sent, expected, answer, advice } of told.probes) {
      if (verdict === 'left_out') assert.ok(advice !== null && sent === null && answer === null);
      else assert.ok(sent !== null && expected !== null && answer?.kind === 'answered');
    }
  });
}

test('other senders are played too, those that sign the URL or a time in the body among them', async (t) => {
  const names = ['stripe', 'github', 'slack', 'twilio', 'square', 'livekit', 'svix', 'gitlab'] as const;
  for (const name of names) {
    const secret = name === 'svix' ? STANDARD_SECRET : SECRET;
    // Where the URL is signed, the receiver is told the one it listens on, by way of a forwarding server.
    let target = '';
    const front = await listen(t, (request, response) => {
      void buffer(request).then(async (body) => {
        const {
          host: _host,
          connection: _connection,
          'content-length': _length,
          'transfer-encoding': _encoding,
          ...headers
        } = request.headers;
        const answer = await fetch(target, {
          method: 'POST',
          headers: Object.entries(headers).map(([key, value]) => [key, String(value)]),
          body,
        });
        response.writeHead(answer.status).end(await answer.text());
      });
    });
    target = await receiver(t, SCHEMES[name], [secret], front);
    const { status, verdicts } = await doctor(front, '--profile', name, '--secret', secret);
    const bad = Object.entries(verdicts).filter(([, verdict]) => verdict !== 'good' && verdict !== 'left_out');
    assert.deepEqual(bad, [], name);
    assert.equal(status, 0);
    assert.equal(verdicts['tampered'], name === 'gitlab' ? 'left_out' : 'good');
    assert.equal(verdicts['stale'], ['stripe', 'slack', 'livekit', 'svix'].includes(name) ? 'good' : 'left_out');
  }
});

test('a signing key and a platform’s own profile are played', async (t) => {
  const key = generateSigningKey((size) => new Uint8Array(size).fill(7));
  const pair = await doctor(await receiver(t, 'standard', [publicKeyOf(key) ?? '']), '--secret', key);
  assert.deepEqual(
    pair.told.probes.filter(({ verdict }) => verdict !== 'good').map(({ name }) => name),
    ['rotated'],
  );

  const folder = await temporaryFolder(t);
  const definition = {
    envelope: { id: '{id}', type: '{type}', data: '{data}' },
    signature: {
      kind: 'hmac-template',
      header: 'X-Acme',
      algorithm: 'sha256',
      content: '{timestamp}.{body}',
      encoding: 'base64',
      prefix: 'v0=',
      timestampHeader: 'X-Acme-Time',
      secret: 'utf8',
    },
  } as const;
  await writeFile(join(folder, 'acme.json'), JSON.stringify(definition));
  const url = await receiver(t, schemeOfProfile({ name: 'acme', ...definition }), [SECRET]);
  const { status, verdicts } = await doctor(url, '--profile', `@${join(folder, 'acme.json')}`, '--secret', SECRET);
  assert.deepEqual([status, verdicts['valid'], verdicts['stale'], verdicts['tampered']], [0, 'good', 'good', 'good']);
});

test('a receiver that verifies nothing is unsafe, with each hole named and what to do', async (t) => {
  const url = await listen(t, (request, response) => void buffer(request).then(() => response.end()));
  const { status, stdout } = await waxwing(['doctor', url, '--slow-body', '0.05', '--profile', 'meetloyd', '--secret', SECRET]);
  assert.equal(status, 1);
  for (const name of ['unsigned', 'tampered', 'wrong-secret', 'stale']) {
    assert.match(
      stdout,
      new RegExp(`UNSAFE    ${name}\n  sent      .+\n  expected  a refusal.*\n  came back 200 in \\d+ ms\n  do        .+\n`),
    );
  }
  assert.match(stdout, /good      valid\n/);
  assert.match(stdout, /This receiver is unsafe\. {2}4 UNSAFE, 5 good, 2 left out\n$/);
});

const joaiSigned = (request: IncomingMessage, body: Buffer, secret = SECRET): boolean =>
  request.headers['x-webhook-signature'] === createHmac('sha256', secret).update(body).digest('hex');

const holes: readonly {
  readonly claim: string;
  readonly profile: string;
  readonly takes: (request: IncomingMessage, body: Buffer) => boolean;
  readonly unsafe: readonly string[];
}[] = [
  {
    claim: 'that only looks whether a signature is there',
    profile: 'joai',
    takes: (request) => request.headers['x-webhook-signature'] !== undefined,
    unsafe: ['tampered', 'wrong-secret'],
  },
  {
    claim: 'that verifies only when there is a signature',
    profile: 'joai',
    takes: (request, body) => request.headers['x-webhook-signature'] === undefined || joaiSigned(request, body),
    unsafe: ['unsigned'],
  },
  {
    claim: 'that looks at the signature and not at the time',
    profile: 'meetloyd',
    takes: (request, body) =>
      request.headers['x-meetloyd-signature'] ===
      createHmac('sha256', SECRET)
        .update(`${String(request.headers['x-meetloyd-timestamp'])}.`)
        .update(body)
        .digest('hex'),
    unsafe: ['stale'],
  },
];

for (const { claim, profile, takes, unsafe } of holes) {
  test(`a receiver ${claim} is unsafe for that alone`, async (t) => {
    const url = await listen(t, (request, response) => {
      void buffer(request).then((body) => response.writeHead(takes(request, body) ? 204 : 401).end());
    });
    const { status, told } = await doctor(url, '--profile', profile, '--secret', SECRET);
    assert.deepEqual(
      told.probes.filter(({ verdict }) => verdict === 'unsafe').map(({ name }) => name),
      unsafe,
    );
    assert.deepEqual([status, told.sound], [1, false]);
  });
}

test('a receiver that is safe and unhelpful leaves with 0 and says what could be better', async (t) => {
  const seen = new Set<string>();
  const url = await listen(t, (request, response) => {
    if (Number(request.headers['content-length']) > 100_000) response.writeHead(413, { connection: 'close' }).end();
    else
      void buffer(request).then((body) => {
        if (request.headers['x-webhook-signature'] === undefined) return request.socket.destroy();
        if (!joaiSigned(request, body)) return response.writeHead(500).end('RangeError: Input buffers must have the same byte length');
        const { event }: { event: string } = JSON.parse(body.toString());
        const id = String(request.headers['webhook-id']);
        const known = seen.has(id);
        seen.add(id);
        return response.writeHead(known ? 409 : event.startsWith('agent.') ? 200 : 422).end();
      });
  });
  const args = ['--profile', 'joai', '--secret', SECRET, '--secret-previous', OTHER_SECRET];
  const { status, told, verdicts } = await doctor(url, ...args);
  assert.deepEqual(verdicts, {
    valid: 'good',
    unsigned: 'unhelpful',
    tampered: 'unhelpful',
    'wrong-secret': 'unhelpful',
    stale: 'left_out',
    duplicate: 'unhelpful',
    rotated: 'unhelpful',
    'two-signatures': 'left_out',
    'slow-body': 'good',
    large: 'unhelpful',
    'unknown-type': 'unhelpful',
  });
  assert.deepEqual([status, told.sound], [0, true]);
  assert.ok(told.probes.every(({ verdict, advice }) => verdict === 'good' || advice !== null));
  const { stdout } = await waxwing(['doctor', url, '--slow-body', '0.05', ...args]);
  assert.match(stdout, /came back 500 in \d+ ms: RangeError: Input buffers/);
  assert.match(stdout, /came back it closed the connection without an answer/);
  assert.match(stdout, /This receiver is safe, and could be better\./);
});

test('a receiver with another secret is broken: its refusals prove nothing', async (t) => {
  const { status, told, verdicts } = await doctor(await receiver(t, 'joai', [OTHER_SECRET]), '--profile', 'joai', '--secret', SECRET);
  assert.equal(verdicts['valid'], 'broken');
  assert.match(told.probes[0]?.advice ?? '', /another secret/);
  assert.deepEqual([verdicts['unsigned'], verdicts['tampered'], verdicts['large']], ['unproven', 'unproven', 'unproven']);
  assert.deepEqual([status, told.sound], [1, false]);
});

test('a receiver that is down is a clear error, and a silent one is waited for no longer than asked', async (t) => {
  const down = await waxwing(['doctor', 'http://127.0.0.1:1/webhook', '--secret', STANDARD_SECRET]);
  assert.equal(down.status, 1);
  assert.equal(down.stdout, '');
  assert.match(down.stderr, /The receiver cannot be reached: nothing listens there \(connection refused\)\./);

  const silent = await listen(t, () => {});
  const { status, told } = await doctor(silent, '--secret', STANDARD_SECRET, '--timeout', '0.05');
  assert.deepEqual([status, told.probes[0]?.verdict, told.probes[0]?.answer?.kind], [1, 'broken', 'timed_out']);
});

test('only the URL given is called: a redirect is told, not followed', async (t) => {
  let called = 0;
  const elsewhere = await listen(t, (_, response) => {
    called += 1;
    response.end();
  });
  const url = await listen(t, (_, response) => response.writeHead(307, { location: elsewhere }).end());
  const { status, told } = await doctor(url, '--secret', STANDARD_SECRET);
  assert.equal(status, 1);
  assert.ok(told.probes[0]?.advice?.includes(elsewhere));
  assert.equal(called, 0);
});

test('the slow body takes as long as asked', async (t) => {
  const url = await listen(t, (request, response) => {
    const startMs = performance.now();
    void buffer(request).then(() => response.end(String(Math.round(performance.now() - startMs))));
  });
  const { told } = await doctor(url, '--secret', STANDARD_SECRET, '--slow-body', '0.4');
  const took = (name: string): number => Number(told.probes.find((probe) => probe.name === name)?.answer?.body);
  assert.ok(took('slow-body') >= 300, `${took('slow-body')} ms`);
  assert.ok(took('valid') < 300, `${took('valid')} ms`);
});

test('a header of one’s own goes with every probe, and the type and data given are sent', async (t) => {
  const seen: { readonly header: string | undefined; readonly body: string }[] = [];
  const url = await listen(t, (request, response) => {
    void buffer(request).then((body) => {
      seen.push({ header: request.headers['x-gate']?.toString(), body: body.toString() });
      response.writeHead(seen.length === 1 ? 200 : 401).end();
    });
  });
  const args = ['--header', 'X-Gate: open', '--type', 'order.paid', '--data', '{"total":5}'];
  await doctor(url, '--secret', STANDARD_SECRET, ...args);
  assert.ok(seen.length > 8 && seen.every(({ header }) => header === 'open'));
  assert.match(seen[0]?.body ?? '', /"type":"order\.paid".*"data":\{"total":5\}/);
});

test('what cannot be asked is refused, with the flag’s name', async () => {
  const wrong: readonly (readonly [args: readonly string[], status: number, says: RegExp])[] = [
    [['doctor'], 2, /missing required argument 'url'/],
    [['doctor', 'localhost:3000', '--secret', STANDARD_SECRET], 2, /must begin with http:\/\/ or https:\/\//],
    [['doctor', 'http://x.test'], 2, /no secret: give the receiver’s with --secret or WAXWING_SECRET/],
    [['doctor', 'http://x.test', '--secret', 'whsec_short'], 1, /invalid_secret/],
    [['doctor', 'http://x.test', '--secret', SECRET, '--profile', 'joay'], 2, /did you mean joai\?/],
    [['doctor', 'http://x.test', '--secret', SECRET, '--profile', 'discord'], 2, /private key that it alone has/],
    [['doctor', 'http://x.test', '--secret', SECRET, '--profile', 'joai', '--data', '[]'], 2, /--data must be a JSON object/],
  ];
  await Promise.all(
    wrong.map(async ([args, status, says]) => {
      const ended = await waxwing(args);
      assert.match(ended.stderr, says);
      assert.equal(ended.status, status);
      assert.equal(ended.stdout, '');
    }),
  );
});
