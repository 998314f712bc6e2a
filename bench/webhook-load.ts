// Load for a receiving server: signed Standard Webhooks over bare sockets, kept alive, each the next one as soon as the last
// is answered. Light, so that what is measured is the server. Every event has an id of its own.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Peer } from './asking.ts';
import type { WebhookServerAnswers } from './webhook-server-process.ts';

export interface ServerFigures {
  readonly requestsPerSecond: number;
  /** User and system time of all the server's threads. */
  readonly cpuUsEach: number;
  /** What one core carries at that cost. */
  readonly perCorePerSecond: number;
  /** Of all requests, warm-up included: each handled once. */
  readonly handled: number;
  readonly sent: number;
  readonly refused: number;
}

const KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;

/** @param bodyBytes of each request */
export async function loadWebhookServer(
  seconds: number,
  warmUpSeconds: number,
  connections: number,
  bodyBytes: number,
): Promise<ServerFigures> {
  const server = new Peer<WebhookServerAnswers>('./webhook-server-process.ts');
  const load = new Load(new URL(await server.ask('start', SECRET)), bodyBytes);
  try {
    await load.open(connections);
    await wait(warmUpSeconds * 1000);
    const [before, answeredBefore, startMs] = [await server.ask('usage'), load.answered, performance.now()];
    await wait(seconds * 1000);
    const [after, answeredAfter, endMs] = [await server.ask('usage'), load.answered, performance.now()];
    await load.close();
    const answered = answeredAfter - answeredBefore;
    const cpuUsEach = (after.cpuUs - before.cpuUs) / answered;
    return {
      requestsPerSecond: Math.round((answered * 1000) / (endMs - startMs)),
      cpuUsEach: Math.round(cpuUsEach * 10) / 10,
      perCorePerSecond: Math.round(1e6 / cpuUsEach),
      handled: await server.ask('handled'),
      sent: load.answered,
      refused: load.refused,
    };
  } finally {
    await server.stop();
  }
}

const OK = Buffer.from('HTTP/1.1 200');
const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;

class Load {
  answered = 0;
  refused = 0;
  readonly #url: URL;
  readonly #bodyBytes: number;
  readonly #sockets: Socket[] = [];
  #count = 0;
  #stopping = false;

  constructor(url: URL, bodyBytes: number) {
    this.#url = url;
    this.#bodyBytes = bodyBytes;
  }

  async open(connections: number): Promise<void> {
    for (let i = 0; i < connections; i++) {
      const socket = connect(Number(this.#url.port), this.#url.hostname);
      await once(socket, 'connect');
      this.#sockets.push(socket);
      this.#drive(socket);
    }
  }

  /** Lets every connection have its last answer. */
  async close(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#sockets.filter((socket) => !socket.closed).map((socket) => once(socket, 'close')));
  }

  #drive(socket: Socket): void {
    let held: Buffer = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const headEnd = held.indexOf(HEAD_END);
      if (headEnd === -1) return;
      const end = headEnd + HEAD_END.length + Number(LENGTH.exec(held.toString('latin1', 0, headEnd))?.[1] ?? 0);
      if (held.length < end) return;
      if (!held.subarray(0, OK.length).equals(OK)) this.refused++;
      this.answered++;
      held = held.subarray(end);
      if (this.#stopping) socket.end();
      else socket.write(this.#next());
    });
    socket.write(this.#next());
  }

  #next(): string {
    const number = this.#count++;
    const id = `evt_${number}`;
    const seconds = Math.floor(Date.now() / 1000);
    const start = `{"type":"order.paid","timestamp":"2026-01-01T00:00:00.000Z","data":{"number":${number},"text":"`;
    const body = `${start}${'x'.repeat(this.#bodyBytes - start.length - 3)}"}}`;
    const signature = createHmac('sha256', KEY).update(`${id}.${seconds}.${body}`).digest('base64');
    return `POST ${this.#url.pathname} HTTP/1.1\r\nhost: ${this.#url.host}\r\ncontent-type: application/json\r\nuser-agent: bench\r\ncontent-length: ${body.length}\r\nwebhook-id: ${id}\r\nwebhook-timestamp: ${seconds}\r\nwebhook-signature: v1,${signature}\r\n\r\n${body}`;
  }
}
