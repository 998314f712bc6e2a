// JSON Schema (2020-12) in the small: enough for event catalogues, with nothing to install and no code made at run time,
// which Workers and strict browsers refuse.
//
// 1. A keyword that is not known here is refused when the schema is read, never passed over: for those there is ajv.
// 2. As the standard says, `format` and its kin describe and do not check.
// 3. Names are looked up as own members alone: `constructor` and `__proto__` are names like any other.
// 4. At most so many faults are gathered: a long list with the same mistake in every item says enough after a few.

import { WaxwingError } from '@waxwing/protocol/errors';
import { isRecord } from '../verify/request.ts';
import { CHECKS } from './json-schema-keywords.ts';
import type { Check, Reading } from './json-schema-keywords.ts';
import { pointerStep } from './payload-schema.ts';
import type { PayloadFault, PayloadSchemas, StandardPayloadSchema } from './payload-schema.ts';

const FAULTS_MAX = 10;

/** Keywords that say something to people, or hold schemas for `$ref`. */
const DESCRIBING: ReadonlySet<string> = new Set(
  (
    '$schema $id $comment $defs definitions title description default examples deprecated readOnly writeOnly format ' +
    'contentEncoding contentMediaType then else'
  ) // the last two are read by `if`
    .split(' '),
);

/**
 * A JSON Schema as a Standard Schema.
 * @throws WaxwingError `invalid_schema` when it uses a keyword that is not known here, or one in a wrong way
 * @example
 * createReceiver({ profile: 'standard', secret, schemas: { 'order.paid': jsonSchema({ required: ['total'] }) } });
 */
export function jsonSchema(schema: unknown): StandardPayloadSchema {
  const check = readSchema(schema);
  return {
    '~standard': {
      validate: (value) => {
        const faults: PayloadFault[] = [];
        check(value, '', faults);
        return faults.length === 0 ? {} : { issues: faults.map(issueOf) };
      },
    },
  };
}

/**
 * The schemas of a catalogue, for a receiver's `schemas`: a profile's `eventTypes` as the server tells them.
 * @throws WaxwingError `invalid_schema`
 * @example
 * const { eventTypes } = await (await fetch(`${server}/v1/profiles/acme`, { headers })).json();
 * createReceiver({ profile, secret, schemas: schemasOf(eventTypes) });
 */
export function schemasOf(eventTypes: readonly { readonly name: string; readonly schema: unknown }[]): PayloadSchemas {
  return Object.fromEntries(eventTypes.map(({ name, schema }) => [name, jsonSchema(schema)]));
}

function readSchema(root: unknown): Check {
  const referred = new Map<string, { check: Check }>();

  function read(schema: unknown, at: string): Check {
    if (schema === true) return () => {};
    if (schema === false) return (_value, path, faults) => void faults.push({ path, message: 'must not be there' });
    if (!isRecord(schema) || Array.isArray(schema)) throw wrong(at, 'a schema is an object, true or false');
    const checks: Check[] = [];
    for (const [keyword, wanted] of Object.entries(schema)) {
      if (DESCRIBING.has(keyword)) continue;
      const make = Object.hasOwn(CHECKS, keyword) ? CHECKS[keyword] : undefined;
      if (make === undefined) {
        throw wrong(`${at}/${pointerStep(keyword)}`, 'this keyword is not known here: compile the schema with ajv, and give its function');
      }
      checks.push(make(wanted, readingAt(`${at}/${pointerStep(keyword)}`, at, schema)));
    }
    return (value, path, faults) => {
      for (const check of checks) if (faults.length < FAULTS_MAX) check(value, path, faults);
    };
  }

  function readingAt(at: string, beside: string, schema: { readonly [keyword: string]: unknown }): Reading {
    return {
      sibling: (keyword) => schema[keyword],
      siblingSchema: (keyword) => (Object.hasOwn(schema, keyword) ? read(schema[keyword], `${beside}/${keyword}`) : null),
      schema: (inner, step = '') => read(inner, at + step),
      referred: refer,
      wrong: (message) => wrong(at, message),
    };
  }

  /** Read once each, and entered before it is read, so that a schema may refer to itself. */
  function refer(pointer: string): Check {
    const known = referred.get(pointer);
    if (known !== undefined) return (value, path, faults) => known.check(value, path, faults);
    const slot: { check: Check } = { check: () => {} };
    referred.set(pointer, slot);
    slot.check = read(target(root, pointer), pointer.slice(1));
    return slot.check;
  }

  return read(root, '');
}

function target(root: unknown, reference: string): unknown {
  let here = root;
  for (const step of decodeURIComponent(reference).split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isRecord(here) || !Object.hasOwn(here, name)) throw wrong(reference, 'nothing stands there');
    here = here[name];
  }
  return here;
}

function wrong(at: string, message: string): WaxwingError {
  return new WaxwingError('invalid_schema', `The JSON Schema cannot be used at ${at === '' ? 'its root' : at}: ${message}.`);
}

function issueOf({ path, message }: PayloadFault): { readonly message: string; readonly path: readonly string[] } {
  const steps = path.split('/').slice(1);
  return { message, path: steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) };
}
