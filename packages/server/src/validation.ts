// Validation of what comes in: bodies as they are, queries with their numbers read from text. Nothing is removed, filled
// in or coerced beyond that; every field that is wrong is named, with the nearest known name for a mistyped one.

import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { nearestName } from '@waxwing/protocol';
import type { FieldError } from '@waxwing/protocol';
import { pointer } from './json-pointer.ts';
import type { NamedSchema } from './schemas/schema.ts';

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** What Fastify hands over for each part of a route. */
export interface ValidatorRequest {
  readonly schema: object;
  readonly httpPart?: string;
}

/** Makes Fastify's validator compiler. The error's parts say which schema was broken, so that `validationFields` can name near ones. */
export function createValidatorCompiler(shared: readonly NamedSchema<unknown>[]): (part: ValidatorRequest) => ValidateFunction {
  const bodies = ajv(false);
  const queries = ajv(true);
  for (const { schema } of shared) {
    bodies.addSchema(schema);
    queries.addSchema(schema);
  }
  return ({ schema, httpPart }) => (httpPart === 'querystring' ? queries : bodies).compile(schema);
}

function ajv(coerceTypes: boolean): Ajv {
  // `verbose` gives each error the schema it broke (for the nearest name) and the data, which is never shown.
  const instance = new Ajv({
    allErrors: true,
    coerceTypes,
    useDefaults: false,
    removeAdditional: false,
    strict: true,
    strictTypes: false,
    verbose: true,
  });
  instance.addFormat('date-time', { type: 'string', validate: (text) => ISO_8601.test(text) && !Number.isNaN(Date.parse(text)) });
  return instance;
}

/** The fields of a validation error of Fastify's; null when it is none. */
export function validationFields(error: Error): readonly FieldError[] | null {
  if (!('validation' in error) || !Array.isArray(error.validation)) return null;
  const base = 'validationContext' in error && error.validationContext !== 'body' ? 'query' : '';
  const problems: readonly ErrorObject[] = error.validation;
  return problems.map((problem) => fieldError(problem, base));
}

function fieldError(problem: ErrorObject, base: string): FieldError {
  const at = (member?: unknown): string => {
    return base + (typeof member === 'string' ? pointer(problem.instancePath, member) : problem.instancePath);
  };
  switch (problem.keyword) {
    case 'additionalProperties': {
      const member: unknown = problem.params['additionalProperty'];
      return {
        path: at(member),
        message: unknownField(typeof member === 'string' ? member : '', membersOf(problem.parentSchema?.['properties'])),
      };
    }
    case 'required':
      return { path: at(problem.params['missingProperty']), message: 'is required' };
    case 'type':
      return {
        path: at(),
        message:
          problem.data === null && problem.instancePath === '' ? 'is missing: send a JSON object' : `must be ${listed(problem.schema)}`,
      };
    case 'enum':
      return { path: at(), message: `must be one of ${quoted(problem.schema)}` };
    case 'format':
      return { path: at(), message: 'must be ISO 8601 with a zone, such as 2026-05-12T15:30:00Z' };
    case 'pattern':
      return { path: at(), message: 'must not hold NUL' };
    default:
      return { path: at(), message: problem.message ?? 'is not valid' };
  }
}

function membersOf(properties: unknown): readonly string[] {
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

/** What to say of a field that nobody knows. */
export function unknownField(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === null
    ? `is not a known field; known are ${known.join(', ') || 'none'}`
    : `is not a known field; did you mean ${JSON.stringify(near)}?`;
}

function listed(types: unknown): string {
  const names = (Array.isArray(types) ? types : [types]).map((type) =>
    type === 'null' ? 'null' : `${/^[aio]/.test(String(type)) ? 'an' : 'a'} ${String(type)}`,
  );
  return names.join(' or ');
}

function quoted(words: unknown): string {
  return Array.isArray(words) ? words.map((word) => JSON.stringify(word)).join(', ') : '';
}
