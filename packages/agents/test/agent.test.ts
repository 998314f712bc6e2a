import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgentError, defineAgent } from '@waxwing/agents';
import type { AgentContext } from '@waxwing/agents';
import { z } from 'zod';
import { Adder } from '../../../examples/adder/adder.ts';
import { sdk } from '../src/sdk.ts';

const context: AgentContext = {
  roomName: 'r',
  room: new sdk.RoomClient({ protocolFactory: sdk.WebSocketClientProtocol.createFactory({ url: 'ws://127.0.0.1:9', token: 't' }) }),
  callerId: null,
  callArguments: {},
  signal: new AbortController().signal,
};

describe('an agent', () => {
  test('answers input that its model takes', async () => {
    assert.deepEqual(await Adder.answer(context, { a: 2, b: 3 }), { kind: 'answered', output: { result: 5 } });
  });

  for (const [what, input, explanation] of [
    ['a field of the wrong type', { a: 'two', b: 3 }, /^a: .*expected (number|int)/],
    ['a missing field', { a: 2 }, /^b: /],
    ['a fraction', { a: 2.5, b: 3 }, /^a: /],
    ['an extra field', { a: 2, b: 3, c: 4 }, /"c"/],
    ['no object', [2, 3], /expected object/],
    ['nothing', undefined, /expected object/],
  ] as const) {
    test(`refuses ${what}, and names it`, async () => {
      const outcome = await Adder.answer(context, input);
      assert.equal(outcome.kind, 'invalid_input');
      assert.match('explanation' in outcome ? outcome.explanation : '', explanation);
    });
  }

  const model = { name: 'a', input: z.object({}), output: z.object({ result: z.int() }) };

  test('does not let out what its output model refuses, an extra field included', async () => {
    for (const [output, explanation] of [
      [{ result: 'five' }, /^result: /],
      [{ result: 5, secret: 's' }, /"secret"/],
    ] as const) {
      const agent = defineAgent({ ...model, output: model.output as never, ask: () => output as never });
      const outcome = await agent.answer(context, {});
      assert.equal(outcome.kind, 'invalid_output');
      assert.match('explanation' in outcome ? outcome.explanation : '', explanation);
    }
  });

  test('tells the caller an AgentError’s message, and of any other error only that it failed', async () => {
    const refusing = defineAgent({
      ...model,
      ask: () => {
        throw new AgentError('not on Sundays');
      },
    });
    assert.deepEqual(await refusing.answer(context, {}), { kind: 'refused', explanation: 'not on Sundays' });
    const error = new Error('password is 1234');
    const failing = defineAgent({ ...model, ask: () => Promise.reject(error) });
    assert.deepEqual(await failing.answer(context, {}), { kind: 'failed', explanation: 'a could not answer', error });
  });

  test('shows its models as JSON Schemas that refuse extra fields', () => {
    const integer = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
    assert.deepEqual(Adder.inputSchema, {
      type: 'object',
      properties: { a: integer, b: integer },
      required: ['a', 'b'],
      additionalProperties: false,
    });
    assert.equal(Adder.outputSchema['additionalProperties'], false);
  });

  test('keeps what its models check beside their fields', async () => {
    const ordered = z.object({ a: z.int(), b: z.int() }).refine(({ a, b }) => a <= b, 'a must not be greater than b');
    const agent = defineAgent({ ...model, input: ordered, ask: () => ({ result: 1 }) });
    assert.equal((await agent.answer(context, { a: 1, b: 2 })).kind, 'answered');
    assert.deepEqual(await agent.answer(context, { a: 2, b: 1 }), { kind: 'invalid_input', explanation: 'a must not be greater than b' });
  });

  test('cannot be defined without a name, with a model that takes any field, or one that JSON Schema cannot tell', () => {
    const ask = (): { result: number } => ({ result: 1 });
    assert.throws(() => defineAgent({ ...model, name: ' ', ask }), { code: 'invalid_setting' });
    assert.throws(() => defineAgent({ ...model, input: z.looseObject({}), ask }), { code: 'invalid_schema', message: /input model of a/ });
    assert.throws(() => defineAgent({ ...model, input: z.object({}).catchall(z.string()), ask }), { code: 'invalid_schema' });
    assert.throws(() => defineAgent({ ...model, input: z.object({ at: z.date() }), ask }), {
      code: 'invalid_schema',
      message: /JSON Schema/,
    });
  });
});
