// The light receiver: HTTP/1.1 over bare sockets, kept alive, in a process of its own. Does as little as a receiver can, so
// that the figures are the sender's.
//
// The first letter of a path says how it answers: `/o…` 200, `/b…` 503, `/h…` never. Reads the time of publishing out of the
// bodies that it answers with 200 (`"sentUs":…`, the machine's monotonic clock, which all processes share) and keeps a
// histogram of publish → received. Also stands in for a server when the generator is measured alone.

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { createServer as createTlsServer } from 'node:tls';
import { once } from 'node:events';
import { answerQuestions, usage } from './asking.ts';
import { makeCertificates } from './certificates.ts';
import { monotonicUs } from './monotonic.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const SENT = Buffer.from('"sentUs":');
/** Where the path's first letter stands in `POST /o`. */
const LETTER_AT = 6;
const [BAD, HANG] = [0x62, 0x68]; // b, h

const OK = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
const REFUSED = Buffer.from('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n');

/** Requests answered with 200, and those that were not. */
let received = 0;
let refused = 0;
let latencyUs = createHistogram();
const servers: Server[] = [];

/** Takes the requests of one connection out of its stream of bytes. */
function receive(socket: Socket): void {
  let held: Buffer = Buffer.alloc(0);
  let end = 0; // of the request that is coming in, where its head was read
  let bodyStart = 0;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  const chunks: Buffer[] = []; // of a large body, put together once
  let chunkBytes = 0;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    chunkBytes += chunk.length;
    if (held.length + chunkBytes < end) return;
    held = held.length === 0 && chunks.length === 1 ? chunk : Buffer.concat([held, ...chunks]);
    chunks.length = chunkBytes = 0;
    for (;;) {
      if (end === 0) {
        const headEnd = held.indexOf(HEAD_END);
        if (headEnd === -1) return;
        bodyStart = headEnd + HEAD_END.length;
        end = bodyStart + Number(LENGTH.exec(held.toString('latin1', 0, headEnd))?.[1] ?? 0);
      }
      if (held.length < end) return;
      const letter = held[LETTER_AT];
      if (letter === BAD || letter === HANG) refused++;
      else record(held.subarray(bodyStart, end));
      held = held.subarray(end);
      end = 0;
      if (letter !== HANG) socket.write(letter === BAD ? REFUSED : OK);
    }
  });
}

function record(body: Buffer): void {
  received++;
  const at = body.indexOf(SENT);
  if (at === -1) return;
  const sentUs = Number.parseInt(body.toString('latin1', at + SENT.length, at + SENT.length + 20), 10);
  latencyUs.record(Math.max(1, Math.round(monotonicUs() - sentUs)));
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port; // a TCP server that listens has one
}

const answers = {
  listen: (): Promise<number> => listen(createServer(receive)),
  /** HTTPS, with a certificate by an authority made for the occasion. */
  async listenTls(): Promise<{ readonly port: number; readonly authority: string }> {
    const { authority, certificate, key } = makeCertificates('127.0.0.1');
    return { port: await listen(createTlsServer({ cert: certificate, key }, receive)), authority };
  },
  /** Forgets the latencies so far: the measured window begins. */
  begin(): void {
    latencyUs = createHistogram();
  },
  received: (): { readonly received: number; readonly refused: number } => ({ received, refused }),
  latency: (): Latency => ({
    count: latencyUs.count,
    p50Us: latencyUs.percentile(50),
    p99Us: latencyUs.percentile(99),
    p999Us: latencyUs.percentile(99.9),
    maxUs: latencyUs.max,
  }),
  usage,
};

export interface Latency {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

export type ReceiverAnswers = typeof answers;
answerQuestions(answers);
