// Catalogues: the short way to write an event type down.
//
// Every schema is open (more fields may come) and says only what the platform's page or its published code says: a
// schema that guesses would refuse a platform's own events.

import type { EventTypeDefinition } from '../profile.ts';

/** A JSON Schema, or a part of one. */
export type Schema = { readonly [keyword: string]: unknown };

export const TEXT: Schema = { type: 'string' };

/** An open object: every named property has its schema, and those in `required` must be there. */
export function openObject(properties: { readonly [name: string]: Schema }, required: readonly string[]): Schema {
  return { type: 'object', properties, required };
}

/** An event type whose schema requires `required`; its group is what stands before the first dot of its name. */
export function eventType(
  name: string,
  description: string,
  properties: { readonly [name: string]: Schema },
  required: readonly string[],
  sample: { readonly [member: string]: unknown },
): EventTypeDefinition {
  return { name, description, group: groupOf(name), schema: openObject(properties, required), sample };
}

/** The group that an event type belongs to unless told otherwise: what stands before the first dot. */
export function groupOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}
