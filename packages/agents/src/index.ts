// The public surface of @waxwing/agents.
export { AgentError, defineAgent } from './agent.ts';
export type { Agent, AgentContext, AgentDefinition, AskOutcome, JsonSchema } from './agent.ts';
export type { AgentNotice, LeaveReason } from './notice.ts';
export type { ProjectKeyOptions } from './project-key.ts';
export { AgentServer } from './server.ts';
export type { AgentServerOptions } from './server.ts';
