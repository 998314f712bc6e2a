// Generated from the event catalogue of the profile humanconnection: do not edit. See test/generate-events.ts.

import { schemasOf } from '../schema/json-schema.ts';
import type { PayloadSchemas } from '../schema/payload-schema.ts';

/** The schemas of humanconnection's events, for a receiver's `schemas`. */
export const humanconnectionSchemas: PayloadSchemas = /* @__PURE__ */ schemasOf([
  { name: "service.matched", schema: {"type":"object","properties":{"request_id":{"type":"string"},"human_id":{"type":"string"}},"required":["request_id","human_id"]} },
  { name: "service.expired", schema: {"type":"object","properties":{"request_id":{"type":"string"}},"required":["request_id"]} },
  { name: "meeting.scheduled", schema: {"type":"object","properties":{"meeting_id":{"type":"string"},"request_id":{"type":"string"},"human_id":{"type":"string"},"scheduled_at":{"type":"string"}},"required":["meeting_id","request_id","human_id","scheduled_at"]} },
  { name: "meeting.completed", schema: {"type":"object","properties":{"meeting_id":{"type":"string"},"request_id":{"type":"string"},"human_id":{"type":"string"},"status":{"type":"string"},"completed_at":{"type":"string"}},"required":["meeting_id","request_id","human_id"]} },
  { name: "meeting.cancelled", schema: {"type":"object","properties":{"meeting_id":{"type":"string"},"reason":{"type":["string","null"]}},"required":["meeting_id","reason"]} },
  { name: "meeting.no_show", schema: {"type":"object","properties":{"meeting_id":{"type":"string"},"no_show_party":{"type":"string"}},"required":["meeting_id","no_show_party"]} },
  { name: "report.submitted", schema: {"type":"object","properties":{"meeting_id":{"type":"string"},"outcome":{"type":["string","object"]}},"required":["meeting_id","outcome"]} },
  { name: "payment.paid", schema: {"type":"object","properties":{"reward_id":{"type":"string"},"meeting_id":{"type":"string"},"amount":{"type":["number","string","object"]}},"required":["reward_id","meeting_id","amount"]} },
  { name: "payment.failed", schema: {"type":"object","properties":{"reward_id":{"type":"string"},"meeting_id":{"type":"string"},"error":{"type":["string","object"]}},"required":["reward_id","meeting_id","error"]} },
]);
