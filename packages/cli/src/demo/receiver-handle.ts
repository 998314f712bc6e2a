// A receiver process as the demo holds it: started, told what it is, listened to, let go.

import { fork } from 'node:child_process';

import { isReceiverReport } from './messages.ts';
import type { ReceiverOrder, ReceiverReport } from './messages.ts';

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './receiver-process.ts' : './receiver-process.js', import.meta.url);

export interface ReceiverProcess {
  readonly profile: string;
  readonly pid: number;
  readonly url: string;
  stop(): void;
}

/** Resolves once it listens; rejects when it ends before. Later reports go to `onReport`. */
export function startReceiver(order: ReceiverOrder, onReport: (report: ReceiverReport) => void): Promise<ReceiverProcess> {
  const child = fork(ENTRY, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const stop = (): void => {
    if (child.connected) child.disconnect();
  };
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const message = `the receiver of ${order.profile} ended (${signal ?? `status ${code}`})`;
      reject(new Error(message)); // without effect once it has listened; then the report tells
      onReport({ kind: 'refused', explanation: message });
    });
    child.on('message', (message: unknown) => {
      if (!isReceiverReport(message)) return;
      if (message.kind === 'listening') resolve({ profile: order.profile, pid: child.pid ?? 0, url: message.url, stop });
      else onReport(message);
    });
    child.send(order);
  });
}
