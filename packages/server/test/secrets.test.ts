// Secrets stay where they belong: a whole engine with its server does everything it can with them, good and bad, and then
// everything that came out of it is searched: logs, answers, errors, metrics, operational events, emails, every file.
//
// A secret is in the answer to its creation and rotation; the values of custom headers in the endpoint's own resource, for
// whoever edits it. Nowhere else, in no spelling (as it stands, escaped, base64, hex).

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { backupStore, createEngine, sqlite, type Engine, type Mail, type Mailer } from '@waxwing/engine';
import { createLog, engineLog } from '../src/index.ts';
import { record, start, type Answer, type Harness } from './harness.ts';

const ADMIN_KEY = 'admin-key-of-the-secrets-test-0123456789';
const HEADER = 'Bearer "quoted" credential/of+the receiver=';
const SHORT_HEADERS = { authorization: HEADER, 'x-api-key': 'receiver-api-key-8f3a', 'x-echo': 'yes' };

/** Everything that was seen, by where. */
class Haystack {
  readonly #seen: { readonly where: string; readonly text: string }[] = [];

  add(where: string, text: string): void {
    this.#seen.push({ where, text });
  }

  /** Where a needle is, in any spelling. */
  find(needle: string): readonly string[] {
    const bytes = Buffer.from(needle);
    const inJson = JSON.stringify(needle).slice(1, -1);
    // Twice: a receiver's answer in JSON, within our own.
    const spellings = [needle, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(needle), bytes.toString('hex')];
    // Within longer base64 the ends depend on what stands around: the middle does not, at each of three offsets.
    for (const offset of [0, 1, 2])
      spellings.push(
        Buffer.from(bytes.subarray(offset))
          .toString('base64')
          .slice(0, Math.floor((bytes.length - offset) / 3) * 4),
      );
    return this.#seen.filter(({ text }) => spellings.some((spelling) => text.includes(spelling))).map(({ where }) => where);
  }

  get size(): number {
    return this.#seen.length;
  }
}

class KeptMails implements Mailer {
  readonly mails: Mail[] = [];

  async send(mail: Mail): Promise<{ readonly kind: 'sent' }> {
    this.mails.push(mail);
    return { kind: 'sent' };
  }

  async close(): Promise<void> {}
}

/** Answers with what it was sent, as debugging services and redirects to a login do: with the status in its path. */
async function echoingReceiver(t: TestContext): Promise<string> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    request.on('end', () => {
      const status = Number(request.url?.slice(1, 4));
      const sent = request.headers.authorization ?? '';
      const location = `https://login.example/?as=${encodeURIComponent(sent)}&key=${String(request.headers['x-api-key'])}`;
      response.writeHead(status, { 'x-you-sent': sent, location, 'content-type': 'text/plain' });
      response.end(`you sent:\n${request.rawHeaders.join('\n')}\n${JSON.stringify(request.headers)}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

test('no secret and no custom header value is in any log, error, answer, metric, notice, email or file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-secrets-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const seen = new Haystack();
  const log = createLog({ level: 'debug', stream: { write: (line) => seen.add('log', line) } });
  const mailer = new KeptMails();
  const engine: Engine = await createEngine({
    store: sqlite(folder),
    log: engineLog(log),
    mailer,
    egress: { allowHttp: true, allowPrivateNetworks: true },
  });
  t.after(() => engine.close());
  await engine.keys.create({ scope: 'admin' }, { key: ADMIN_KEY });
  const harness: Harness = await start(engine, ADMIN_KEY, { log });
  t.after(() => harness.close());
  const receiver = await echoingReceiver(t);

  const secrets = new Set<string>([readFileSync(join(folder, 'master.key'), 'utf8').trim(), ADMIN_KEY]);
  /** Calls, and keeps the answer unless it is one that shows secrets once; then notes them. */
  const call = async (method: string, path: string, json?: unknown): Promise<Answer> => {
    const answer = await harness.call(method, path, json === undefined ? {} : { json });
    const body = typeof answer.body === 'object' && answer.body !== null ? record(answer.body) : {};
    const shown = [body['secret'], body['key']].filter((value) => typeof value === 'string');
    for (const secret of shown) secrets.add(secret);
    if (shown.length === 0) seen.add(`${method} ${path}`, JSON.stringify([...answer.headers]) + withoutHeaders(answer));
    return answer;
  };

  // Everything that takes or makes secrets, rightly and wrongly.
  const made: { readonly tenant: string; readonly id: string }[] = [];
  for (const profile of BUILT_IN_PROFILES.keys()) {
    const tenant = `tenant-${profile}`;
    await call('PUT', `/v1/tenants/${tenant}`, { profile, notifyEmails: ['ops@acme.example'] });
    for (const status of [200, 500, 410, 302]) {
      const headers = SHORT_HEADERS;
      const answer = await call('POST', `/v1/tenants/${tenant}/endpoints`, { url: `${receiver}/${status}`, headers, maxRetries: 0 });
      assert.equal(answer.status, 201, answer.text);
      made.push({ tenant, id: String(record(answer.body)['id']) });
    }
    const wrong = { url: `${receiver}/200`, secret: 'sh0rt!x', headers: { 'content-length': 'wrong-header-value' } };
    assert.equal((await call('POST', `/v1/tenants/${tenant}/endpoints`, wrong)).status, 400);
    secrets.add('wrong-header-value');
    assert.equal(
      (await call('POST', `/v1/tenants/${tenant}/endpoints`, { ...wrong, headers: { 'x-a': 'line\nbreak-in-a-value' } })).status,
      400,
    );
    secrets.add('break-in-a-value');
    const badSecret = { url: 'https://receiver.example/', secret: 'whsec_not base64 at all!' };
    if (profile === 'standard') assert.equal((await call('POST', `/v1/tenants/${tenant}/endpoints`, badSecret)).status, 400);
  }
  secrets.add('sh0rt!x').add('not base64 at all!');
  for (const { tenant, id } of made.slice(0, 4)) {
    await call('POST', `/v1/tenants/${tenant}/endpoints/${id}/secret/rotate`, {});
    await call('PATCH', `/v1/tenants/${tenant}/endpoints/${id}`, {
      headers: { ...SHORT_HEADERS, 'x-second': 'a-second-value-of-a-header' },
    });
  }
  secrets.add('a-second-value-of-a-header');
  await call('POST', '/v1/keys', { scope: 'tenant', tenant: 'tenant-standard' });
  seen.add('a wrong key', (await harness.call('GET', '/v1/keys', { key: 'wxw_a-wrong-key-0123456789abcdef' })).text);
  secrets.add('wxw_a-wrong-key-0123456789abcdef');

  // Deliveries that succeed, fail and disable; operational events about them.
  await call('POST', '/v1/tenants/waxwing/endpoints', { url: `${receiver}/200` });
  for (const [profile, { definition }] of BUILT_IN_PROFILES) {
    const [sample] = definition.eventTypes;
    if (sample !== undefined) await call('POST', `/v1/tenants/tenant-${profile}/events`, { type: sample.name, data: sample.sample });
  }
  while (engine.status().pending > 0 || engine.status().emails.waiting > 0 || mailer.mails.length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));

  // Everything that can be read.
  const paths = [
    '/v1/endpoints',
    '/v1/events',
    '/v1/deliveries',
    '/v1/notices',
    '/v1/tenants',
    '/v1/keys',
    '/v1/profiles',
    '/v1/event-types',
    '/metrics',
    '/openapi.json',
    '/',
    '/readyz',
  ];
  for (const { tenant, id } of made) {
    const of = `/v1/tenants/${tenant}`;
    paths.push(`${of}/endpoints`, `${of}/endpoints/${id}`, `${of}/events`, `${of}/deliveries?endpoint=${id}`, `/v1/lookup/${id}`);
  }
  for (const { id, tenant, event } of (await engine.deliveries.list(null, { limit: 250 })).data)
    paths.push(`/v1/tenants/${tenant}/deliveries/${id}`, `/v1/tenants/${tenant}/events/${event}`, `/v1/lookup/${id}`);
  for (const path of paths) assert.equal((await call('GET', path)).status, 200, path);
  for (const mail of mailer.mails) seen.add('email', JSON.stringify(mail));
  const files = (what: string, where: string): void => {
    for (const name of readdirSync(where).filter((file) => file !== 'master.key' && file !== 'lock.db'))
      seen.add(`${what} ${name}`, readFileSync(join(where, name), 'latin1'));
  };
  for (const { tenant, id } of made.slice(0, 2)) await call('DELETE', `/v1/tenants/${tenant}/endpoints/${id}`);
  // While the store is open and its log is full, by another process: reading a file that SQLite has open here would drop its locks.
  const copies = mkdtempSync(join(tmpdir(), 'waxwing-secrets-copies-'));
  t.after(() => rmSync(copies, { recursive: true, force: true }));
  execFileSync('cp', ['-R', folder, join(copies, 'running')]);
  const backup = await backupStore(folder, join(copies, 'backup'));
  const logged = statSync(join(copies, 'running', 'waxwing.db-wal')).size;
  assert.ok(logged > 100_000 && backup.bytes > 100_000, `${logged} bytes of the store’s log, ${backup.bytes} of its backup`);
  await harness.close();
  await engine.close();
  for (const [what, where] of [
    ['file', folder],
    ['running file', join(copies, 'running')],
    ['backup file', join(copies, 'backup')],
  ] as const)
    files(what, where);

  assert.ok(
    made.length >= 9 && secrets.size >= 20 && seen.size > 200,
    `${made.length} endpoints, ${secrets.size} secrets, ${seen.size} texts`,
  );
  assert.notDeepEqual(seen.find('ops@acme.example'), [], 'the search finds what is there');
  assert.ok(
    seen.find('you sent').some((where) => where.includes('/deliveries/')),
    'and sees what receivers answered',
  );
  for (const where of ['file waxwing.db', 'running file waxwing.db-wal', 'backup file waxwing.db'])
    assert.ok(seen.find('tenant-standard').includes(where), `${where} was searched`);
  for (const secret of [...secrets, HEADER, SHORT_HEADERS['x-api-key']]) assert.deepEqual(seen.find(secret), [], `found: ${secret}`);
  for (const secret of secrets) {
    const bare = secret.replace(/^(whsec|whsk)_/, '');
    assert.deepEqual(seen.find(bare), [], `found without its prefix: ${secret}`);
  }
});

test('whoever may only read an endpoint sees the names of its custom headers, and (hidden) for their values', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-readers-'));
  const engine = await createEngine({ store: sqlite(folder) });
  t.after(async () => {
    await engine.close({ graceMs: 0 });
    rmSync(folder, { recursive: true, force: true });
  });
  await engine.keys.create({ scope: 'admin' }, { key: ADMIN_KEY });
  const harness = await start(engine, ADMIN_KEY);
  t.after(() => harness.close());
  const { id } = await engine.endpoints.create('acme', { url: 'https://receiver.example/', headers: SHORT_HEADERS });
  const shown = async (key: string, path: string): Promise<unknown> => {
    const { status, body, text } = await harness.call('GET', path, { key });
    assert.equal(status, 200, text);
    const whole = record(body);
    const [first]: readonly unknown[] = Array.isArray(whole['data']) ? whole['data'] : [whole['resource'] ?? whole];
    return record(first)['headers'];
  };
  const of = '/v1/tenants/acme/endpoints';
  const hidden = { authorization: '(hidden)', 'x-api-key': '(hidden)', 'x-echo': '(hidden)' };
  const reader = (await engine.keys.create({ scope: 'tenant', tenant: 'acme', actions: ['read'] })).key;
  const editor = (await engine.keys.create({ scope: 'tenant', tenant: 'acme', actions: ['read', 'manage'] })).key;
  const operator = (await engine.keys.create({ scope: 'read' })).key;
  for (const path of [of, `${of}/${id}`]) {
    assert.deepEqual(await shown(reader, path), hidden, path);
    assert.deepEqual(await shown(operator, path), hidden, path);
    assert.deepEqual(await shown(editor, path), SHORT_HEADERS, path);
  }
  for (const path of ['/v1/endpoints', `/v1/lookup/${id}`]) {
    assert.deepEqual(await shown(operator, path), hidden, path);
    assert.deepEqual(await shown(ADMIN_KEY, path), SHORT_HEADERS, path);
  }
});

/** An answer without the custom headers that an endpoint's own resource shows: names and values as they were given. */
function withoutHeaders(answer: Answer): string {
  if (typeof answer.body !== 'object' || answer.body === null) return answer.text;
  return JSON.stringify(answer.body, (name, value: unknown) =>
    name === 'headers' && !Array.isArray(value) && isCustom(value) ? {} : value,
  );
}

function isCustom(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'x-api-key' in value;
}
