import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { SCHEMES, schemeOfProfile, verifySync, WebhookServer } from '@waxwing/receiver';
import type { SchemeName } from '@waxwing/receiver';
import { eventTypesOf } from '../src/event-types.ts';
import { generatedFiles } from './generated-files.ts';

const isSchemeName = (name: string): name is SchemeName => Object.hasOwn(SCHEMES, name);

describe('every built-in profile', () => {
  for (const [name, { definition }] of BUILT_IN_PROFILES) {
    test(`${name} is known to the receiver, with the same signature and places as the sender's`, () => {
      assert.ok(isSchemeName(name));
      const { signature, event } = schemeOfProfile(definition);
      assert.deepEqual({ ...SCHEMES[name].signature }, { ...signature });
      assert.deepEqual(SCHEMES[name].event, event);
    });
  }
});

describe('what is generated is current: types and schemas say what the catalogues say, the published vectors what their sources say', () => {
  const files = generatedFiles();
  for (const [name, text] of files) {
    test(name, () => {
      const file = readFileSync(new URL(`../src/generated/${name}`, import.meta.url), 'utf8');
      assert.ok(file === text, 'run node packages/receiver/test/generate-events.ts');
    });
  }
  test('and there is nothing else', () => {
    assert.deepEqual(readdirSync(new URL('../src/generated/', import.meta.url)).toSorted(), [...files.keys()].toSorted());
  });
});

test('events are typed from the catalogue, and a misspelt type or field does not compile', () => {
  const server = new WebhookServer({ profile: 'humanconnection', secret: 'a secret for tests' });
  server.on('meeting.completed', (event) => {
    const type: 'meeting.completed' = event.type;
    const id: string = event.data.meeting_id;
    const status: string | undefined = event.data.status;
    // @ts-expect-error -- no such field
    return void [type, id, status, event.data.meetingId];
  });
  // @ts-expect-error -- no such type
  server.on('meeting.complete', () => {});
  server.onAny((event) => {
    if (event.type === 'payment.failed') return void event.data.reward_id;
    // @ts-expect-error -- told apart by type
    return void event.data.reward_id.length;
  });
  new WebhookServer({ profile: 'standard', secret: `whsec_${'A'.repeat(44)}` }).on('whatever.you.like', (event) => void event.data);
  new WebhookServer<'standard', { 'order.paid': { readonly total: number } }>({
    profile: 'standard',
    secret: `whsec_${'A'.repeat(44)}`,
  }).on('order.paid', (event) => void event.data.total.toFixed());
  const result = verifySync('joai', { headers: {}, body: '' }, 'a secret for tests');
  if (result.ok && result.event.type === 'user.message') assert.fail(result.event.data.user.name);
});

test('a catalogue is printed with optional, nested, enumerated and unnameable members', () => {
  const text = eventTypesOf('acme-co', [
    {
      name: 'order.paid',
      description: 'An order was paid */ for',
      schema: {
        type: 'object',
        required: ['total', 'kind'],
        properties: {
          total: { type: 'integer' },
          kind: { enum: ['a', "b'c"] },
          tags: { type: 'array', items: { type: ['string', 'null'] } },
          'odd-name': { anyOf: [{ type: 'string' }, { const: 5 }] },
        },
      },
      sample: { total: 5, kind: 'a', note: { text: 'x' }, list: [1, 'a'], none: null },
    },
  ]);
  assert.match(text, /export interface AcmeCoEvents \{\n {2}readonly 'order\.paid': OrderPaidData;/);
  for (const line of [
    'readonly total: number;',
    "readonly kind: 'a' | 'b\\'c';",
    'readonly tags?: readonly (string | null)[];',
    "readonly 'odd-name'?: string | 5;",
    'readonly note?: {',
    'readonly list?: readonly (number | string)[];',
    'readonly none?: unknown;',
    'paid * / for',
  ]) {
    assert.ok(text.includes(line), `${line} is not in\n${text}`);
  }
});
