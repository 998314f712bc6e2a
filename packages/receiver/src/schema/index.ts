// @waxwing/receiver/schemas: what a receiver's `schemas` are made of. The catalogues' own, and any JSON Schema.
export { humanconnectionSchemas } from '../generated/humanconnection-schemas.ts';
export { joaiSchemas } from '../generated/joai-schemas.ts';
export { meetloydSchemas } from '../generated/meetloyd-schemas.ts';
export { meshagentSchemas } from '../generated/meshagent-schemas.ts';
export { jsonSchema, schemasOf } from './json-schema.ts';
export type { CompiledPayloadSchema, PayloadFault, PayloadSchema, PayloadSchemas, StandardPayloadSchema } from './payload-schema.ts';
