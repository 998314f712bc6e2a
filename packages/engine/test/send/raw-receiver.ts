// A receiver made of bytes: what a test needs to answer badly, slowly or not at all. It takes requests apart just far
// enough to know where one ends, and hands each to the test with the socket that it came on.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface RawRequest {
  readonly head: string;
  readonly body: Buffer;
  readonly socket: Socket;
  /** 1 for the first connection, and so on. */
  readonly connection: number;
}

export interface RawReceiver extends AsyncDisposable {
  readonly port: number;
  readonly requests: RawRequest[];
  readonly connections: () => number;
  readonly openSockets: () => number;
}

export interface RawReceiverOptions {
  /** The certificate to serve TLS with, by its name in certificates/. */
  readonly certificate?: string;
  readonly onConnection?: (socket: Socket) => void;
  readonly host?: string;
}

export function certificate(name: string): string {
  return readFileSync(new URL(`./certificates/${name}.pem`, import.meta.url), 'utf8');
}

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** Starts a receiver on a free loopback port; it answers each whole request with what `answer` writes. */
export async function rawReceiver(answer: (request: RawRequest) => void, options: RawReceiverOptions = {}): Promise<RawReceiver> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const onConnection = (socket: Socket): void => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    options.onConnection?.(socket);
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const headEnd = bytes.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const head = bytes.toString('latin1', 0, headEnd);
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        if (bytes.length < headEnd + 4 + length) return;
        const request = { head, body: bytes.subarray(headEnd + 4, headEnd + 4 + length), socket, connection };
        bytes = bytes.subarray(headEnd + 4 + length);
        requests.push(request);
        answer(request);
      }
    });
  };
  let server: Server;
  if (options.certificate === undefined) {
    server = createServer(onConnection);
  } else {
    server = createTlsServer({ cert: certificate(options.certificate), key: certificate(`${options.certificate}.key`) }, onConnection);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    });
    server.on('tlsClientError', () => {});
  }
  server.listen(0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    requests,
    connections: () => connections,
    openSockets: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
