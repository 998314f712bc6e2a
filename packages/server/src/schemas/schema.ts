// The bricks that the API's schemas are made of, and the compile-time check that ties each schema to its interface.
//
// One schema serves three masters: it validates what comes in, serialises what goes out, and is what OpenAPI shows.
// What comes in is closed (unknown fields are refused by name); what goes out is open (clients must expect more fields).
// `exactly` refuses to compile when a schema and its interface in @waxwing/protocol differ in any field.

import Type, { type Static, type TObject, type TProperties, type TSchema, type TUnsafe } from 'typebox';

/** A JSON Schema of values of type T. */
export type Schema<T> = TUnsafe<T>;

/** A schema with a name of its own in OpenAPI's components. */
export interface NamedSchema<T> {
  readonly name: string;
  readonly schema: Schema<T>;
}

// Readonly or not is of no matter to JSON; interfaces say it everywhere, TypeBox nowhere.
type Plain<T> = unknown extends T ? T : { readonly [K in keyof T]: Plain<T[K]> };
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;

/** Holds a schema against an interface: `exactly<Tenant>()(schema)` compiles only when the two are the same type. */
export function exactly<T>(): <S extends TSchema>(
  schema: S & (Same<Plain<Static<S>>, Plain<T>> extends true ? unknown : never),
) => Schema<T> {
  return (schema) => Type.Unsafe<T>(schema);
}

/** Gives a schema its name in OpenAPI's components; elsewhere it is referred to by `ref`. */
export function named<T>(name: string, schema: Schema<T>): NamedSchema<T> {
  return { name, schema: Type.Unsafe<T>({ ...schema, $id: name, title: name }) };
}

/** Refers to a named schema. */
export function ref<T>(target: NamedSchema<T>): Schema<T> {
  return Type.Unsafe<T>({ $ref: `${target.name}#` });
}

/** An object that comes in: unknown members are refused. */
export function closed<P extends TProperties>(properties: P): TObject<P> {
  return Type.Object(properties, { additionalProperties: false });
}

/** An object that goes out. */
export function open<P extends TProperties>(properties: P): TObject<P> {
  return Type.Object(properties);
}

/** One of a closed list of words. */
export function word<const W extends readonly string[]>(words: W, description?: string): Schema<W[number]> {
  return Type.Unsafe<W[number]>({ type: 'string', enum: [...words], ...(description === undefined ? {} : { description }) });
}

/** A value of one plain type, or null. */
export function nullable<T>(schema: Schema<T> | TSchema): Schema<T | null> {
  const type: unknown = 'type' in schema ? schema.type : undefined;
  const words: unknown = 'enum' in schema ? schema.enum : undefined;
  return Type.Unsafe<T | null>({ ...schema, type: [type, 'null'], ...(Array.isArray(words) ? { enum: [...words, null] } : {}) });
}

/** Free text that comes in. No NUL: PostgreSQL's text cannot hold one. */
export function text(maxLength: number, description?: string): Schema<string> {
  return Type.Unsafe<string>({
    type: 'string',
    maxLength,
    pattern: '^[^\\u0000]*$',
    ...(description === undefined ? {} : { description }),
  });
}

/** Text that goes out. */
export function string(description?: string): Schema<string> {
  return Type.Unsafe<string>({ type: 'string', ...(description === undefined ? {} : { description }) });
}

/** An id of the given prefix, as this system mints it. */
export function id<I extends string>(prefix: string): Schema<I> {
  return Type.Unsafe<I>({ type: 'string', description: `\`${prefix}_\` and what makes it unique. Sorts by when it was made.` });
}

/** A time that goes out: ISO 8601 UTC with milliseconds. */
export function time(description?: string): Schema<string> {
  return Type.Unsafe<string>({ type: 'string', format: 'date-time', ...(description === undefined ? {} : { description }) });
}

/** As `time`, or null. */
export function timeOrNull(description?: string): Schema<string | null> {
  return Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'date-time',
    ...(description === undefined ? {} : { description }),
  });
}

/** An object whose members are the caller's own. */
export function mapOf<T>(
  values: Schema<T>,
  options: { readonly maxProperties?: number; readonly description?: string } = {},
): Schema<{ readonly [key: string]: T }> {
  return Type.Unsafe<{ readonly [key: string]: T }>({ type: 'object', additionalProperties: values, ...options });
}

/** Any JSON object, kept as it is. */
export function anyObject(description?: string): Schema<{ readonly [member: string]: unknown }> {
  return Type.Unsafe<{ readonly [member: string]: unknown }>({
    type: 'object',
    additionalProperties: true,
    ...(description === undefined ? {} : { description }),
  });
}

/** HTTP headers in order, each a name and a value. */
export function headerList(description?: string): Schema<readonly (readonly [name: string, value: string])[]> {
  return Type.Unsafe<readonly (readonly [name: string, value: string])[]>({
    type: 'array',
    items: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
    ...(description === undefined ? {} : { description }),
  });
}

/** One page of a list. */
export function page<T>(item: NamedSchema<T>): Schema<{ readonly data: readonly T[]; readonly nextCursor: string | null }> {
  return Type.Unsafe<{ readonly data: readonly T[]; readonly nextCursor: string | null }>({
    type: 'object',
    required: ['data', 'nextCursor'],
    properties: {
      data: { type: 'array', items: ref(item) },
      nextCursor: { type: ['string', 'null'], description: 'Give it back as `cursor` for the next page; null at the end.' },
    },
  });
}
