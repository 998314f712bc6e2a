// The catalogue: which event types a tenant may publish, and whether data keeps its schema.
//
// The tenant's profile decides. A closed catalogue knows its own types and those added by hand; an open one takes any
// well-formed name. Schemas are compiled once; a broken one is refused when it is put, never at publish.

import { isEventTypeName, nearestName, WaxwingError, type EventTypeDefinition, type FieldError, type Profile } from '@waxwing/protocol';
import addFormats from 'ajv-formats';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { EventTypeRow } from './store/rows.ts';

type Schema = { readonly [keyword: string]: unknown };

/** Most problems named in one answer. */
const FIELD_ERRORS_MAX = 20;

export class Catalogue {
  readonly #ajv: Ajv2020;
  /** By the schema object itself: a changed event type is another object. */
  readonly #validators = new WeakMap<Schema, ValidateFunction>();
  readonly #builtIn = new WeakMap<Profile, ReadonlyMap<string, EventTypeDefinition>>();

  constructor() {
    this.#ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: true, addUsedSchema: false });
    addFormats.default(this.#ajv);
  }

  /** What the profile's own catalogue says of a type. */
  ofProfile(profile: Profile, type: string): EventTypeDefinition | undefined {
    let types = this.#builtIn.get(profile);
    if (types === undefined)
      this.#builtIn.set(profile, (types = new Map(profile.definition.eventTypes.map((entry) => [entry.name, entry]))));
    return types.get(type);
  }

  /**
   * The schema that data of this type must keep under a tenant's profile; null where there is none.
   * Throws `unknown_event_type`, with the nearest name.
   */
  schemaFor(profile: Profile, added: ReadonlyMap<string, EventTypeRow>, type: string): Schema | null {
    const own = this.ofProfile(profile, type);
    if (own !== undefined) return own.schema;
    const row = added.get(type);
    if (row !== undefined && (row.profile === null || row.profile === profile.definition.name)) return row.schema;
    if (!isEventTypeName(type)) {
      throw new WaxwingError(
        'unknown_event_type',
        `${JSON.stringify(type)} is not a well-formed event type: letters, digits, _ and -, in parts joined by dots.`,
        {
          fields: [{ path: '/type', message: 'not a well-formed event type' }],
        },
      );
    }
    if (!profile.definition.catalogueClosed) return null;
    const known = [...profile.definition.eventTypes.map((entry) => entry.name), ...added.keys()];
    const near = nearestName(type, known);
    throw new WaxwingError(
      'unknown_event_type',
      `${type} is not in the catalogue of profile ${profile.definition.name}${near === null ? '' : `; did you mean ${near}?`} Add it with PUT /v1/event-types/${type}.`,
      { fields: [{ path: '/type', message: near === null ? 'not in the catalogue' : `not in the catalogue; the nearest is ${near}` }] },
    );
  }

  /** Throws `schema_mismatch` naming each field of `data` that does not keep the schema. */
  check(schema: Schema, type: string, dataText: string): void {
    if (acceptsAnyObject(schema)) return;
    const validate = this.#validator(schema);
    const data: unknown = JSON.parse(dataText);
    if (validate(data)) return;
    const fields = (validate.errors ?? []).slice(0, FIELD_ERRORS_MAX).map(fieldError);
    throw new WaxwingError(
      'schema_mismatch',
      `The data of ${type} does not match its schema: ${fields.map((field) => `${field.path} ${field.message}`).join('; ')}.`,
      { fields },
    );
  }

  /** Throws `invalid_schema` when a schema cannot be compiled, or does not accept its own sample. */
  checkSchema(schema: Schema, sample: unknown): void {
    const validate = this.#validator(schema);
    if (validate(sample)) return;
    const fields = (validate.errors ?? []).slice(0, FIELD_ERRORS_MAX).map((error) => {
      const field = fieldError(error);
      return { path: field.path.replace(/^\/data/, '/sample'), message: field.message };
    });
    throw new WaxwingError(
      'invalid_schema',
      `The sample does not match the schema: ${fields.map((field) => `${field.path} ${field.message}`).join('; ')}.`,
      { fields },
    );
  }

  /** Throws `invalid_schema` when a schema cannot be compiled. */
  compile(schema: Schema): void {
    this.#validator(schema);
  }

  #validator(schema: Schema): ValidateFunction {
    let validate = this.#validators.get(schema);
    if (validate === undefined) {
      try {
        validate = this.#ajv.compile(schema);
      } catch (error) {
        throw new WaxwingError(
          'invalid_schema',
          `The JSON Schema cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
          {
            cause: error,
            fields: [{ path: '/schema', message: error instanceof Error ? error.message : String(error) }],
          },
        );
      }
      this.#validators.set(schema, validate);
    }
    return validate;
  }
}

/** A schema that says no more than "an object" needs no parsing at publish. */
function acceptsAnyObject(schema: Schema): boolean {
  for (const keyword in schema) {
    if (keyword === '$schema' || keyword === 'title' || keyword === 'description' || keyword === 'examples') continue;
    if (keyword === 'type' && schema[keyword] === 'object') continue;
    if (keyword === 'additionalProperties' && schema[keyword] === true) continue;
    return false;
  }
  return true;
}

function fieldError(error: ErrorObject): FieldError {
  const missing = error.keyword === 'required' ? error.params['missingProperty'] : undefined;
  const path = `/data${error.instancePath}${typeof missing === 'string' ? `/${missing.replaceAll('~', '~0').replaceAll('/', '~1')}` : ''}`;
  return { path, message: typeof missing === 'string' ? 'is required' : (error.message ?? 'is not valid') };
}
