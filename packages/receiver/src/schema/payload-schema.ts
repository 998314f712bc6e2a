// Payload schemas: how a receiver is told what an event's data must look like, and what it says when it does not.
//
// Two forms are taken, so that any library serves: a Standard Schema (zod, valibot, arktype, and `jsonSchema` beside this
// file), and a validating function as ajv compiles it. Data is checked, never changed: handlers get what was signed.

/** What is used of the Standard Schema interface, version 1 (https://standardschema.dev). */
export interface StandardPayloadSchema {
  readonly '~standard': { readonly validate: (value: unknown) => StandardResult | Promise<StandardResult> };
}

/** A result with issues is a refusal, any other means that the value holds. */
export interface StandardResult {
  readonly issues?: readonly StandardIssue[] | undefined;
}

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A function that answers whether the value holds, and leaves its `errors` on itself: what ajv's `compile` gives. */
export interface CompiledPayloadSchema {
  (value: unknown): unknown;
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null | undefined;
}

export type PayloadSchema = StandardPayloadSchema | CompiledPayloadSchema;

/** Schemas of events' data, by event type. Types without one are not checked. */
export type PayloadSchemas = { readonly [type: string]: PayloadSchema };

/** One thing that is wrong with the data. The path is a JSON Pointer into it; the empty text is the data as a whole. */
export interface PayloadFault {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with an event's data; nothing, where its type has no schema. Rejects when the schema itself throws. */
export async function payloadFaults(schemas: PayloadSchemas, type: string, data: unknown): Promise<readonly PayloadFault[]> {
  const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (schema === undefined) return [];
  if ('~standard' in schema) {
    const { issues = [] } = await schema['~standard'].validate(data);
    return issues.map(({ path = [], message }) => ({ path: path.map(stepText).join(''), message }));
  }
  if ((await schema(data)) === true) return [];
  const errors = schema.errors ?? [];
  if (errors.length === 0) return [{ path: '', message: 'does not match its schema' }];
  return errors.map(({ instancePath, message = 'does not match its schema' }) => ({ path: instancePath, message }));
}

/** One step of a JSON Pointer (RFC 6901). */
function stepText(step: PropertyKey | { readonly key: PropertyKey }): string {
  return `/${pointerStep(String(typeof step === 'object' ? step.key : step))}`;
}

export function pointerStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
