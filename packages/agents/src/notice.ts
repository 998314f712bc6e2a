// What an agent server tells its log: one notice for each thing that happens to it in a room. Never a token.

import type { AskOutcome } from './agent.ts';
import { messageOf } from './agent.ts';

/** Why an agent is no longer in a room. */
export type LeaveReason =
  /** A participant sent `dismiss`. */
  | 'dismissed'
  /** The room closed the connection. */
  | 'room_closed'
  /** The room ended while the connection to it was lost. */
  | 'room_ended'
  /** The server stops. */
  | 'stopped'
  /** A newer call took its place while the connection was lost. */
  | 'replaced'
  /** The room does not let it in, or could not be reached again. */
  | 'unreachable';

export type AgentNotice =
  | { readonly kind: 'room_joined'; readonly roomName: string; readonly agent: string }
  | {
      readonly kind: 'room_left';
      readonly roomName: string;
      readonly agent: string;
      readonly reason: LeaveReason;
      readonly error?: unknown;
    }
  | {
      readonly kind: 'connection_lost';
      readonly roomName: string;
      readonly agent: string;
      readonly retryMs: number;
      readonly error: unknown;
    }
  | { readonly kind: 'room_not_joined'; readonly roomName: string; readonly agent: string; readonly explanation: string }
  | {
      readonly kind: 'ask_failed';
      readonly roomName: string;
      readonly agent: string;
      readonly outcome: Exclude<AskOutcome, { readonly kind: 'answered' }>;
    };

export type AgentLog = (notice: AgentNotice) => void;

/** The default log: one line a notice. */
export function logAgentLine(notice: AgentNotice): void {
  const { agent, roomName } = notice;
  switch (notice.kind) {
    case 'room_joined':
      return console.log(`${agent} joined ${roomName}`);
    case 'room_left':
      return notice.error === undefined
        ? console.log(`${agent} left ${roomName} (${notice.reason})`)
        : console.warn(`${agent} left ${roomName} (${notice.reason}): ${messageOf(notice.error)}`);
    case 'connection_lost':
      return console.warn(`${agent} lost ${roomName}, next try in ${Math.round(notice.retryMs)} ms: ${messageOf(notice.error)}`);
    case 'room_not_joined':
      return console.warn(`${agent} did not join ${roomName}: ${notice.explanation}`);
    case 'ask_failed': {
      const { outcome } = notice;
      const line = `${agent} gave no answer in ${roomName} (${outcome.kind}): ${outcome.explanation}`;
      return 'error' in outcome ? console.error(line, outcome.error) : console.warn(line);
    }
  }
}
