// A room on loopback: a WebSocket server and the SDK's protocol, with as much of a room's behaviour as agents touch.
//
// It lets in whom `admits` lets in (the token comes as `?token=` or in Authorization, as SDK versions have it), keeps the
// toolkits that are registered, and carries calls from one participant to another. `journal` is what happened, in order.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Protocol } from '@meshagent/meshagent';
import { WebSocket, WebSocketServer } from 'ws';
import { DialledInChannel } from '../src/channel.ts';
import { sdk } from '../src/sdk.ts';

interface Toolkit {
  readonly id: string;
  readonly name: string;
  readonly owner: Participant;
  readonly description: { readonly [field: string]: unknown };
}

export interface Participant {
  readonly id: string;
  readonly socket: WebSocket;
  readonly protocol: Protocol;
}

export interface Knock {
  readonly token: string | null;
  readonly by: 'query' | 'authorization' | 'none';
  readonly path: string;
}

const response = '__response__';

export class LoopbackRoom {
  readonly name: string;
  readonly journal: string[] = [];
  readonly knocks: Knock[] = [];
  readonly participants: Participant[] = [];
  readonly toolkits: Toolkit[] = [];
  /** The HTTP status that a knock is answered with; 101 lets it in. */
  admits: (knock: Knock) => number = () => 101;
  /** False keeps everyone waiting for `room_ready`. */
  ready = true;
  readonly #server = createServer();
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #calls = new Map<string, { readonly caller: Participant; readonly id: number; readonly toolkit: Toolkit }>();
  readonly #waiting = new Set<() => void>();
  #count = 0;

  constructor(name = 'my-room') {
    this.name = name;
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const knock = knockOf(request);
      this.knocks.push(knock);
      const status = this.admits(knock);
      if (status === 101) this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.welcome(webSocket));
      else socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      this.#note(`knock ${status}`);
    });
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  /** The WebSocket address of the server that rooms are on. */
  get origin(): string {
    const address = this.#server.address();
    return `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  get url(): string {
    return `${this.origin}/rooms/${this.name}`;
  }

  /** Takes a socket as a participant's: one that knocked, or one that the room opened. */
  welcome(socket: WebSocket): void {
    const protocol = new sdk.Protocol({ channel: new DialledInChannel(socket) });
    this.#count += 1;
    const participant: Participant = { id: `p${this.#count}`, socket, protocol };
    this.participants.push(participant);
    socket.once('close', (code) => {
      this.participants.splice(this.participants.indexOf(participant), 1);
      for (const toolkit of this.toolkits.filter(({ owner }) => owner === participant))
        this.toolkits.splice(this.toolkits.indexOf(toolkit), 1);
      for (const [key, { caller, id, toolkit }] of this.#calls) {
        if (toolkit.owner !== participant || !this.#calls.delete(key)) continue;
        void caller.protocol.send(response, new sdk.ErrorContent({ text: `${toolkit.name} is gone` }).pack(), id);
      }
      protocol.dispose();
      this.#note(`${participant.id} gone ${code}`);
    });
    protocol.addHandler('*', async (_protocol, id, type, data) => this.#hear(participant, id, type, data));
    protocol.start();
    if (!this.ready) return;
    void protocol.send('room_ready', sdk.packMessage({ room_name: this.name, room_url: this.url, session_id: 's1' }));
    void protocol.send('connected', sdk.packMessage({ type: 'init', participantId: participant.id, attributes: { name: participant.id } }));
  }

  /** Sends a message to everyone, as one participant's. */
  async say(type: string): Promise<void> {
    for (const { protocol } of this.participants) {
      await protocol.send('messaging.send', sdk.packMessage({ from_participant_id: 'someone', type, message: {} }));
    }
  }

  /** Resolves once everyone has heard what was sent so far, and had a turn to act on it. */
  async echo(): Promise<void> {
    for (const { socket } of [...this.participants, ...this.participants]) {
      socket.ping();
      await once(socket, 'pong');
    }
  }

  /** Closes every participant's connection. */
  hangUp(code = 1000): void {
    for (const { socket } of this.participants) socket.close(code);
  }

  /** Resolves once the journal satisfies the condition. */
  async until(holds: (room: this) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Resolves once the journal has a line `count` times. */
  untilNoted(line: string, count = 1): Promise<void> {
    return this.until(() => this.noted(line) >= count);
  }

  noted(line: string): number {
    return this.journal.filter((noted) => noted === line).length;
  }

  /** A person in the room, with the SDK's own client. */
  async visitor(): Promise<InstanceType<typeof sdk.RoomClient>> {
    const protocolFactory = sdk.WebSocketClientProtocol.createFactory({ url: this.url, token: 'visitor' });
    const client = new sdk.RoomClient({ protocolFactory, reconnectTimeout: 0 });
    await client.start();
    return client;
  }

  async close(): Promise<void> {
    for (const { socket } of this.participants) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #hear(from: Participant, id: number, type: string, data: Uint8Array): Promise<void> {
    const [header] = sdk.unpackMessage(data);
    const answer = (json: Record<string, unknown>): Promise<void> => from.protocol.send(response, new sdk.JsonContent({ json }).pack(), id);
    switch (type) {
      case 'room.register_toolkit': {
        this.#count += 1;
        this.toolkits.push({ id: `t${this.#count}`, name: header.name, owner: from, description: header });
        await answer({ id: `t${this.#count}` });
        return this.#note(`register ${header.name}`);
      }
      case 'room.unregister_toolkit': {
        const toolkit = this.toolkits.find((candidate) => candidate.id === header.id);
        if (toolkit !== undefined) this.toolkits.splice(this.toolkits.indexOf(toolkit), 1);
        await answer({});
        return this.#note(`unregister ${toolkit?.name}`);
      }
      case 'room.list_toolkits':
        return answer({ tools: Object.fromEntries(this.toolkits.map(({ name, description }) => [name, description])) });
      case 'room.invoke_tool': {
        const toolkit = this.toolkits.find((candidate) => candidate.name === header.toolkit);
        if (toolkit === undefined) return from.protocol.send(response, new sdk.ErrorContent({ text: 'no such toolkit' }).pack(), id);
        const callId = toolkit.owner.protocol.getNextMessageId();
        this.#calls.set(`${toolkit.owner.id}/${callId}`, { caller: from, id, toolkit });
        const call = { name: header.tool, arguments: header.arguments, caller_id: from.id };
        await toolkit.owner.protocol.send(`room.tool_call.${toolkit.name}`, sdk.packMessage(call), callId);
        return this.#note(`call ${toolkit.name}`);
      }
      case 'room.tool_call_response': {
        const call = this.#calls.get(`${from.id}/${id}`);
        this.#calls.delete(`${from.id}/${id}`);
        await call?.caller.protocol.send(response, data, call.id);
        return this.#note('answer');
      }
      default:
        return this.#note(type);
    }
  }

  #note(line: string): void {
    this.journal.push(line);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

function knockOf(request: IncomingMessage): Knock {
  const url = new URL(request.url ?? '/', 'ws://room');
  const query = url.searchParams.get('token');
  const header = request.headers.authorization?.replace(/^Bearer /, '');
  if (header !== undefined) return { token: header, by: 'authorization', path: url.pathname };
  return { token: query, by: query === null ? 'none' : 'query', path: url.pathname };
}

/** Dials a webhook path by upgrade, as a room that calls an agent does; resolves with the socket, or the status that refused it. */
export function dial(url: string, headers: Record<string, string>): Promise<WebSocket | number> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers });
  return new Promise((resolve, fail) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (request, answer) => {
      request.destroy();
      resolve(answer.statusCode ?? 0);
    });
    socket.once('error', fail);
  });
}
