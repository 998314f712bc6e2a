// The sender's thread: an in-thread sender behind a message port. Started by thread-sender.ts, with plain data only.

import { parentPort, workerData } from 'node:worker_threads';
import { httpSender } from './http-sender.ts';
import type { SendingOptions } from './http-sender.ts';
import type { SendOrder } from './order.ts';
import { sendingClock } from './sending-clock.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

const port = parentPort;
if (port === null) throw new Error('sender-thread is started as a worker thread');
const options: SendingOptions = workerData; // thread-sender.ts alone starts this file, and hands over just that
const clock = sendingClock(options.time);
const sender = httpSender({ ...options, clock });
/** How often it looks whether it may go on. */
const LOOK_MS = 50;
const held: SendOrder[] = [];

/** Sends when attempts may be started: whoever sends for a store that others work on too must not go on after it was frozen. */
function send(orders: readonly SendOrder[]): void {
  if (held.length === 0 && clock.mayStart()) return sender.send(orders);
  if (held.length === 0) clock.after(LOOK_MS, look);
  held.push(...orders);
}

function look(): void {
  if (clock.mayStart()) sender.send(held.splice(0));
  else clock.after(LOOK_MS, look);
}

async function leave(graceMs: number): Promise<void> {
  held.length = 0;
  await sender.close(graceMs);
  port?.close(); // nothing else keeps the thread: it ends
}

const tell = (message: FromThread): void => port.postMessage(message);

await sender.start((reports) => tell({ kind: 'reports', reports }));

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'orders':
      send(message.orders);
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
