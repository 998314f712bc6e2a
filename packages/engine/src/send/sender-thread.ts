// The sender's thread: an in-thread sender behind a message port. Started by thread-sender.ts, with plain data only.

import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../system-ports.ts';
import { httpSender } from './http-sender.ts';
import type { SendingOptions } from './http-sender.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

const port = parentPort;
if (port === null) throw new Error('sender-thread is started as a worker thread');
const options: SendingOptions = workerData; // thread-sender.ts alone starts this file, and hands over just that
const sender = httpSender({ ...options, clock: systemClock });

async function leave(graceMs: number): Promise<void> {
  await sender.close(graceMs);
  port?.close(); // nothing else keeps the thread: it ends
}

const tell = (message: FromThread): void => port.postMessage(message);

await sender.start((reports) => tell({ kind: 'reports', reports }));

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'orders':
      sender.send(message.orders);
      break;
    case 'profile':
      try {
        sender.learnProfile(message.version, message.definition);
      } catch {
        // A definition that cannot be compiled stays unknown: each order that names it is reported so.
      }
      break;
    case 'close':
      void leave(message.graceMs);
      break;
    default:
      message satisfies never;
  }
});
tell({ kind: 'ready' });
