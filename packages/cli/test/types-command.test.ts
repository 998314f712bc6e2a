import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { eventTypesOf } from '@waxwing/receiver/event-types';

import { run, startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

const ROOT = join(import.meta.dirname, '../../..');

const ACME = {
  envelope: { id: '{id}', type: '{type}', at: '{timestamp}', data: '{data}' },
  signature: {
    kind: 'hmac-template',
    header: 'X-Acme-Signature',
    algorithm: 'sha256',
    content: '{body}',
    encoding: 'hex',
    prefix: '',
    timestampHeader: null,
    secret: 'utf8',
  },
  eventTypes: [
    {
      name: 'order.paid',
      description: 'An order was paid',
      schema: {
        type: 'object',
        required: ['total', 'by', 'mystery'],
        properties: {
          total: { type: 'integer' },
          by: { enum: ['card', "it's cash", 'line\nbreak'] },
          lines: { items: { properties: { sku: { type: 'string' } }, required: ['sku'] } },
          tags: { type: 'object', additionalProperties: { type: 'string' } },
          open: true,
        },
      },
      sample: { total: 5, by: 'card', mystery: null, note: { text: 'x' } },
    },
    { name: 'order_paid', description: 'Differs in punctuation', schema: { type: 'object' }, sample: {} },
  ],
};

/** Compiles a receiver's program beside the types as strictly as TypeScript can; resolves with what it says. */
async function compile(t: TestContext, types: string, program: string): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'src'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true,
    isolatedDeclarations: true,
    declaration: true,
    skipLibCheck: true,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  await writeFile(join(folder, 'src/events.ts'), types);
  await writeFile(join(folder, 'src/program.ts'), program);
  return (await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder])).stdout;
}

test('a custom profile’s types compile strictly, are known to the receiver, and narrow by type', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'acme.json'), JSON.stringify({ name: 'acme-co', ...ACME }));
  const out = join(folder, 'events.ts');
  const made = await waxwing(['types', '--profile-file', join(folder, 'acme.json'), '--out', out]);
  assert.equal(made.status, 0, made.stderr);
  assert.equal(made.stdout, '');
  assert.match(made.stderr, /^2 event types of acme-co written to /);
  const types = await readFile(out, 'utf8');

  const program = `
import { verifySync, WebhookServer } from '@waxwing/receiver';
import type { ProfileLike } from '@waxwing/receiver';
import type { AcmeCoEvents, OrderPaidData2 } from './events.ts';

const acme = {
  name: 'acme-co',
  envelope: ${JSON.stringify(ACME.envelope)},
  signature: ${JSON.stringify(ACME.signature)},
} as const satisfies ProfileLike;
const server = new WebhookServer({ profile: acme, secret: 'a secret of mine' });
server.on('order.paid', (event) => {
  const total: number = event.data.total;
  const by: 'card' | "it's cash" | 'line\\nbreak' = event.data.by;
  const sku: string | undefined = event.data.lines?.[0]?.sku;
  const tag: string | undefined = event.data.tags?.['a'];
  const mystery: unknown = event.data.mystery;
  // @ts-expect-error -- the sample's own field may be absent
  event.data.note.text;
  // @ts-expect-error -- no such field
  event.data.totals;
  return void [total, by, sku, tag, mystery];
});
// @ts-expect-error -- no such type
server.on('order.payed', () => {});
const result = verifySync(acme, { headers: {}, body: '' }, 'a secret of mine');
if (result.ok && result.event.type === 'order.paid') result.event.data.total.toFixed();
// @ts-expect-error -- told apart by type
if (result.ok) result.event.data.total.toFixed();
const other: OrderPaidData2 = { anything: 1 };
export type Types = keyof AcmeCoEvents;
export const types: readonly Types[] = ['order.paid', 'order_paid'];
void other;
`;
  assert.equal(await compile(t, types, program), '');
  // The same program must not compile where the types are not known to the receiver: the guard can fail.
  const standalone = await waxwing(['types', '--profile-file', join(folder, 'acme.json'), '--standalone']);
  assert.match(await compile(t, standalone.stdout, program), /program\.ts.*error TS2/);
});

test('a built-in profile’s types are the receiver’s own, and compile alone', async (t) => {
  for (const [name, { definition }] of BUILT_IN_PROFILES) {
    const { status, stdout, stderr } = await waxwing(['types', '--profile', name, '--standalone']);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, eventTypesOf(name, definition.eventTypes, 'Made by `waxwing types`'));
  }
  const { stdout } = await waxwing(['types', '--profile', 'humanconnection']);
  assert.doesNotMatch(stdout, /declare module/);
  const program = `
import { WebhookServer } from '@waxwing/receiver';
import type { HumanconnectionEvents } from './events.ts';
new WebhookServer<'humanconnection', HumanconnectionEvents>({ profile: 'humanconnection', secret: 'a secret of mine' })
  .on('meeting.completed', (event) => void event.data.meeting_id.length);
`;
  assert.equal(await compile(t, stdout, program), '');
});

test('a custom profile’s schemas compile strictly, and a receiver checks payloads by them', async (t) => {
  const folder = await temporaryFolder(t);
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'acme.json'), JSON.stringify({ name: 'acme-co', ...ACME }));
  const out = join(folder, 'schemas.ts');
  const made = await waxwing(['types', '--profile-file', join(folder, 'acme.json'), '--schemas', '--out', out]);
  assert.deepEqual([made.status, made.stdout], [0, ''], made.stderr);
  assert.match(made.stderr, /^2 schemas of acme-co written to /);

  const program = `
import { createReceiver } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';
import { acmeCoSchemas } from './FILE';
const profile = { name: 'acme-co', signature: ${JSON.stringify(ACME.signature)}, envelope: ${JSON.stringify(ACME.envelope)} } as const;
const sender = new TestSender(profile);
const receiver = createReceiver({ profile, secret: sender.secret, schemas: acmeCoSchemas, log: () => {} });
const statuses: number[] = [];
for (const data of [{ total: 5, by: 'card', mystery: null }, { total: 'five', by: 'card', mystery: null }, {}]) {
  statuses.push((await receiver.receive(sender.signed({ type: 'order.paid', data }))).status);
}
console.log(statuses.join());
`;
  assert.equal(await compile(t, await readFile(out, 'utf8'), program.replace('FILE', 'events.ts')), '');
  await writeFile(join(folder, 'program.ts'), program.replace('FILE', 'schemas.ts'));
  const ran = await run(process.execPath, [join(folder, 'program.ts')]);
  assert.equal(ran.stdout, '200,422,422\n', ran.stderr);

  const beyond = { ...ACME, eventTypes: [{ ...ACME.eventTypes[1], schema: { unevaluatedProperties: false } }] };
  await writeFile(join(folder, 'beyond.json'), JSON.stringify({ name: 'beyond', ...beyond }));
  const refused = await waxwing(['types', '--profile-file', join(folder, 'beyond.json'), '--schemas']);
  assert.deepEqual([refused.status, refused.stdout], [1, '']);
  assert.match(refused.stderr, /unevaluatedProperties.*ajv/);
});

test('a server’s catalogue comes with the types that were added to it', async (t) => {
  const folder = await temporaryFolder(t);
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', join(folder, 'store')]);
  const [, key = ''] = await server.saw(/^Admin key: (wxw_\S+)$/m);
  const [url] = await server.saw(/http:\/\/127\.0\.0\.1:\d+/);
  const put = async (path: string, body: unknown): Promise<void> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/v1/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
    assert.ok(response.ok, await response.text());
  };
  await put('profiles/acme', ACME);
  await put('event-types/order.refunded', { profile: 'acme', sample: { refund: 'r_1' } });

  const made = await waxwing(['types', '--profile', 'acme'], { env: { WAXWING_URL: url, WAXWING_KEY: key } });
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /export interface OrderRefundedData \{\n {2}readonly refund\?: string;/);
  assert.match(made.stdout, /interface AcmeEvents \{\n.*'order\.paid'.*\n.*order_paid.*\n.*'order\.refunded'/);
  assert.match(made.stdout, /readonly acme: AcmeEvents;/);
  assert.equal((await waxwing(['types', '--profile', 'acme', '--url', url, '--key', key])).stdout, made.stdout);

  const absent = await waxwing(['types', '--profile', 'nobody', '--url', url, '--key', key]);
  assert.equal(absent.status, 1);
  assert.match(absent.stderr, /nobody/);
});

test('what has no types to write is refused, and says how to ask', async (t) => {
  const folder = await temporaryFolder(t);
  const empty = join(folder, 'empty.json');
  await writeFile(empty, JSON.stringify({ ...ACME, eventTypes: [] }));
  const wrong: readonly (readonly [args: readonly string[], status: number, says: RegExp])[] = [
    [['types'], 2, /no profile: give one with --profile or --profile-file/],
    [['types', '--profile', 'joay'], 2, /did you mean joai\?/],
    [['types', '--profile', 'joai', '--profile-file', 'x.json'], 2, /leave --profile, --url and --key out/],
    [['types', '--profile-file', join(folder, 'absent.json')], 2, /cannot be read/],
    [['types', '--profile-file', empty], 1, /has no event types/],
    [['types', '--profile', 'joai', '--out', join(folder, 'no/such/folder.ts')], 1, /--out: .* cannot be written/],
  ];
  for (const [args, status, says] of wrong) {
    const ended = await waxwing(args);
    assert.match(ended.stderr, says);
    assert.equal(ended.status, status);
  }
});
