// Agents: a name, what goes in, what comes out, and the function between.
//
// 1. Both models refuse fields that they do not name, at their top level whatever the author wrote; an object further
//    down does when it is a `z.strictObject`.
// 2. `ask` never sees input that its model refuses, and no caller sees output that its model refuses.
// 3. What goes wrong inside an agent stays inside: callers read only that it failed, save for an AgentError.

import { WaxwingError } from '@waxwing/protocol/errors';
import type { RoomClient } from '@meshagent/meshagent';
import { z } from 'zod';

/** What an agent is told beside its input. */
export interface AgentContext {
  readonly roomName: string;
  /** MeshAgent's client, joined to the room: its storage, messages, and the other agents' tools. */
  readonly room: RoomClient;
  /** The participant who asks; null where the room does not say. */
  readonly callerId: string | null;
  /** What the `room.call` that brought the agent here was given; empty when the room only started. */
  readonly callArguments: { readonly [name: string]: unknown };
  /** Aborted when nobody can read the answer any more: the room is closed, or the server has waited long enough to stop. */
  readonly signal: AbortSignal;
}

export interface AgentDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** The name it is found by in a room, such as `samples.adder`. */
  readonly name: string;
  /** For people. Default: the name. */
  readonly title?: string;
  /** For people, and for models that choose a tool. */
  readonly description?: string;
  readonly input: Input;
  readonly output: Output;
  /** Answers one call. May run many times at once. */
  ask(context: AgentContext, input: z.output<Input>): z.input<Output> | Promise<z.input<Output>>;
}

/** A JSON Schema, as rooms are given it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What came of one call. `explanation` is for the caller; `error` is what was thrown, for the log. */
export type AskOutcome =
  | { readonly kind: 'answered'; readonly output: { readonly [field: string]: unknown } }
  | { readonly kind: 'invalid_input' | 'refused'; readonly explanation: string }
  | { readonly kind: 'invalid_output' | 'failed'; readonly explanation: string; readonly error: unknown };

/** An agent as a server takes it. Made by `defineAgent`. */
export interface Agent {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  /** Checks the input, asks, checks the output. Never rejects. */
  answer(context: AgentContext, input: unknown): Promise<AskOutcome>;
}

/** Thrown by an `ask` to tell the caller why there is no answer. Any other error's message is for the log alone. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
}

/**
 * Defines an agent. What it returns can serve any number of rooms at once.
 * @throws WaxwingError `invalid_setting` without a name; `invalid_schema` when a model takes any field, or cannot be told as JSON Schema
 * @example
 * export const Adder = defineAgent({
 *   name: 'samples.adder',
 *   input: z.object({ a: z.int(), b: z.int() }),
 *   output: z.object({ result: z.int() }),
 *   ask: (context, { a, b }) => ({ result: a + b }),
 * });
 */
export function defineAgent<Input extends z.ZodObject, Output extends z.ZodObject>(definition: AgentDefinition<Input, Output>): Agent {
  const { name } = definition;
  if (name.trim() === '') throw new WaxwingError('invalid_setting', 'An agent needs a name: rooms find it by that.');
  const input = closed(definition.input, `The input model of ${name}`);
  const output = closed(definition.output, `The output model of ${name}`);
  return Object.freeze({
    name,
    title: definition.title ?? name,
    description: definition.description ?? '',
    inputSchema: jsonSchema(input, 'input', `The input model of ${name}`),
    outputSchema: jsonSchema(output, 'output', `The output model of ${name}`),
    async answer(context: AgentContext, given: unknown): Promise<AskOutcome> {
      try {
        const asked = await input.safeParseAsync(given);
        if (!asked.success) return { kind: 'invalid_input', explanation: faultsOf(asked.error) };
        const answered = await output.safeParseAsync(await definition.ask(context, asked.data));
        if (answered.success) return { kind: 'answered', output: answered.data };
        return { kind: 'invalid_output', explanation: faultsOf(answered.error), error: answered.error };
      } catch (error) {
        if (error instanceof AgentError) return { kind: 'refused', explanation: error.message };
        return { kind: 'failed', explanation: `${name} could not answer`, error };
      }
    },
  });
}

/** The same model, refusing fields that it does not name. */
function closed<Model extends z.ZodObject>(model: Model, what: string): Model {
  const { catchall } = model.def;
  if (catchall !== undefined && !(catchall instanceof z.ZodNever)) {
    throw new WaxwingError(
      'invalid_schema',
      `${what} takes any field (a loose object, or a catchall). Name the fields: others are refused.`,
    );
  }
  return model.clone({ ...model.def, catchall: z.never() });
}

function jsonSchema(model: z.ZodObject, io: 'input' | 'output', what: string): JsonSchema {
  try {
    const { $schema: _version, ...schema } = z.toJSONSchema(model, { io });
    return schema;
  } catch (cause) {
    throw new WaxwingError('invalid_schema', `${what} cannot be told as JSON Schema: ${messageOf(cause)}.`, { cause });
  }
}

/** Each fault with the field's path: `a: Invalid input: expected number, received string`. */
function faultsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');
}

/** An error in a few words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
