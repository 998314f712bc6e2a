import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { jsonSchema, schemasOf } from '@waxwing/receiver/schemas';
import { payloadFaults } from '../../src/schema/payload-schema.ts';

// Not Ajv2020: what that one notes for `unevaluatedProperties` makes it throw on some nestings of patternProperties.
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  logger: false,
  validateSchema: false,
  validateFormats: false,
  next: true,
  ownProperties: true,
});

/** As JSON brings it: ajv tells objects of another prototype apart. */
function plain<T>(given: T): T {
  return JSON.parse(JSON.stringify(given));
}

/** As draft 7 has it: a list of schemas stands under `items`, what comes after it under `additionalItems`. */
function draft7(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(draft7);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).map(([name, member]): [string, unknown] => [name, draft7(member)]);
  if (!('prefixItems' in schema)) return Object.fromEntries(members);
  const names = new Map([
    ['prefixItems', 'items'],
    ['items', 'additionalItems'],
  ]);
  return Object.fromEntries(members.map(([name, member]) => [names.get(name) ?? name, member]));
}

async function faultsOf(schema: unknown, value: unknown): Promise<readonly string[]> {
  const faults = await payloadFaults({ 'a.b': jsonSchema(schema) }, 'a.b', value);
  return faults.map(({ path, message }) => `${path} ${message}`);
}

const NUMBERS = [-1, 0, 0.5, 1, 2, 3, 10] as const;
const TEXTS = ['', 'a', 'ab', 'é😀', 'x/y~z'] as const;
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, ...NUMBERS, ...TEXTS),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...TEXTS), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const bound = fc.constantFrom(0, 1, 2, 3);
const names = fc.uniqueArray(fc.constantFrom(...TEXTS), { maxLength: 2 });
const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom({}, { not: {} }, { type: 'string' }),
    fc.record(
      {
        type: fc.oneof(
          fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean', 'null'),
          fc.constant(['object', 'string']),
        ),
        const: value,
        enum: fc.array(value, { minLength: 1, maxLength: 3 }),
        properties: fc.dictionary(fc.constantFrom(...TEXTS), tie('schema'), { maxKeys: 2 }),
        patternProperties: fc.dictionary(fc.constantFrom('^a', '.', '^_'), tie('schema'), { maxKeys: 1 }),
        additionalProperties: tie('schema'),
        propertyNames: tie('schema'),
        required: names,
        dependentRequired: fc.dictionary(fc.constantFrom(...TEXTS), names, { maxKeys: 1 }),
        minProperties: bound,
        maxProperties: bound,
        prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        items: tie('schema'),
        uniqueItems: fc.boolean(),
        minItems: bound,
        maxItems: bound,
        pattern: fc.constantFrom('^a', '.', '^.{2}$'),
        minLength: bound,
        maxLength: bound,
        minimum: bound,
        maximum: bound,
        exclusiveMinimum: bound,
        exclusiveMaximum: bound,
        multipleOf: fc.constantFrom(0.5, 1, 2),
        allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        not: tie('schema'),
        if: tie('schema'),
        // oxlint-disable-next-line unicorn/no-thenable -- the keyword of that name; nothing awaits this object
        then: tie('schema'),
        else: tie('schema'),
      },
      { requiredKeys: [] },
    ),
  ),
}));

test('whatever the schema and the value, it says what ajv says', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(schema, fc.array(value, { minLength: 5, maxLength: 10 }), async (given, values) => {
      const reference = ajv.compile(plain(Object(draft7(given))));
      for (const one of plain(values)) {
        const faults = await faultsOf(plain(given), one);
        assert.equal(faults.length === 0, reference(one), `${JSON.stringify(given)} of ${JSON.stringify(one)}: ${faults.join('; ')}`);
        refused += faults.length === 0 ? 0 : 1;
      }
    }),
    { numRuns: 150 },
  );
  assert.ok(refused > 100, `only ${refused} values were refused`);
});

describe('a JSON Schema', () => {
  test('names each fault with its path, escaped as JSON Pointers are', async () => {
    const given = {
      type: 'object',
      required: ['id', 'a/b'],
      properties: { id: { type: 'string' }, list: { items: { properties: { 'x~y': { type: ['number', 'null'] } } } } },
      additionalProperties: false,
    };
    assert.deepEqual(await faultsOf(given, { id: 5, list: [{}, { 'x~y': 'no' }], more: 1 }), [
      '/a~1b is missing',
      '/id must be string',
      '/list/1/x~0y must be number or null',
      '/more is no known member',
    ]);
    assert.deepEqual(await faultsOf(given, []), [' must be object']);
  });

  test('knows names that every object inherits as names like any other', async () => {
    const given = JSON.parse('{"required":["constructor"],"properties":{"__proto__":{"type":"string"}},"additionalProperties":false}');
    assert.deepEqual(await faultsOf(given, {}), ['/constructor is missing']);
    const named = JSON.parse('{"constructor":1,"__proto__":2,"toString":3}');
    assert.deepEqual(await faultsOf(given, named), [
      '/__proto__ must be string',
      '/constructor is no known member',
      '/toString is no known member',
    ]);
  });

  test('may refer to parts of itself, and to the whole of itself', async () => {
    const tree = {
      $defs: { name: { type: 'string' } },
      properties: { name: { $ref: '#/$defs/name' }, children: { items: { $ref: '#' } } },
    };
    assert.deepEqual(await faultsOf(tree, { name: 'a', children: [{ name: 'b', children: [{ name: 5 }] }] }), [
      '/children/0/children/0/name must be string',
    ]);
  });

  test('may be true or false, which take everything and nothing', async () => {
    assert.deepEqual(await faultsOf({ properties: { a: true, b: false } }, { a: 1, b: 2 }), ['/b must not be there']);
  });

  test('says no more than ten things', async () => {
    assert.equal(
      (
        await faultsOf(
          { items: { type: 'string' } },
          Array.from({ length: 1000 }, () => 1),
        )
      ).length,
      10,
    );
  });

  for (const [what, given, says] of [
    ['a keyword that is not known', { properties: { a: { unevaluatedProperties: false } } }, /\/properties\/a\/unevaluatedProperties.*ajv/],
    ['a misspelt keyword', { requred: ['a'] }, /\/requred/],
    ['a type that is none', { type: 'text' }, /"text" is no type/],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema' }, /only references within/],
    ['a reference to nothing', { $ref: '#/$defs/none' }, /nothing stands there/],
    ['a regular expression that is none', { pattern: '(' }, /no regular expression/],
    ['items as a list', { items: [{}] }, /prefixItems/],
    ['a schema that is none', { not: 5 }, /a schema is an object/],
    ['a bound that is no number', { minimum: '5' }, /a number is needed/],
  ] as const) {
    test(`is refused when it is read for ${what}, with its place`, () => {
      assert.throws(() => jsonSchema(given), { code: 'invalid_schema', message: says });
    });
  }
});

for (const [name, { definition }] of BUILT_IN_PROFILES) {
  test(`the schemas of ${name} can all be read, and take their own samples`, async () => {
    const schemas = schemasOf(definition.eventTypes);
    for (const { name: type, sample } of definition.eventTypes) assert.deepEqual(await payloadFaults(schemas, type, sample), [], type);
  });
}
