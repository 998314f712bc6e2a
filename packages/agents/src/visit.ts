// A visit: the agent's stay in one room, over as many connections as it takes.
//
// 1. One session at a time, so the agent is never registered twice. The next begins after the last has closed.
// 2. A connection that breaks is followed by another, later each time; a room that closes, dismisses the agent or shuts it
//    out is left for good. A room that dialled in has to dial again.
// 3. A visit ends exactly once, and says why to its log.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from './agent.ts';
import type { RoomChannel } from './channel.ts';
import type { AgentLog, LeaveReason } from './notice.ts';
import { Session } from './session.ts';
import type { SessionEnd } from './session.ts';

export interface VisitSettings {
  readonly agent: Agent;
  readonly roomName: string;
  readonly callArguments: { readonly [name: string]: unknown };
  /** Opens one connection. */
  readonly open: () => RoomChannel;
  /** The waits before each next try after a connection broke, in order. None: the first break ends the visit. */
  readonly rejoinDelaysMs: readonly number[];
  readonly joinTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly log: AgentLog;
}

export class Visit {
  /** Resolves when the agent is out of the room and no connection is left. Never rejects. */
  readonly ended: Promise<void>;
  readonly #settings: VisitSettings;
  readonly #over = new AbortController();
  #session: Session | null = null;
  #state: 'joining' | 'joined' | 'lost' = 'joining';
  /** Why it is over, where that was decided here and not by the room. */
  #reason: LeaveReason = 'stopped';

  constructor(settings: VisitSettings) {
    this.#settings = settings;
    this.ended = this.#stay();
  }

  get joined(): boolean {
    return this.#state === 'joined';
  }

  /** True from when a connection broke until the next one stands. */
  get lost(): boolean {
    return this.#state === 'lost';
  }

  /** Drains and leaves the room for good. */
  leave(reason: LeaveReason): Promise<void> {
    this.#reason = reason;
    this.#over.abort();
    void this.#session?.leave();
    return this.ended;
  }

  async #stay(): Promise<void> {
    let tries = 0;
    const onJoined = (): void => {
      tries = 0;
      this.#state = 'joined';
      this.#tell({ kind: 'room_joined' });
    };
    while (!this.#over.signal.aborted) {
      const end = await this.#join(onJoined);
      if (end.kind !== 'lost' || this.#over.signal.aborted) return this.#leftBecause(end);
      this.#state = 'lost';
      const delayMs = this.#settings.rejoinDelaysMs[tries];
      tries += 1;
      if (delayMs === undefined) return this.#left('unreachable', end.error);
      const retryMs = delayMs * (0.75 + Math.random() / 2); // a room server that restarts should not see all its agents at once
      this.#tell({ kind: 'connection_lost', retryMs, error: end.error });
      await sleep(retryMs, undefined, { signal: this.#over.signal }).catch(() => {});
    }
    this.#left(this.#reason);
  }

  #join(onJoined: () => void): Promise<SessionEnd> {
    const { agent, roomName, callArguments, open, joinTimeoutMs, drainTimeoutMs, log } = this.#settings;
    this.#session = new Session(open(), {
      agent,
      roomName,
      callArguments,
      joinTimeoutMs,
      drainTimeoutMs,
      onJoined,
      onOutcome: (outcome) => {
        if (outcome.kind !== 'answered') log({ kind: 'ask_failed', agent: agent.name, roomName, outcome });
      },
    });
    return this.#session.ended();
  }

  #leftBecause(end: SessionEnd): void {
    switch (end.kind) {
      case 'left':
      case 'lost': // on its way out anyway
        return this.#left(this.#reason);
      case 'dismissed':
        return this.#left('dismissed');
      case 'closed':
        return this.#left('room_closed');
      case 'shut_out':
        return this.#left('unreachable', end.error);
    }
  }

  #left(reason: LeaveReason, error?: unknown): void {
    this.#tell({ kind: 'room_left', reason, ...(error !== undefined && { error }) });
  }

  #tell(news: News): void {
    const { agent, roomName, log } = this.#settings;
    log({ ...news, agent: agent.name, roomName });
  }
}

type News =
  | { readonly kind: 'room_joined' }
  | { readonly kind: 'room_left'; readonly reason: LeaveReason; readonly error?: unknown }
  | { readonly kind: 'connection_lost'; readonly retryMs: number; readonly error: unknown };
