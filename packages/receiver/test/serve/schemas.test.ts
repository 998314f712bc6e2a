import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { z } from 'zod';
import { createReceiver } from '@waxwing/receiver';
import type { PayloadSchemas, ReceiverNotice } from '@waxwing/receiver';
import { openInbox } from '@waxwing/receiver/inbox';
import { humanconnectionSchemas, joaiSchemas, meetloydSchemas, meshagentSchemas } from '@waxwing/receiver/schemas';
import { TestSender } from '@waxwing/receiver/testing';
import { createReceiver as createWebReceiver } from '../../src/index.ts';

const sender = new TestSender('humanconnection');
const notices: ReceiverNotice[] = [];
const seen: unknown[] = [];

function make(schemas?: PayloadSchemas, create = createReceiver): ReturnType<typeof createReceiver<'humanconnection'>> {
  notices.length = 0;
  seen.length = 0;
  return create({ profile: 'humanconnection', secret: sender.secret, log: (notice) => notices.push(notice), ...(schemas && { schemas }) })
    .onAny((event) => void seen.push(event.type))
    .on('payment.paid', (event) => void seen.push(event.data.amount));
}

const good = { type: 'payment.paid', data: { reward_id: 'r', meeting_id: 'm', amount: 45.5 } };
const bad = { type: 'payment.paid', data: { reward_id: 7, amount: 45.5 } };

describe('a receiver with the schemas of its catalogue', () => {
  for (const [runtime, create] of [
    ['node:crypto', createReceiver],
    ['Web Crypto', createWebReceiver],
  ] as const) {
    test(`answers 422 to data that does not match, before any handler, and says where (${runtime})`, async () => {
      const receiver = make(humanconnectionSchemas, create);
      assert.equal((await receiver.receive(sender.signed(good))).status, 200);
      assert.deepEqual(seen, ['payment.paid', 45.5]);
      const { status, body } = await receiver.receive(sender.signed({ ...bad, id: 'whevt_7' }));
      assert.equal(status, 422);
      const { code, detail }: { code: string; detail: string } = JSON.parse(body);
      assert.deepEqual([code, detail], ['schema_mismatch', '/reward_id must be string; /meeting_id is missing']);
      assert.equal(seen.length, 2);
      assert.partialDeepStrictEqual(notices, [{ kind: 'schema_mismatch', type: 'payment.paid', id: 'whevt_7' }]);
    });
  }

  test('looks at no schema before the signature, and at none of a type without one', async () => {
    const receiver = make(humanconnectionSchemas);
    assert.equal((await receiver.receive(sender.unsigned(bad))).status, 401);
    for (const type of ['payment.refunded', 'constructor', '__proto__']) {
      assert.equal((await receiver.receive(sender.signed({ type, data: {} }))).status, 200);
    }
  });

  test('keeps nothing in its inbox that does not match', async () => {
    const inbox = openInbox(':memory:');
    const { secret } = sender;
    const receiver = createReceiver({ profile: 'humanconnection', secret, inbox, log: () => {}, schemas: humanconnectionSchemas });
    await receiver.start();
    assert.equal((await receiver.receive(sender.signed(bad))).status, 422);
    assert.equal(inbox.counts().waiting, 0);
    await receiver.stop();
  });
});

test('without schemas data is not looked at', async () => {
  assert.equal((await make().receive(sender.signed(bad))).status, 200);
  assert.equal(seen.length, 2);
});

describe('a schema of another library is taken as it is', () => {
  const ajv = new Ajv({ allErrors: true });
  for (const [library, schema, detail] of [
    ['zod', z.object({ reward_id: z.string() }), /^\/reward_id Invalid input: expected string, received number$/],
    ['zod, asking elsewhere', z.object({ reward_id: z.number().refine(async () => false, 'is not ours') }), /^\/reward_id is not ours$/],
    ['ajv', ajv.compile({ type: 'object', properties: { reward_id: { type: 'string' } } }), /^\/reward_id must be string$/],
    ['a function', (data: unknown): boolean => data === null, /^the data does not match its schema$/],
  ] as const) {
    test(library, async () => {
      const { status, body } = await make({ 'payment.paid': schema }).receive(sender.signed(bad));
      assert.equal(status, 422);
      assert.match(String(JSON.parse(body).detail), detail);
    });
  }

  test('handlers get what was signed, whatever a schema would make of it', async () => {
    const trimming = z.object({ reward_id: z.string().transform(() => 'changed'), amount: z.number().transform(() => 0) });
    assert.equal((await make({ 'payment.paid': trimming }).receive(sender.signed(good))).status, 200);
    assert.deepEqual(seen, ['payment.paid', 45.5]);
  });

  test('one that throws makes the answer 500, so that the sender tries again', async () => {
    const receiver = make({
      'payment.paid': () => {
        throw new Error('out of order: secret detail');
      },
    });
    const { status, body } = await receiver.receive(sender.signed(good));
    assert.equal(status, 500);
    assert.doesNotMatch(body, /secret detail/);
    assert.equal(notices[0]?.kind, 'handler_failed');
  });
});

test('every catalogue brings its schemas', () => {
  const counts = [meetloydSchemas, joaiSchemas, humanconnectionSchemas, meshagentSchemas].map((schemas) => Object.keys(schemas).length);
  assert.deepEqual(counts, [17, 3, 9, 6]);
});
