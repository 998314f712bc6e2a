// What a lookup finds: anything that has an id, with its kind.

import Type from 'typebox';
import type { LookupResult } from '@waxwing/protocol';
import { named, nullable, ref, string } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';
import { delivery } from './delivery.ts';
import { endpoint, endpointExample } from './endpoint.ts';
import { event } from './event.ts';
import { key } from './key.ts';

// Exhaustive over the kinds: a new one does not compile until it stands here.
const RESOURCES: { readonly [K in LookupResult['kind']]: Schema<Extract<LookupResult, { kind: K }>['resource']> } = {
  event: ref(event),
  delivery: ref(delivery),
  endpoint: ref(endpoint),
  attempt: ref(delivery),
  key: ref(key),
};

export const lookupResult: NamedSchema<LookupResult> = named(
  'LookupResult',
  Type.Unsafe<LookupResult>({
    type: 'object',
    anyOf: Object.entries(RESOURCES).map(([kind, resource]) => ({
      type: 'object',
      required: ['kind', 'tenant', 'resource'],
      properties: { kind: { type: 'string', enum: [kind] }, tenant: nullable<string>(string()), resource },
    })),
  }),
);

export const lookupExample: LookupResult = { kind: 'endpoint', tenant: 'acme', resource: endpointExample };
