// The keywords of JSON Schema that are checked: what each wants of a value. Pure.
//
// A keyword speaks of one kind of value and lets every other pass (`minLength` of a number holds), as the standard says.

import { isRecord } from '../verify/request.ts';
import type { WaxwingError } from '@waxwing/protocol/errors';
import { pointerStep } from './payload-schema.ts';
import type { PayloadFault } from './payload-schema.ts';

export type Check = (value: unknown, path: string, faults: PayloadFault[]) => void;

/** What a keyword needs of the schema that it stands in. */
export interface Reading {
  readonly sibling: (keyword: string) => unknown;
  readonly siblingSchema: (keyword: string) => Check | null;
  /** The check of a schema within this keyword, at a step below it (`/0`, `/name`). */
  readonly schema: (schema: unknown, step?: string) => Check;
  /** The check of what a `$ref` within this document names. */
  readonly referred: (pointer: string) => Check;
  readonly wrong: (message: string) => WaxwingError;
}

type Keyword = (wanted: unknown, reading: Reading) => Check;

export const CHECKS: Readonly<Record<string, Keyword>> = {
  type(wanted, { wrong }) {
    const types = Array.isArray(wanted) ? wanted : [wanted];
    const known = types.map((type: unknown) => (typeof type === 'string' && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined));
    if (known.includes(undefined)) throw wrong(`${JSON.stringify(wanted)} is no type`);
    return test((value) => known.some((is) => is?.(value) === true), `must be ${types.join(' or ')}`);
  },
  const: (wanted) => test((value) => same(value, wanted), `must be ${JSON.stringify(wanted)}`),
  enum(wanted, { wrong }) {
    if (!Array.isArray(wanted)) throw wrong('a list is needed');
    return test((value) => wanted.some((choice) => same(value, choice)), `must be one of ${JSON.stringify(wanted)}`);
  },
  $ref(wanted, { referred, wrong }) {
    if (typeof wanted !== 'string' || !/^#(?:\/|$)/.test(wanted)) throw wrong('only references within the schema (#/…) are followed');
    return referred(wanted);
  },
  allOf: (wanted, reading) => all(listOf(wanted, reading)),
  anyOf(wanted, reading) {
    const checks = listOf(wanted, reading);
    return test((value) => checks.some((check) => holds(check, value)), 'must match at least one of its schemas');
  },
  oneOf(wanted, reading) {
    const checks = listOf(wanted, reading);
    return test((value) => checks.filter((check) => holds(check, value)).length === 1, 'must match exactly one of its schemas');
  },
  not(wanted, { schema }) {
    const check = schema(wanted);
    return test((value) => !holds(check, value), 'must not match a schema');
  },
  if(wanted, { schema, siblingSchema }) {
    const condition = schema(wanted);
    const [yes, no] = [siblingSchema('then'), siblingSchema('else')];
    return (value, path, faults) => (holds(condition, value) ? yes : no)?.(value, path, faults);
  },

  properties(wanted, reading) {
    const checks = namedOf(wanted, reading);
    return ofObjects((value, path, faults) => {
      for (const [name, check] of checks) if (Object.hasOwn(value, name)) check(value[name], below(path, name), faults);
    });
  },
  patternProperties(wanted, reading) {
    const checks = [...namedOf(wanted, reading)].map(([pattern, check]) => [expression(pattern, reading), check] as const);
    return ofObjects((value, path, faults) => {
      for (const [name, member] of Object.entries(value)) {
        for (const [pattern, check] of checks) if (pattern.test(name)) check(member, below(path, name), faults);
      }
    });
  },
  additionalProperties(wanted, { schema, sibling, wrong }) {
    const { properties, patterns } = { properties: sibling('properties'), patterns: sibling('patternProperties') };
    const named = new Set(isRecord(properties) ? Object.keys(properties) : []);
    const matched = isRecord(patterns) ? Object.keys(patterns).map((pattern) => expression(pattern, { wrong })) : [];
    const check = wanted === false ? UNNAMED : schema(wanted);
    return ofObjects((value, path, faults) => {
      for (const [name, member] of Object.entries(value)) {
        if (!named.has(name) && !matched.some((pattern) => pattern.test(name))) check(member, below(path, name), faults);
      }
    });
  },
  propertyNames(wanted, { schema }) {
    const check = schema(wanted);
    return ofObjects((value, path, faults) => {
      for (const name of Object.keys(value)) if (!holds(check, name)) faults.push({ path: below(path, name), message: 'has a wrong name' });
    });
  },
  required(wanted, { wrong }) {
    const names = textsOf(wanted, wrong);
    return ofObjects((value, path, faults) => {
      for (const name of names) if (!Object.hasOwn(value, name)) faults.push({ path: below(path, name), message: 'is missing' });
    });
  },
  dependentRequired(wanted, { wrong }) {
    if (!isRecord(wanted)) throw wrong('an object is needed');
    const needs = Object.entries(wanted).map(([name, names]) => [name, textsOf(names, wrong)] as const);
    return ofObjects((value, path, faults) => {
      for (const [name, names] of needs) {
        if (!Object.hasOwn(value, name)) continue;
        for (const needed of names) {
          if (!Object.hasOwn(value, needed)) faults.push({ path: below(path, needed), message: `is missing, which ${name} needs` });
        }
      }
    });
  },
  minProperties: (wanted, reading) => bound(wanted, reading, sizeOf, (size, least) => size >= least, 'must have at least', 'members'),
  maxProperties: (wanted, reading) => bound(wanted, reading, sizeOf, (size, most) => size <= most, 'must have at most', 'members'),

  prefixItems(wanted, reading) {
    const checks = listOf(wanted, reading);
    return ofLists((value, path, faults) => {
      for (const [index, check] of checks.entries()) if (index < value.length) check(value[index], below(path, String(index)), faults);
    });
  },
  items(wanted, { schema, sibling, wrong }) {
    if (Array.isArray(wanted)) throw wrong('a list of schemas stands under prefixItems since 2020-12');
    const before = sibling('prefixItems');
    const from = Array.isArray(before) ? before.length : 0;
    const check = schema(wanted);
    return ofLists((value, path, faults) => {
      for (let index = from; index < value.length; index++) check(value[index], below(path, String(index)), faults);
    });
  },
  uniqueItems: (wanted) =>
    ofLists((value, path, faults) => {
      const twice = wanted === true && value.some((item, index) => value.slice(0, index).some((earlier) => same(earlier, item)));
      if (twice) faults.push({ path, message: 'must not hold an item twice' });
    }),
  minItems: (wanted, reading) => bound(wanted, reading, lengthOf, (length, least) => length >= least, 'must have at least', 'items'),
  maxItems: (wanted, reading) => bound(wanted, reading, lengthOf, (length, most) => length <= most, 'must have at most', 'items'),

  pattern(wanted, reading) {
    const pattern = expression(wanted, reading);
    return test((value) => typeof value !== 'string' || pattern.test(value), `must match ${String(wanted)}`);
  },
  minLength: (wanted, reading) =>
    bound(wanted, reading, charactersOf, (count, least) => count >= least, 'must have at least', 'characters'),
  maxLength: (wanted, reading) => bound(wanted, reading, charactersOf, (count, most) => count <= most, 'must have at most', 'characters'),

  minimum: (wanted, reading) => bound(wanted, reading, numberOf, (number, least) => number >= least, 'must be at least'),
  maximum: (wanted, reading) => bound(wanted, reading, numberOf, (number, most) => number <= most, 'must be at most'),
  exclusiveMinimum: (wanted, reading) => bound(wanted, reading, numberOf, (number, least) => number > least, 'must be more than'),
  exclusiveMaximum: (wanted, reading) => bound(wanted, reading, numberOf, (number, most) => number < most, 'must be less than'),
  multipleOf: (wanted, reading) =>
    bound(wanted, reading, numberOf, (number, unit) => Number.isInteger(number / unit), 'must be a multiple of'),
};

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: (value) => isRecord(value) && !Array.isArray(value),
};

const UNNAMED: Check = (_value, path, faults) => void faults.push({ path, message: 'is no known member' });

function test(passes: (value: unknown) => boolean, message: string): Check {
  return (value, path, faults) => {
    if (!passes(value)) faults.push({ path, message });
  };
}

function holds(check: Check, value: unknown): boolean {
  const faults: PayloadFault[] = [];
  check(value, '', faults);
  return faults.length === 0;
}

function all(checks: readonly Check[]): Check {
  return (value, path, faults) => {
    for (const check of checks) check(value, path, faults);
  };
}

function ofObjects(check: (value: { readonly [name: string]: unknown }, path: string, faults: PayloadFault[]) => void): Check {
  return (value, path, faults) => {
    if (isRecord(value) && !Array.isArray(value)) check(value, path, faults);
  };
}

function ofLists(check: (value: readonly unknown[], path: string, faults: PayloadFault[]) => void): Check {
  return (value, path, faults) => {
    if (Array.isArray(value)) check(value, path, faults);
  };
}

/** A keyword that holds a measure of the value against a number; a value without that measure passes. */
function bound(
  wanted: unknown,
  { wrong }: Reading,
  measure: (value: unknown) => number | null,
  holdsAt: (measured: number, wanted: number) => boolean,
  message: string,
  unit = '',
): Check {
  if (typeof wanted !== 'number') throw wrong('a number is needed');
  return test((value) => {
    const measured = measure(value);
    return measured === null || holdsAt(measured, wanted);
  }, `${message} ${wanted} ${unit}`.trim());
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** Code points, as the standard counts. */
function charactersOf(value: unknown): number | null {
  return typeof value === 'string' ? value.length - (value.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0) : null;
}

function lengthOf(value: unknown): number | null {
  return Array.isArray(value) ? value.length : null;
}

function sizeOf(value: unknown): number | null {
  return isRecord(value) && !Array.isArray(value) ? Object.keys(value).length : null;
}

function listOf(wanted: unknown, { schema, wrong }: Reading): readonly Check[] {
  if (!Array.isArray(wanted)) throw wrong('a list of schemas is needed');
  return wanted.map((inner, index) => schema(inner, `/${index}`));
}

function namedOf(wanted: unknown, { schema, wrong }: Reading): ReadonlyMap<string, Check> {
  if (!isRecord(wanted)) throw wrong('an object of schemas is needed');
  return new Map(Object.entries(wanted).map(([name, inner]) => [name, schema(inner, `/${pointerStep(name)}`)]));
}

function textsOf(wanted: unknown, wrong: Reading['wrong']): readonly string[] {
  const isText = (name: unknown): name is string => typeof name === 'string';
  if (!Array.isArray(wanted) || !wanted.every(isText)) throw wrong('a list of names is needed');
  return wanted;
}

function expression(pattern: unknown, { wrong }: Pick<Reading, 'wrong'>): RegExp {
  try {
    if (typeof pattern === 'string') return new RegExp(pattern, 'u');
  } catch {
    // said below
  }
  throw wrong(`${JSON.stringify(pattern)} is no regular expression`);
}

function below(path: string, name: string): string {
  return `${path}/${pointerStep(name)}`;
}

/** Equality of JSON values. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isRecord(a) || !isRecord(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
}
