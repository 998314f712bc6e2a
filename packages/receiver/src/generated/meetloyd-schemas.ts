// Generated from the event catalogue of the profile meetloyd: do not edit. See test/generate-events.ts.

import { schemasOf } from '../schema/json-schema.ts';
import type { PayloadSchemas } from '../schema/payload-schema.ts';

/** The schemas of meetloyd's events, for a receiver's `schemas`. */
export const meetloydSchemas: PayloadSchemas = /* @__PURE__ */ schemasOf([
  { name: "conversation.created", schema: {"type":"object","properties":{},"required":[]} },
  { name: "conversation.message", schema: {"type":"object","properties":{},"required":[]} },
  { name: "conversation.completed", schema: {"type":"object","properties":{},"required":[]} },
  { name: "conversation.error", schema: {"type":"object","properties":{},"required":[]} },
  { name: "task.created", schema: {"type":"object","properties":{},"required":[]} },
  { name: "task.started", schema: {"type":"object","properties":{},"required":[]} },
  { name: "task.completed", schema: {"type":"object","properties":{},"required":[]} },
  { name: "task.failed", schema: {"type":"object","properties":{},"required":[]} },
  { name: "task.cancelled", schema: {"type":"object","properties":{},"required":[]} },
  { name: "workflow.started", schema: {"type":"object","properties":{},"required":[]} },
  { name: "workflow.completed", schema: {"type":"object","properties":{},"required":[]} },
  { name: "workflow.failed", schema: {"type":"object","properties":{},"required":[]} },
  { name: "workflow.human_task", schema: {"type":"object","properties":{},"required":[]} },
  { name: "agent.created", schema: {"type":"object","properties":{},"required":[]} },
  { name: "agent.updated", schema: {"type":"object","properties":{},"required":[]} },
  { name: "agent.deleted", schema: {"type":"object","properties":{},"required":[]} },
  { name: "agent.tool_called", schema: {"type":"object","properties":{},"required":[]} },
]);
