// Printing a catalogue as TypeScript: one interface per event type, and the map from types to them.
//
// From the JSON Schema of each type's data, with the optional fields that its sample shows besides. Open objects stay
// open in meaning, but unknown members are not typed: a misspelt field should not compile. Pure; used by the build's
// script (test/generate-events.ts) and by `waxwing types`.

import type { EventTypeDefinition } from '@waxwing/protocol';

type Schema = { readonly [keyword: string]: unknown };

/** The source text of a catalogue's types. `name` is the profile's; the exported map is `NameEvents`. */
export function eventTypesOf(name: string, eventTypes: readonly EventTypeDefinition[]): string {
  const map = `${pascal(name)}Events`;
  const interfaces = eventTypes.map((type) => {
    const body = objectText(type.schema, type.sample, '');
    return `/** ${comment(`${type.name}: ${type.description}`)} */\nexport interface ${dataName(type.name)} ${body}\n`;
  });
  const members = eventTypes.map((type) => `  readonly ${quoted(type.name)}: ${dataName(type.name)};`);
  return [
    `// Generated from the event catalogue of the profile ${name}: do not edit. See test/generate-events.ts.\n`,
    ...interfaces,
    `/** The events of ${name}: type to data. */\nexport interface ${map} {\n${members.join('\n')}\n}\n`,
  ].join('\n');
}

function dataName(type: string): string {
  return `${pascal(type)}Data`;
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
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function comment(text: string): string {
  return text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ');
}

function objectText(schema: Schema, sample: unknown, indent: string): string {
  const properties = recordOf(schema['properties']) ?? {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const shown = recordOf(sample) ?? {};
  const names = [...new Set([...Object.keys(properties), ...Object.keys(shown)])];
  if (names.length === 0) return `{\n${indent}  readonly [member: string]: unknown;\n${indent}}`;
  const inner = `${indent}  `;
  const members = names.map((name) => {
    const property = recordOf(properties[name]);
    const type = property === null ? sampleText(shown[name], inner) : schemaText(property, shown[name], inner);
    return `${inner}readonly ${quoted(name)}${required.has(name) ? '' : '?'}: ${type};`;
  });
  return `{\n${members.join('\n')}\n${indent}}`;
}

function schemaText(schema: Schema, sample: unknown, indent: string): string {
  if ('const' in schema) return literal(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map(literal).join(' | ');
  for (const keyword of ['anyOf', 'oneOf']) {
    const choices = schema[keyword];
    if (Array.isArray(choices)) return union(choices.map((choice) => schemaText(recordOf(choice) ?? {}, undefined, indent)));
  }
  const { type } = schema;
  if (Array.isArray(type)) return union(type.map((one) => kindText(one, schema, sample, indent)));
  return kindText(type, schema, sample, indent);
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
  if (value === null) return 'unknown';
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
  return typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : JSON.stringify(value);
}

function recordOf(value: unknown): { readonly [name: string]: unknown } | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}
