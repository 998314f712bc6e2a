// A gate between the browser and the server: shut, it cuts every connection and lets none through, as a machine that
// sleeps or a network that is gone.

import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

export interface Gate {
  readonly url: string;
  shut(): void;
  open(): void;
  stop(): void;
}

export async function startGate(serverUrl: string): Promise<Gate> {
  const port = Number(new URL(serverUrl).port);
  const sockets = new Set<Socket>();
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
    open() {
      isShut = false;
    },
    stop() {
      server.close();
      cut();
    },
  };
}
