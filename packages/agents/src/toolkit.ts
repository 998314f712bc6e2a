// An agent as the room sees it: a toolkit of its name with one tool, `run_<name>_task`, as MeshAgent's own task runners
// register. What an agent could not answer comes back as a tool error that begins with the reason.

import type { Content, Toolkit } from '@meshagent/meshagent';
import type { Agent, AgentContext, AskOutcome } from './agent.ts';
import { sdk } from './sdk.ts';

/** The name of an agent's one tool. */
export function toolNameOf(agent: Agent): string {
  return `run_${agent.name}_task`;
}

/**
 * The toolkit that offers an agent.
 * @param contextOfCall the context of the call that is being handled
 */
export function toolkitOf(agent: Agent, contextOfCall: () => AgentContext, onOutcome: (outcome: AskOutcome) => void): Toolkit {
  const { name, title, description } = agent;
  return new sdk.Toolkit({ name, title, description, tools: [new AskTool(agent, contextOfCall, onOutcome)] });
}

class AskTool extends sdk.Tool {
  readonly #agent: Agent;
  readonly #contextOfCall: () => AgentContext;
  readonly #onOutcome: (outcome: AskOutcome) => void;

  constructor(agent: Agent, contextOfCall: () => AgentContext, onOutcome: (outcome: AskOutcome) => void) {
    super({
      name: toolNameOf(agent),
      title: agent.title,
      description: agent.description,
      inputSchema: agent.inputSchema,
      outputSchema: agent.outputSchema,
    });
    this.#agent = agent;
    this.#contextOfCall = contextOfCall;
    this.#onOutcome = onOutcome;
  }

  async execute(given: unknown): Promise<Content> {
    const outcome = await this.#agent.answer(this.#contextOfCall(), given);
    this.#onOutcome(outcome);
    if (outcome.kind === 'answered') return new sdk.JsonContent({ json: outcome.output });
    return new sdk.ErrorContent({ text: `${outcome.kind}: ${outcome.explanation}` });
  }
}
