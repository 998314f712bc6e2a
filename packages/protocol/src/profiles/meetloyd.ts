// MeetLoyd: HMAC-SHA256 of `{timestamp}.{payload}` in X-MeetLoyd-Signature, six attempts over some ten hours.
//
// Its page publishes no payloads: the envelope is ours, the samples are sensible guesses, the schemas require nothing.

import type { EventTypeDefinition, ProfileDefinition } from '../profile.ts';
import { MEETLOYD_SCHEME } from '../schemes.ts';
import { eventType } from './catalogue.ts';
import { NO_REACTIONS, RETRIES_MAX, TIMEOUT_SECONDS_MAX } from './defaults.ts';

export const meetloyd: ProfileDefinition = {
  name: 'meetloyd',
  title: 'MeetLoyd',
  description: 'MeetLoyd: HMAC-SHA256 over timestamp and body, hexadecimal, with the timestamp in a header of its own.',
  envelope: { id: '{id}', event: '{type}', timestamp: '{timestamp}', data: '{data}' },
  timestampForm: 'iso',
  print: 'javascript',
  eventIdPrefix: null,
  headers: {},
  signature: MEETLOYD_SCHEME,
  secret: { prefix: '', form: 'utf8', minBytes: 8, maxBytes: 512, warnBelowBytes: 16 },
  schedule: { delaysSeconds: [60, 300, 1800, 7200, 28_800], maxRetriesDefault: 5, maxRetriesLimit: RETRIES_MAX, jitterRatio: 0 },
  timeoutSecondsDefault: 30,
  timeoutSecondsMax: TIMEOUT_SECONDS_MAX,
  httpsRequired: false,
  reactions: NO_REACTIONS,
  failingWord: 'failed',
  catalogueClosed: true,
  eventTypes: [
    undocumented('conversation.created', 'New conversation started', {
      conversation_id: 'conv_7h2k9m4p',
      agent_id: 'agt_3f8d1c6b',
      user_id: 'usr_5t9w2x7z',
      channel: 'web',
    }),
    undocumented('conversation.message', 'New message in conversation', {
      conversation_id: 'conv_7h2k9m4p',
      message_id: 'msg_1q4r8v2n',
      role: 'assistant',
      content: 'Your meeting is moved to Thursday at 14:00.',
    }),
    undocumented('conversation.completed', 'Conversation ended', {
      conversation_id: 'conv_7h2k9m4p',
      agent_id: 'agt_3f8d1c6b',
      message_count: 12,
      duration_seconds: 342,
    }),
    undocumented('conversation.error', 'Conversation error occurred', {
      conversation_id: 'conv_7h2k9m4p',
      error: { code: 'model_unavailable', message: 'The language model did not answer in time.' },
    }),
    undocumented('task.created', 'Task created', {
      task_id: 'task_9c3b6d1f',
      agent_id: 'agt_3f8d1c6b',
      title: 'Summarise the quarterly report',
      priority: 'normal',
    }),
    undocumented('task.started', 'Task execution began', { task_id: 'task_9c3b6d1f', agent_id: 'agt_3f8d1c6b', status: 'running' }),
    undocumented('task.completed', 'Task finished successfully', {
      task_id: 'task_9c3b6d1f',
      agent_id: 'agt_3f8d1c6b',
      status: 'completed',
      result: { summary: 'Revenue grew by 8 % over the quarter.' },
      duration_seconds: 47.5,
    }),
    undocumented('task.failed', 'Task failed', {
      task_id: 'task_9c3b6d1f',
      agent_id: 'agt_3f8d1c6b',
      status: 'failed',
      error: { code: 'tool_error', message: 'The report could not be opened.' },
    }),
    undocumented('task.cancelled', 'Task was cancelled', {
      task_id: 'task_9c3b6d1f',
      agent_id: 'agt_3f8d1c6b',
      status: 'cancelled',
      cancelled_by: 'usr_5t9w2x7z',
    }),
    undocumented('workflow.started', 'Workflow execution began', {
      workflow_id: 'wf_2k7m5p9r',
      run_id: 'run_8x1y4z6a',
      trigger: 'schedule',
    }),
    undocumented('workflow.completed', 'Workflow finished successfully', {
      workflow_id: 'wf_2k7m5p9r',
      run_id: 'run_8x1y4z6a',
      steps_completed: 5,
      duration_seconds: 128,
    }),
    undocumented('workflow.failed', 'Workflow failed', {
      workflow_id: 'wf_2k7m5p9r',
      run_id: 'run_8x1y4z6a',
      failed_step: 'send_invoice',
      error: { code: 'step_timeout', message: 'The step took longer than 300 seconds.' },
    }),
    undocumented('workflow.human_task', 'Human task awaiting response', {
      workflow_id: 'wf_2k7m5p9r',
      run_id: 'run_8x1y4z6a',
      human_task_id: 'htask_4d6f8h1j',
      assignee: 'usr_5t9w2x7z',
      prompt: 'Approve the refund of 120.00 EUR?',
      options: ['approve', 'reject'],
    }),
    undocumented('agent.created', 'Agent created', { agent_id: 'agt_3f8d1c6b', name: 'Scheduling assistant', created_by: 'usr_5t9w2x7z' }),
    undocumented('agent.updated', 'Agent configuration changed', { agent_id: 'agt_3f8d1c6b', changed: ['instructions', 'tools'] }),
    undocumented('agent.deleted', 'Agent deleted', { agent_id: 'agt_3f8d1c6b', deleted_by: 'usr_5t9w2x7z' }),
    undocumented('agent.tool_called', 'Agent called a tool', {
      agent_id: 'agt_3f8d1c6b',
      conversation_id: 'conv_7h2k9m4p',
      tool: 'calendar.create_event',
      arguments: { title: 'Project review', starts_at: '2026-05-14T14:00:00Z' },
      duration_ms: 412,
    }),
  ],
};

function undocumented(name: string, description: string, sample: { readonly [member: string]: unknown }): EventTypeDefinition {
  return eventType(name, description, {}, [], sample);
}
