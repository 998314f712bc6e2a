// The light receiver: HTTP/1.1 over bare sockets, kept alive, in a process of its own. Does as little as a receiver can, so
// that the figures are the sender's.
//
// Reads the time of publishing out of the body (`"sentUs":…`, the machine's monotonic clock, which all processes share) and
// keeps a histogram of publish → received. Answers with the status it was told to.

import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { once } from 'node:events';
import { answerQuestions, usage } from './asking.ts';
import { monotonicUs } from './monotonic.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const SENT = Buffer.from('"sentUs":');

let answer = answerOf(200);
let received = 0;
let latencyUs = createHistogram();

function answerOf(status: number): Buffer {
  return Buffer.from(`HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'No'}\r\ncontent-length: 0\r\n\r\n`);
}

/** Takes the requests of one connection out of its stream of bytes. */
function receive(socket: Socket): void {
  let held: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      const headEnd = held.indexOf(HEAD_END);
      if (headEnd === -1) return;
      const bodyStart = headEnd + HEAD_END.length;
      const end = bodyStart + Number(LENGTH.exec(held.toString('latin1', 0, headEnd))?.[1] ?? 0);
      if (held.length < end) return;
      record(held.subarray(bodyStart, end));
      held = held.subarray(end);
      socket.write(answer);
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

const server = createServer(receive);
server.listen(0, '127.0.0.1');
const listening = once(server, 'listening');

const answers = {
  async port(): Promise<number> {
    await listening;
    const address = server.address();
    return (address as AddressInfo).port; // a TCP server that listens has one
  },
  status(status: number): void {
    answer = answerOf(status);
  },
  /** Forgets the latencies so far: the measured window begins. */
  begin(): void {
    latencyUs = createHistogram();
  },
  count: (): number => received,
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
