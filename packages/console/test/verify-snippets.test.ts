// The snippets that the console shows: those whose runtime every machine of ours has are run against messages signed by the
// sender's own code. They take the true ones and refuse a changed body, another's secret and an old timestamp.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { BUILT_IN_PROFILES, compileProfile, generateSecret, messageHeaders, parseProfileDefinition, sign } from '@waxwing/protocol';
import type { Profile, ProfileResource } from '@waxwing/protocol';
import { verify } from '@waxwing/receiver';
import { LANGUAGES, snippet } from '../src/parts/verify-snippets/snippets.ts';

const OWN = {
  acme: {
    signature: {
      header: 'X-Acme-Sign',
      algorithm: 'sha512',
      content: `it's "{id}" \\ $HOME #$x:{timestamp}:{body}`,
      encoding: 'base64',
      prefix: `v"1'$=`,
      timestampHeader: 'X-Acme-Time',
      secret: 'base64',
    },
    headers: { 'x-acme-note': `it's "so" $HOME` },
    envelope: { kind: '{type}', of: { it: '{data}' } },
  },
  plain: { signature: { header: 'X-Plain', algorithm: 'sha1' } },
  token: { signature: { kind: 'jwt-body-hash', header: 'X-Token', prefix: 'JWT ', claim: 'body.hash' } },
  twice: { signature: { kind: 'standard-webhooks' } },
};

/** Whether this machine has these programs. */
function hasAll(...programs: readonly string[]): boolean {
  return programs.every((program) => spawnSync(program, [program === 'sh' ? '-c' : '--version', 'true']).error === undefined);
}

interface Case {
  readonly profile: ProfileResource;
  readonly secret: string;
  /** Header names in lower case. */
  headers(ageSeconds?: number, secret?: string): { readonly [name: string]: string };
  readonly body: string;
}

function caseOf(compiled: Profile): Case {
  const { definition } = compiled;
  const secret = generateSecret(definition.secret, () => Buffer.alloc(32, definition.name.length));
  const event = { id: 'evt_1', type: 'a.b', timestampMs: Date.now(), data: '{"grüße":"日本 <&>"}', hasUnsafeInteger: false };
  const body = compiled.body(event, 'ep_1', compiled.facts({ id: 'ep_1', name: 'x' }, { roomUrlBase: 'wss://x.example' }));
  const headers = (ageSeconds = 0, by = secret): { readonly [name: string]: string } => {
    const message = {
      id: compiled.eventId('evt_1'),
      timestampSeconds: Math.floor(Date.now() / 1000) - ageSeconds,
      body: Buffer.from(body),
    };
    const all = [...messageHeaders(compiled, 'evt_1', 'Waxwing'), ...sign(definition.signature, message, [by])];
    return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value]));
  };
  const sampleMessage = { secret, headers: [...messageHeaders(compiled, 'evt_1', 'Waxwing')], body };
  return { profile: { ...definition, version: 1, builtIn: false, sampleMessage }, secret, headers, body };
}

suite('verify snippets', () => {
  let folder = '';
  const cases = [
    ...BUILT_IN_PROFILES.values(),
    ...Object.entries(OWN).map(([name, input]) => compileProfile(parseProfileDefinition(name, input))),
  ].map(caseOf);
  const signsTime = ({ profile }: Case): boolean =>
    profile.signature.kind === 'standard-webhooks' ||
    (profile.signature.kind === 'hmac-template' && profile.signature.timestampHeader !== null);

  /** Messages of a case, and whether each is true. */
  const messages = (
    one: Case,
  ): readonly { readonly headers: object; readonly body: string; readonly secret: string; readonly good: boolean }[] => {
    const { body, secret } = one;
    const other = caseOf({ ...compileProfile(one.profile), definition: { ...one.profile, name: `${one.profile.name}-other` } }).secret;
    return [
      { headers: one.headers(), body, secret, good: true },
      { headers: one.headers(), body: `${body} `, secret, good: false },
      { headers: one.headers(0, other), body, secret, good: false },
      { headers: {}, body, secret, good: false },
      ...(signsTime(one) ? [{ headers: one.headers(400), body, secret, good: false }] : []),
    ];
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'waxwing-snippets-'));
    symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('every profile has one in every language', () => {
    for (const { profile } of cases) for (const { id } of LANGUAGES) assert.ok(snippet(id, profile).length > 300, `${profile.name} ${id}`);
  });

  test('TypeScript: takes what is signed and nothing else', async (t) => {
    t.mock.method(console, 'log', () => undefined);
    t.mock.method(console, 'error', () => undefined);
    for (const one of cases) {
      const path = join(folder, `${one.profile.name}.mts`);
      writeFileSync(path, snippet('typescript', one.profile));
      const module: { readonly POST: (request: Request) => Promise<Response> } = await import(pathToFileURL(path).href);
      for (const { headers, body, secret, good } of messages(one)) {
        process.env['WEBHOOK_SECRET'] = secret;
        const answer = await module.POST(new Request('http://x.example', { method: 'POST', headers: { ...headers }, body }));
        assert.equal(answer.status, good ? 204 : 401, `${one.profile.name} ${body} ${JSON.stringify(headers)}`);
      }
    }
    delete process.env['WEBHOOK_SECRET'];
  });

  /** What can be said of a snippet on a machine without its runtime. */
  function assertCompares(language: 'python' | 'curl', by: RegExp): void {
    for (const { profile } of cases) assert.match(snippet(language, profile), by, profile.name);
  }

  test('Python: takes what is signed and nothing else', () => {
    if (!hasAll('python3')) return assertCompares('python', /compare_digest/);
    const tries = cases.map((one, index) => {
      writeFileSync(join(folder, `snippet_${index}.py`), snippet('python', one.profile));
      return messages(one);
    });
    writeFileSync(join(folder, 'tries.json'), JSON.stringify(tries));
    writeFileSync(
      join(folder, 'run.py'),
      `import importlib, json, sys
sys.path.insert(0, sys.argv[1])
tries = json.load(open(sys.argv[1] + "/tries.json", encoding="utf-8"))
print(json.dumps([[importlib.import_module(f"snippet_{i}").verify(m["headers"], m["body"].encode(), m["secret"]) for m in ms] for i, ms in enumerate(tries)]))
`,
    );
    const said: unknown = JSON.parse(execFileSync('python3', [join(folder, 'run.py'), folder], { encoding: 'utf8' }));
    assert.deepEqual(
      said,
      tries.map((each) => each.map(({ good }) => good)),
    );
  });

  test('curl and openssl: what the script signs and sends verifies at the receiver', async () => {
    if (!hasAll('sh', 'curl', 'openssl')) return assertCompares('curl', /openssl/);
    const results: string[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const index = Number(request.url?.slice(1));
        const one = cases[index];
        assert.ok(one !== undefined);
        const { name, signature, envelope } = one.profile;
        void verify({ name, signature, envelope }, { headers: request.headers, body: Buffer.concat(chunks) }, one.secret).then((result) => {
          results.push(`${name} ${result.ok ? 'ok' : result.explain()}`);
          response.writeHead(204).end();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    for (const [index, one] of cases.entries()) {
      const path = join(folder, `${one.profile.name}.sh`);
      writeFileSync(path, snippet('curl', one.profile));
      const env = { PATH: process.env['PATH'], HOME: folder, WEBHOOK_SECRET: one.secret };
      await promisify(execFile)('bash', [path, `http://127.0.0.1:${address.port}/${index}`], { env });
    }
    server.close();
    assert.deepEqual(
      results,
      cases.map(({ profile }) => `${profile.name} ok`),
    );
  });
});
