// AgentServer: joins every room whose webhook asks for the agent, and answers its calls there.
//
// 1. A webhook is answered before its room is joined: joining takes as long as it takes.
// 2. One visit a room. A call for a room that the agent is in, or is joining, changes nothing (webhooks come more than
//    once); where its connection was lost, the newer call takes its place. Rooms are told apart by name, so one server
//    serves one project.
// 3. A token that was minted here goes only to an address that was signed for, or to the API's own.
// 4. Stopping drains every room, and refuses new ones with a 503, so that the sender tries again elsewhere.

import { WaxwingError } from '@waxwing/protocol/errors';
import type { ReceiverNotice } from '@waxwing/receiver';
import { MeshAgentWebhookServer } from '@waxwing/receiver/meshagent';
import type { AnsweredCall, CallEvent, MeshAgentServerOptions, RoomEndedEvent, RoomStartedEvent } from '@waxwing/receiver/meshagent';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Agent } from './agent.ts';
import { DialledInChannel, NORMAL_CLOSE, OutgoingChannel } from './channel.ts';
import type { RoomChannel } from './channel.ts';
import { logAgentLine } from './notice.ts';
import type { AgentNotice } from './notice.ts';
import { apiUrlFrom, mintToken, projectKeyFrom, webSocketUrl } from './project-key.ts';
import type { ProjectKey, ProjectKeyOptions } from './project-key.ts';
import { Visit } from './visit.ts';

export interface AgentServerOptions extends Omit<MeshAgentServerOptions<WebSocket>, 'webSockets' | 'log'>, ProjectKeyOptions {
  readonly agent: Agent;
  /** Where rooms that started are joined when their event does not say. Default `MESHAGENT_API_URL`, or MeshAgent's own. */
  readonly apiUrl?: string;
  /** Default 30 s: how long a room may take to let the agent in and register it. */
  readonly joinTimeoutMs?: number;
  /** The waits before each next try when a connection breaks. Default 0.5 s, doubling to 30 s; then the room is given up. */
  readonly rejoinDelaysMs?: readonly number[];
  /** Where notices go. Default: one line each on standard output or error. */
  readonly log?: (notice: ReceiverNotice | AgentNotice) => void;
}

const DEFAULTS = {
  joinTimeoutMs: 30_000,
  drainTimeoutMs: 10_000,
  rejoinDelaysMs: [500, 1000, 2000, 4000, 8000, 16_000, 30_000],
} as const;

/**
 * Serves one agent to every room that calls for it (`room.call`, by POST or by WebSocket upgrade) or starts (`room.started`,
 * where an API key is set). Takes the options of `MeshAgentWebhookServer` besides.
 * @throws WaxwingError `invalid_secret` without a usable webhook secret, `invalid_setting` for an unusable API key or URL
 * @example
 * await new AgentServer({ agent: Adder }).run(); // until SIGTERM or SIGINT; rooms are left, calls that run are answered
 */
export class AgentServer extends MeshAgentWebhookServer<WebSocket> {
  readonly #options: AgentServerOptions;
  readonly #log: (notice: AgentNotice) => void;
  readonly #key: ProjectKey | null;
  readonly #apiUrl: string;
  readonly #visits = new Map<string, Visit>();
  #stopping = false;

  constructor(options: AgentServerOptions) {
    super({ ...options, webSockets: new WebSocketServer({ noServer: true }) });
    this.#options = options;
    this.#log = options.log ?? logAgentLine;
    this.#key = projectKeyFrom(options);
    this.#apiUrl = apiUrlFrom(options.apiUrl);
  }

  /** The names of the rooms that the agent is registered in now. */
  get rooms(): readonly string[] {
    return [...this.#visits].filter(([, visit]) => visit.joined).map(([roomName]) => roomName);
  }

  override async start(): Promise<void> {
    this.#stopping = false;
    await super.start();
  }

  /** Takes no more webhooks, finishes the calls that run, and leaves every room. */
  override async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([super.stop(), ...[...this.#visits.values()].map((visit) => visit.leave('stopped'))]);
  }

  override async onCall({ roomName, roomUrl, token, arguments: callArguments }: CallEvent): Promise<void> {
    this.#dial(roomName, roomUrl, () => token, callArguments);
  }

  override async onRoomStarted({ roomName, roomUrl }: RoomStartedEvent): Promise<void> {
    const key = this.#key;
    if (key === null) return this.#notJoined(roomName, 'it started, but there is no API key to make a token with: set MESHAGENT_API_KEY');
    const { agent, now, validateWebhookSecret } = this.#options;
    const address = validateWebhookSecret === false ? null : roomUrl;
    const mint = (): string => mintToken(key, agent.name, roomName, (now ?? Date.now)());
    this.#dial(roomName, address ?? `${this.#apiUrl}/rooms/${encodeURIComponent(roomName)}`, mint, {});
  }

  override async onCallAnswered({ roomName, arguments: callArguments, webSocket }: AnsweredCall<WebSocket>): Promise<void> {
    const mayJoin = this.#mayJoin(roomName);
    if (mayJoin) this.#join(roomName, { open: () => new DialledInChannel(webSocket), rejoinDelaysMs: [], callArguments });
    else webSocket.close(NORMAL_CLOSE, 'the agent is in the room');
  }

  /** A room that ended closes its connections; only a visit that has none has to be told. Late news of an earlier room of that name are harmless. */
  override async onRoomEnded({ roomName }: RoomEndedEvent): Promise<void> {
    const visit = this.#visits.get(roomName);
    if (visit?.lost === true) void visit.leave('room_ended');
  }

  #dial(roomName: string, roomUrl: string, token: () => string, callArguments: CallEvent['arguments']): void {
    const url = webSocketUrl(roomUrl);
    if (url === null) return this.#notJoined(roomName, `its address is no WebSocket URL (${JSON.stringify(roomUrl)})`);
    if (!this.#mayJoin(roomName)) return;
    const { rejoinDelaysMs = DEFAULTS.rejoinDelaysMs } = this.#options;
    this.#join(roomName, { open: () => new OutgoingChannel({ url, token: token() }), rejoinDelaysMs, callArguments });
  }

  /** Whether a call for the room is news. Makes way for it. */
  #mayJoin(roomName: string): boolean {
    if (this.#stopping) throw new WaxwingError('shutting_down', `The server stops, so its agent does not join ${roomName}.`);
    const visit = this.#visits.get(roomName);
    if (visit === undefined) return true;
    if (!visit.lost) return false;
    void visit.leave('replaced');
    return true;
  }

  #join(roomName: string, how: HowToJoin): void {
    const { agent, joinTimeoutMs = DEFAULTS.joinTimeoutMs, drainTimeoutMs = DEFAULTS.drainTimeoutMs } = this.#options;
    const visit = new Visit({ agent, roomName, joinTimeoutMs, drainTimeoutMs, log: this.#log, ...how });
    this.#visits.set(roomName, visit);
    void visit.ended.then(() => {
      if (this.#visits.get(roomName) === visit) this.#visits.delete(roomName);
    });
  }

  #notJoined(roomName: string, explanation: string): void {
    this.#log({ kind: 'room_not_joined', roomName, agent: this.#options.agent.name, explanation });
  }
}

interface HowToJoin {
  readonly open: () => RoomChannel;
  readonly rejoinDelaysMs: readonly number[];
  readonly callArguments: CallEvent['arguments'];
}
