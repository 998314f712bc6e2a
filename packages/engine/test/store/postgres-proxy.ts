// A TCP proxy in front of PostgreSQL, which loses what a network can lose.

import { connect, createServer, type Socket } from 'node:net';
import { bytesOf } from './pooler-wire.ts';

export interface Proxy {
  /** The database's URL, through the proxy. */
  readonly url: string;
  /** Once a client has sent these bytes, its connection is lost with the answer, though the server ends what it was told. */
  loseAnswerTo(bytes: string): Promise<void>;
  /** Resolves when a client sends these bytes next, before they are passed on. */
  sends(bytes: string): Promise<void>;
  /** From now on the server seems to say this in place of that, which is as long. */
  rewrite(said: string, seems: string): void;
  /** Nothing passes any more, either way, and nobody is told. */
  freeze(): void;
  /** What was held passes again, and connections are taken again. */
  thaw(): void;
  /** Every connection is reset, and so is each new one, until `thaw`. */
  cut(): void;
  close(): Promise<void>;
}

/** ReadyForQuery, outside of a transaction. */
const IDLE = 'Z\0\0\0\x05I';
/** After that a transaction counts as left open. */
const PATIENCE_MS = 200;

export async function startProxy(target: string): Promise<Proxy> {
  const to = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let loses: { readonly bytes: string; readonly lost: () => void } | null = null;
  let watched: { readonly bytes: string; readonly sent: () => void } | null = null;
  let frozen = false;
  let isCut = false;
  let rewritten: { readonly said: string; readonly seems: string } | null = null;
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    let losing: (() => void) | null = null;
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    const finish = (lost: () => void): void => {
      const ended = (): void => {
        clearTimeout(patience);
        end();
        lost();
      };
      const patience = setTimeout(ended, PATIENCE_MS);
      upstream.on('data', (chunk) => {
        if (chunk.includes(IDLE)) ended();
      });
      client.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true).on('error', () => undefined);
      socket.on('close', () => {
        if (losing === null || socket === upstream) end();
      });
    }
    if (frozen) for (const socket of pair) socket.pause();
    if (isCut) end();
    client.on('data', (chunk) => {
      if (watched !== null && chunk.includes(watched.bytes)) watched.sent();
      if (loses !== null && chunk.includes(loses.bytes)) {
        losing = loses.lost;
        loses = null;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (losing === null) {
        const { said, seems } = rewritten ?? { said: '', seems: '' };
        const at = said === '' ? -1 : chunk.indexOf(said);
        const bytes = bytesOf(chunk);
        if (at !== -1) bytes.write(seems, at);
        client.write(bytes);
      } else if (!client.destroyed) finish(losing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(target);
  url.port = typeof address === 'object' && address !== null ? String(address.port) : '';
  const each = (work: (socket: Socket) => void): void => {
    for (const pair of pairs) for (const socket of pair) work(socket);
  };
  return {
    url: url.href,
    loseAnswerTo: (bytes) =>
      new Promise((resolve) => {
        loses = { bytes, lost: resolve };
      }),
    sends: (bytes) =>
      new Promise((resolve) => {
        watched = { bytes, sent: resolve };
      }),
    rewrite(said, seems) {
      rewritten = { said, seems };
    },
    freeze() {
      frozen = true;
      each((socket) => socket.pause());
    },
    thaw() {
      isCut = false;
      frozen = false;
      each((socket) => socket.resume());
    },
    cut() {
      isCut = true;
      each((socket) => socket.destroy());
    },
    close: () =>
      new Promise((resolve) => {
        each((socket) => socket.destroy());
        server.close(() => resolve());
      }),
  };
}
