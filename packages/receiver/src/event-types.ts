// Printing a catalogue as TypeScript: one interface per event type, and the map from types to them; and its JSON Schemas.
//
// From the JSON Schema of each type's data, with the optional fields that its sample shows besides. Open objects stay
// open in meaning, but unknown members are not typed: a misspelt field should not compile. Pure; used by the build's
// script (test/generate-events.ts) and by `waxwing types`.

import type { EventTypeDefinition } from '@waxwing/protocol';

type Schema = { readonly [keyword: string]: unknown };

/**
 * The source text of a catalogue's types. `name` is the profile's; the exported map is {@link eventMapName} of it.
 * @param madeBy what its readers are told to make it again with
 */
export function eventTypesOf(
  name: string,
  eventTypes: readonly Omit<EventTypeDefinition, 'group'>[],
  madeBy: string = 'See test/generate-events.ts',
): string {
  const dataNames = namesOfData(eventTypes.map((type) => type.name));
  const interfaces = eventTypes.map((type) => {
    const body = objectText(type.schema, type.sample, '');
    return `/** ${comment(`${type.name}: ${type.description}`)} */\nexport interface ${dataNames.get(type.name)} ${body}\n`;
  });
  const members = eventTypes.map((type) => `  readonly ${quoted(type.name)}: ${dataNames.get(type.name)};`);
  return [
    `// Generated from the event catalogue of the profile ${name}: do not edit. ${madeBy}.\n`,
    ...interfaces,
    `/** The events of ${name}: type to data. */\nexport interface ${eventMapName(name)} {\n${members.join('\n')}\n}\n`,
  ].join('\n');
}

/**
 * The source text of a catalogue's schemas, which a receiver takes as `schemas`. The exported constant is {@link eventSchemasName}.
 * @param from where `schemasOf` is imported from
 * @param madeBy what its readers are told to make it again with
 */
export function eventSchemasOf(
  name: string,
  eventTypes: readonly Pick<EventTypeDefinition, 'name' | 'schema'>[],
  from: string = '@waxwing/receiver/schemas',
  madeBy: string = 'See test/generate-events.ts',
): string {
  const schemas = eventTypes.map((type) => `  { name: ${JSON.stringify(type.name)}, schema: ${JSON.stringify(type.schema)} },\n`);
  return [
    `// Generated from the event catalogue of the profile ${name}: do not edit. ${madeBy}.\n`,
    `import { schemasOf } from '${from}';`,
    `import type { PayloadSchemas } from '@waxwing/receiver';\n`,
    `/** The schemas of ${name}'s events, for a receiver's \`schemas\`. */`,
    `export const ${eventSchemasName(name)}: PayloadSchemas = /* @__PURE__ */ schemasOf([\n${schemas.join('')}]);\n`,
  ].join('\n');
}

/** `acme-co` → `acmeCoSchemas`. */
export function eventSchemasName(name: string): string {
  const title = pascal(name);
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}Schemas`;
}

/** `acme-co` → `AcmeCoEvents`. */
export function eventMapName(name: string): string {
  return `${pascal(name)}Events`;
}

/** A name for each type's interface. Types that differ in punctuation alone (`a.b`, `a_b`) are told apart by a number. */
function namesOfData(types: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    types.map((type) => {
      const name = `${pascal(type)}Data`;
      let free = name;
      for (let number = 2; taken.has(free); number++) free = `${name}${number}`;
      taken.add(free);
      return [type, free];
    }),
  );
}

function pascal(text: string): string {
  const name = text
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function quoted(name: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : stringLiteral(name);
}

function comment(text: string): string {
  return text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ');
}

function objectText(schema: Schema, sample: unknown, indent: string): string {
  const properties = recordOf(schema['properties']) ?? {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'].filter((name) => typeof name === 'string') : []);
  const shown = recordOf(sample) ?? {};
  const names = [...new Set([...Object.keys(properties), ...Object.keys(shown), ...required])];
  const inner = `${indent}  `;
  if (names.length === 0) {
    const others = recordOf(schema['additionalProperties']);
    return `{\n${inner}readonly [member: string]: ${others === null ? 'unknown' : schemaText(others, undefined, inner)};\n${indent}}`;
  }
  const members = names.map((name) => {
    const property = recordOf(properties[name]);
    const type = property === null ? sampleText(shown[name], inner) : schemaText(property, shown[name], inner);
    return `${inner}readonly ${quoted(name)}${required.has(name) ? '' : '?'}: ${type};`;
  });
  return `{\n${members.join('\n')}\n${indent}}`;
}

function schemaText(schema: Schema, sample: unknown, indent: string): string {
  if ('const' in schema) return literal(schema['const']);
  if (Array.isArray(schema['enum'])) return union(schema['enum'].map(literal));
  for (const keyword of ['anyOf', 'oneOf']) {
    const choices = schema[keyword];
    if (Array.isArray(choices)) return union(choices.map((choice) => schemaText(recordOf(choice) ?? {}, undefined, indent)));
  }
  const { type } = schema;
  if (Array.isArray(type)) return union(type.map((one) => kindText(one, schema, sample, indent)));
  return kindText(type ?? impliedType(schema), schema, sample, indent);
}

/** A schema that names no type but says how members or items are means that kind of value. */
function impliedType(schema: Schema): string | undefined {
  if ('properties' in schema || 'required' in schema) return 'object';
  return 'items' in schema ? 'array' : undefined;
}

function kindText(type: unknown, schema: Schema, sample: unknown, indent: string): string {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array': {
      const items = recordOf(schema['items']);
      const first: unknown = Array.isArray(sample) ? sample[0] : undefined;
      return `readonly ${bracketed(items === null ? 'unknown' : schemaText(items, first, indent))}[]`;
    }
    case 'object':
      return objectText(schema, sample, indent);
    default:
      return 'unknown';
  }
}

/** A field that only the sample shows: its type is what the sample has there, its members all optional. */
function sampleText(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'unknown';
  if (Array.isArray(value))
    return `readonly ${bracketed(value.length === 0 ? 'unknown' : union(value.map((item) => sampleText(item, indent))))}[]`;
  if (typeof value === 'object') return objectText({}, value, indent);
  return typeof value;
}

function union(texts: readonly string[]): string {
  return [...new Set(texts)].join(' | ') || 'unknown';
}

function bracketed(text: string): string {
  return text.includes('|') || text.startsWith('readonly ') ? `(${text})` : text;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? stringLiteral(value) : JSON.stringify(value);
}

/** In single quotes, with JSON's escapes for control characters. */
function stringLiteral(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function recordOf(value: unknown): { readonly [name: string]: unknown } | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}
