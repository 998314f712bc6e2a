// A listener on every address of the machine, which counts the connections that it accepts: what egress tests hold at none.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { OK } from './raw-receiver.ts';

export interface CountingListener extends AsyncDisposable {
  readonly port: number;
  accepted(): number;
}

export async function countingListener(): Promise<CountingListener> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', () => socket.end(OK));
  });
  server.listen(0); // `::`, and with it 0.0.0.0; on a machine without IPv6 that alone
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the listener has no port');
  return {
    port: address.port,
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
