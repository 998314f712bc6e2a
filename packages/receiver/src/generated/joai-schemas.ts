// Generated from the event catalogue of the profile joai: do not edit. See test/generate-events.ts.

import { schemasOf } from '../schema/json-schema.ts';
import type { PayloadSchemas } from '../schema/payload-schema.ts';

/** The schemas of joai's events, for a receiver's `schemas`. */
export const joaiSchemas: PayloadSchemas = /* @__PURE__ */ schemasOf([
  { name: "agent.action", schema: {"type":"object","properties":{"agent":{"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"}},"required":["id","name"]},"room":{"type":"string"},"action":{"type":"string"},"content":{"type":"string","description":"JSON, as a string"}},"required":["agent","room","action","content"]} },
  { name: "agent.message", schema: {"type":"object","properties":{"agent":{"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"}},"required":["id","name"]},"room":{"type":"string"},"content":{"type":"string"}},"required":["agent","room","content"]} },
  { name: "user.message", schema: {"type":"object","properties":{"agent":{"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"}},"required":["id","name"]},"user":{"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"}},"required":["id","name"]},"room":{"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"}},"required":["id","name"]},"content":{"type":"string"}},"required":["agent","user","room","content"]} },
]);
