// A gate between the browser and the server: shut, it cuts every connection and lets none through, as a network that is
// gone; stalled, its streams pass nothing any more and nobody is told, as after a machine has slept.

import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

export interface Gate {
  readonly url: string;
  shut(): void;
  open(): void;
  /** New connections pass. */
  stall(): void;
  stop(): void;
}

export async function startGate(serverUrl: string): Promise<Gate> {
  const port = Number(new URL(serverUrl).port);
  const sockets = new Set<Socket>();
  const streams = new Set<Socket>();
  let isShut = false;
  const server = createServer((from) => {
    if (isShut) {
      from.destroy();
      return;
    }
    const to = connect(port, '127.0.0.1');
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        from.destroy();
        to.destroy();
      });
    }
    from.on('data', (chunk) => {
      if (chunk.includes('/stream?')) streams.add(from).add(to);
    });
    from.pipe(to).pipe(from);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The gate has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    shut() {
      isShut = true;
      cut();
    },
    stall() {
      for (const socket of sockets)
        if (streams.has(socket)) socket.unpipe().pause();
        else socket.destroy();
    },
    open() {
      isShut = false;
    },
    stop() {
      server.close();
      cut();
    },
  };
}
