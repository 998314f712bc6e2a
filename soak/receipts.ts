// Receipts: what the receivers of a soak wrote down, one line for each request, on disk before it was answered.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Receipt {
  /** When the request had arrived whole, and when its answer was about to leave. Epoch milliseconds, as everywhere here. */
  readonly arrivedMs: number;
  readonly answeredMs: number;
  /** The endpoint's label: the path it is subscribed under. */
  readonly endpoint: string;
  readonly event: string;
  /** What was answered; 0 where the connection was reset instead. */
  readonly status: number;
  /** A digest of the body: every attempt of an event to an endpoint must repeat it. */
  readonly body: string;
  /** The address that it came from: its node's. */
  readonly from: string;
}

export type ReceiptLine = readonly [
  arrivedMs: number,
  answeredMs: number,
  endpoint: string,
  event: string,
  status: number,
  body: string,
  from: string,
];

/** How the receiver under a label behaves. `failing` refuses, or resets, an event's first tries; `slow` takes its time. */
export type Behaviour = 'steady' | 'failing' | 'slow';

export interface Receiver {
  /** Where a label's endpoint is. */
  url(label: string, behaviour: Behaviour): string;
  /** Resolves once everything that had been sent before has arrived: a killed sender's last requests lie in buffers. */
  caughtUp(): Promise<void>;
  /** Everything written down so far. */
  receipts(): Receipt[];
  stop(): Promise<void>;
}

/** Starts the receivers' process, which logs to `file`. */
export async function startReceiver(file: string): Promise<Receiver> {
  const child = fork(new URL('./receiver-process.ts', import.meta.url), [file], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = await once(child, 'message');
  return {
    url: (label, behaviour) => `http://127.0.0.1:${port}/${behaviour}/${label}`,
    async caughtUp() {
      // A request behind all others is answered in the turn that reads them, or in the one after.
      for (let turn = 0; turn < 2; turn++) await (await fetch(`http://127.0.0.1:${port}/caught-up`)).arrayBuffer();
    },
    receipts: () => readFileSync(file, 'utf8').split('\n').slice(0, -1).map(parseLine),
    stop: () => stopped(child),
  };
}

function parseLine(line: string): Receipt {
  const fields: ReceiptLine = JSON.parse(line);
  const [arrivedMs, answeredMs, endpoint, event, status, body, from] = fields;
  return { arrivedMs, answeredMs, endpoint, event, status, body, from };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
