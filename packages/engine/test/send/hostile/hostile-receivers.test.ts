// Hostile receivers, on real sockets, through both senders: none holds a slot past its endpoint's time-out, and each
// attempt says what happened in words. The tests of a sender run side by side: most of them only wait.

import { describe } from 'node:test';
import type { SendingOptions } from '../../../src/send/http-sender.ts';
import { httpSender } from '../../../src/send/http-sender.ts';
import type { Sender } from '../../../src/send/order.ts';
import { threadSender } from '../../../src/send/thread-sender.ts';
import { systemClock } from '../../../src/system-ports.ts';
import { breakingReceivers } from './breaking-receivers.ts';
import { floodingReceivers } from './flooding-receivers.ts';
import { garbledReceivers } from './garbled-receivers.ts';
import { hostileSuite } from './hostile-suite.ts';
import { slowReceivers } from './slow-receivers.ts';
import { tlsReceivers } from './tls-receivers.ts';

function receivers(where: string, make: (options: SendingOptions) => Sender): void {
  describe(`hostile receivers, met by a sender in ${where}`, { concurrency: 8 }, () => {
    const suite = hostileSuite(make);
    slowReceivers(suite);
    floodingReceivers(suite);
    garbledReceivers(suite);
    breakingReceivers(suite);
    tlsReceivers(suite);
  });
}

receivers('this thread', (options) => httpSender({ ...options, clock: systemClock }));
receivers('a worker thread', threadSender);
