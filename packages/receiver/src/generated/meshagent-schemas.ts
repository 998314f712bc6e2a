// Generated from the event catalogue of the profile meshagent: do not edit. See test/generate-events.ts.

import { schemasOf } from '../schema/json-schema.ts';
import type { PayloadSchemas } from '../schema/payload-schema.ts';

/** The schemas of meshagent's events, for a receiver's `schemas`. */
export const meshagentSchemas: PayloadSchemas = /* @__PURE__ */ schemasOf([
  { name: "room.started", schema: {"type":"object","properties":{"room_name":{"type":"string"},"room_url":{"type":"string"}},"required":["room_name"]} },
  { name: "room.ended", schema: {"type":"object","properties":{"room_name":{"type":"string"}},"required":["room_name"]} },
  { name: "room.call", schema: {"type":"object","properties":{"room_name":{"type":"string"},"room_url":{"type":"string"},"token":{"type":"string"},"arguments":{"type":"object"}},"required":["room_name","room_url","token","arguments"]} },
  { name: "storage.file.updated", schema: {"type":"object","properties":{"path":{"type":"string"},"participant_id":{"type":"string"}},"required":["path","participant_id"]} },
  { name: "storage.file.deleted", schema: {"type":"object","properties":{"path":{"type":"string"},"participant_id":{"type":"string"}},"required":["path","participant_id"]} },
  { name: "storage.file.moved", schema: {"type":"object","properties":{"source_path":{"type":"string"},"destination_path":{"type":"string"},"participant_id":{"type":"string"}},"required":["source_path","destination_path","participant_id"]} },
]);
