// Generated from the event catalogue of the profile joai: do not edit. See test/generate-events.ts.

/** agent.action: Agent performs an action */
export interface AgentActionData {
  readonly agent: {
    readonly id: string;
    readonly name: string;
  };
  readonly room: string;
  readonly action: string;
  readonly content: string;
}

/** agent.message: Agent sends a message */
export interface AgentMessageData {
  readonly agent: {
    readonly id: string;
    readonly name: string;
  };
  readonly room: string;
  readonly content: string;
}

/** user.message: User sends a message to an agent */
export interface UserMessageData {
  readonly agent: {
    readonly id: string;
    readonly name: string;
  };
  readonly user: {
    readonly id: string;
    readonly name: string;
  };
  readonly room: {
    readonly id: string;
    readonly name: string;
  };
  readonly content: string;
}

/** The events of joai: type to data. */
export interface JoaiEvents {
  readonly 'agent.action': AgentActionData;
  readonly 'agent.message': AgentMessageData;
  readonly 'user.message': UserMessageData;
}
