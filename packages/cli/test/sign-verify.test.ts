import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { BUILT_IN_PROFILES } from '@waxwing/protocol';

import { run, temporaryFolder, waxwing } from './waxwing-process.ts';

const STANDARD_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function secretOf(profile: string): string {
  return profile === 'standard' ? STANDARD_SECRET : 'a-secret-of-mine-16';
}

for (const profile of BUILT_IN_PROFILES.keys()) {
  test(`what sign signs as ${profile}, verify verifies; another secret or another body it does not`, async () => {
    const secret = secretOf(profile);
    const signed = await waxwing(['sign', '--profile', profile, '--secret', secret]);
    assert.equal(signed.status, 0, signed.stderr);
    const verified = await waxwing(['verify', '--profile', profile, '--message', '-'], {
      stdin: signed.stdout,
      env: { WAXWING_SECRET: secret },
    });
    assert.match(verified.stdout, /^verified {2}\S+ {2}\S+\n$/);
    assert.equal(verified.status, 0);

    const other = profile === 'standard' ? `whsec_${'A'.repeat(32)}` : 'another-secret-of-mine';
    const refused = await waxwing(['verify', '--profile', profile, '--secret', other, '--message', '-'], { stdin: signed.stdout });
    assert.equal(refused.status, 1);
    assert.equal(refused.stdout, '');
    assert.match(refused.stderr, /^no_match {2}.*none of the secrets given/);

    const changed = signed.stdout.replace('"data"', '"dat4"');
    assert.notEqual(changed, signed.stdout);
    const tampered = await waxwing(['verify', '--profile', profile, '--secret', secret, '--message', '-', '--json'], { stdin: changed });
    assert.equal(tampered.status, 1);
    assert.deepEqual(Object.keys(JSON.parse(tampered.stdout)), ['ok', 'reason', 'explanation']);
  });
}

test('a message is given as headers and body too, and judged as of another time', async (t) => {
  const folder = await temporaryFolder(t);
  const signed = await waxwing([
    'sign',
    '--profile',
    'meetloyd',
    '--secret',
    'a-secret-of-mine-16',
    '--timestamp',
    '2026-01-01T00:00:00Z',
    '--json',
  ]);
  const message: { headers: Record<string, string>; body: string } = JSON.parse(signed.stdout);
  await writeFile(join(folder, 'body.json'), message.body);
  const args = ['verify', '--profile', 'meetloyd', '--secret', 'a-secret-of-mine-16', '--body', `@${join(folder, 'body.json')}`];
  for (const [name, value] of Object.entries(message.headers)) args.push('--header', `${name}: ${value}`);

  const late = await waxwing(args);
  assert.equal(late.status, 1);
  assert.match(late.stderr, /^timestamp_too_old/);
  const inTime = await waxwing([...args, '--at', '2026-01-01T00:04:00Z', '--json']);
  assert.equal(inTime.status, 0, inTime.stderr);
  const { ok, type, secretIndex } = JSON.parse(inTime.stdout);
  assert.deepEqual({ ok, type, secretIndex }, { ok: true, type: 'conversation.created', secretIndex: 0 });
});

test('the data is signed as it was written, with the id and type given', async () => {
  const signed = await waxwing(
    [
      'sign',
      '--secret',
      STANDARD_SECRET,
      '--type',
      'a.b',
      '--id',
      'evt_mine',
      '--timestamp',
      '2026-01-01T00:00:00Z',
      '--data',
      '-',
      '--json',
    ],
    { stdin: ' {"n":9007199254740993,"x":1.0} ' },
  );
  const { headers, body } = JSON.parse(signed.stdout);
  assert.equal(headers['webhook-id'], 'evt_mine');
  assert.equal(body, '{"type":"a.b","timestamp":"2026-01-01T00:00:00.000Z","data":{"n":9007199254740993,"x":1.0}}');
});

test('the curl line arrives as the message it was made of', async (t) => {
  const arrived = Promise.withResolvers<{ headers: readonly string[]; body: Buffer }>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      arrived.resolve({ headers: request.rawHeaders, body: Buffer.concat(chunks) });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const data = JSON.stringify({ text: 'it\'s 5 o\'clock $HOME `x` \\ "é"' });
  const line = await waxwing([
    'sign',
    '--secret',
    STANDARD_SECRET,
    '--type',
    'a.b',
    '--data',
    data,
    '--curl',
    `http://127.0.0.1:${address.port}/webhook`,
  ]);
  assert.equal(line.stdout.trim().split('\n').length, 1);
  assert.equal((await run('sh', ['-c', line.stdout])).status, 0);
  const { headers, body } = await arrived.promise;
  const message = Buffer.concat([
    Buffer.from(headers.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\n`)).join('')),
    Buffer.from('\n'),
    body,
    Buffer.from('\n'),
  ]);
  const verified = await waxwing(['verify', '--secret', STANDARD_SECRET, '--message', '-'], { stdin: message });
  assert.equal(verified.status, 0, verified.stderr);
});

test('what cannot be signed or verified is refused as asked for wrongly, with the flag’s name', async () => {
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['sign'], /no secret: give one with --secret or WAXWING_SECRET/],
    [['sign', '--profile', 'joay', '--secret', 'x'], /no built-in profile "joay"; did you mean joai\?/],
    [['sign', '--secret', STANDARD_SECRET, '--type', 'my.type'], /--data is needed/],
    [
      ['sign', '--profile', 'joai', '--secret', 'a-secret-of-mine-16', '--data', '{"n":9007199254740993}'],
      /--data: the integer at \/n is beyond/,
    ],
    [['sign', '--secret', STANDARD_SECRET, '--id', 'a.b'], /--id must be/],
    [['verify', '--secret', 'x'], /no body/],
    [['verify', '--secret', 'x', '--profile', 'meshagents', '--body', ''], /did you mean meshagent\?/],
    [['verify', '--secret', 'x', '--message', '@/does/not/exist'], /--message: \/does\/not\/exist cannot be read/],
  ];
  await Promise.all(
    wrong.map(async ([args, says]) => {
      const { status, stderr } = await waxwing(args);
      assert.match(stderr, says);
      assert.equal(status, 2);
    }),
  );
});

test('a secret that cannot sign is refused, a weak one warned of', async () => {
  const refused = await waxwing(['sign', '--secret', 'whsec_short']);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /invalid_secret/);
  const weak = await waxwing(['sign', '--profile', 'joai', '--secret', '12345678']);
  assert.equal(weak.status, 0);
  assert.match(weak.stderr, /only 8 bytes/);
});
