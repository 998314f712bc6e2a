// Generated from the event catalogue of the profile meetloyd: do not edit. See test/generate-events.ts.

/** conversation.created: New conversation started */
export interface ConversationCreatedData {
  readonly conversation_id?: string;
  readonly agent_id?: string;
  readonly user_id?: string;
  readonly channel?: string;
}

/** conversation.message: New message in conversation */
export interface ConversationMessageData {
  readonly conversation_id?: string;
  readonly message_id?: string;
  readonly role?: string;
  readonly content?: string;
}

/** conversation.completed: Conversation ended */
export interface ConversationCompletedData {
  readonly conversation_id?: string;
  readonly agent_id?: string;
  readonly message_count?: number;
  readonly duration_seconds?: number;
}

/** conversation.error: Conversation error occurred */
export interface ConversationErrorData {
  readonly conversation_id?: string;
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
  };
}

/** task.created: Task created */
export interface TaskCreatedData {
  readonly task_id?: string;
  readonly agent_id?: string;
  readonly title?: string;
  readonly priority?: string;
}

/** task.started: Task execution began */
export interface TaskStartedData {
  readonly task_id?: string;
  readonly agent_id?: string;
  readonly status?: string;
}

/** task.completed: Task finished successfully */
export interface TaskCompletedData {
  readonly task_id?: string;
  readonly agent_id?: string;
  readonly status?: string;
  readonly result?: {
    readonly summary?: string;
  };
  readonly duration_seconds?: number;
}

/** task.failed: Task failed */
export interface TaskFailedData {
  readonly task_id?: string;
  readonly agent_id?: string;
  readonly status?: string;
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
  };
}

/** task.cancelled: Task was cancelled */
export interface TaskCancelledData {
  readonly task_id?: string;
  readonly agent_id?: string;
  readonly status?: string;
  readonly cancelled_by?: string;
}

/** workflow.started: Workflow execution began */
export interface WorkflowStartedData {
  readonly workflow_id?: string;
  readonly run_id?: string;
  readonly trigger?: string;
}

/** workflow.completed: Workflow finished successfully */
export interface WorkflowCompletedData {
  readonly workflow_id?: string;
  readonly run_id?: string;
  readonly steps_completed?: number;
  readonly duration_seconds?: number;
}

/** workflow.failed: Workflow failed */
export interface WorkflowFailedData {
  readonly workflow_id?: string;
  readonly run_id?: string;
  readonly failed_step?: string;
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
  };
}

/** workflow.human_task: Human task awaiting response */
export interface WorkflowHumanTaskData {
  readonly workflow_id?: string;
  readonly run_id?: string;
  readonly human_task_id?: string;
  readonly assignee?: string;
  readonly prompt?: string;
  readonly options?: readonly string[];
}

/** agent.created: Agent created */
export interface AgentCreatedData {
  readonly agent_id?: string;
  readonly name?: string;
  readonly created_by?: string;
}

/** agent.updated: Agent configuration changed */
export interface AgentUpdatedData {
  readonly agent_id?: string;
  readonly changed?: readonly string[];
}

/** agent.deleted: Agent deleted */
export interface AgentDeletedData {
  readonly agent_id?: string;
  readonly deleted_by?: string;
}

/** agent.tool_called: Agent called a tool */
export interface AgentToolCalledData {
  readonly agent_id?: string;
  readonly conversation_id?: string;
  readonly tool?: string;
  readonly arguments?: {
    readonly title?: string;
    readonly starts_at?: string;
  };
  readonly duration_ms?: number;
}

/** The events of meetloyd: type to data. */
export interface MeetloydEvents {
  readonly 'conversation.created': ConversationCreatedData;
  readonly 'conversation.message': ConversationMessageData;
  readonly 'conversation.completed': ConversationCompletedData;
  readonly 'conversation.error': ConversationErrorData;
  readonly 'task.created': TaskCreatedData;
  readonly 'task.started': TaskStartedData;
  readonly 'task.completed': TaskCompletedData;
  readonly 'task.failed': TaskFailedData;
  readonly 'task.cancelled': TaskCancelledData;
  readonly 'workflow.started': WorkflowStartedData;
  readonly 'workflow.completed': WorkflowCompletedData;
  readonly 'workflow.failed': WorkflowFailedData;
  readonly 'workflow.human_task': WorkflowHumanTaskData;
  readonly 'agent.created': AgentCreatedData;
  readonly 'agent.updated': AgentUpdatedData;
  readonly 'agent.deleted': AgentDeletedData;
  readonly 'agent.tool_called': AgentToolCalledData;
}
