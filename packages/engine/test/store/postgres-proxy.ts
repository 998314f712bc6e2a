// A TCP proxy in front of PostgreSQL, which loses what a network can lose.

import { connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  /** The database's URL, through the proxy. */
  readonly url: string;
  /** From now on what the server says next, after the client has sent these bytes, is lost, and so is the connection: once. */
  loseAnswerTo(bytes: string): Promise<void>;
  /** Nothing passes any more, either way, and nobody is told. */
  freeze(): void;
  /** What was held passes again. */
  thaw(): void;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const to = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let loses: { readonly bytes: string; readonly lost: () => void } | null = null;
  let frozen = false;
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
    for (const socket of pair) socket.on('error', end).on('close', end);
    if (frozen) for (const socket of pair) socket.pause();
    client.on('data', (chunk) => {
      if (loses !== null && chunk.includes(loses.bytes)) {
        losing = loses.lost;
        loses = null;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (losing === null) {
        client.write(chunk);
        return;
      }
      losing();
      end();
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
    freeze() {
      frozen = true;
      each((socket) => socket.pause());
    },
    thaw() {
      frozen = false;
      each((socket) => socket.resume());
    },
    close: () =>
      new Promise((resolve) => {
        each((socket) => socket.destroy());
        server.close(() => resolve());
      }),
  };
}
