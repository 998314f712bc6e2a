// What every sender does, on real loopback sockets: run by http-sender.test.ts in this thread, and by
// thread-sender.test.ts in a worker thread.

import { describe } from 'node:test';
import type { SendingOptions } from '../../src/send/http-sender.ts';
import type { Sender } from '../../src/send/order.ts';
import { answerSuite } from './suite-answers.ts';
import { connectionSuite } from './suite-connections.ts';
import { diallingSuite } from './suite-dialling.ts';
import { messageSuite } from './suite-messages.ts';
import { suiteOn } from './suite.ts';

export function senderSuite(where: string, make: (options: SendingOptions) => Sender): void {
  describe(`a sender in ${where}`, () => {
    const suite = suiteOn(make);
    messageSuite(suite);
    connectionSuite(suite);
    answerSuite(suite);
    diallingSuite(suite);
  });
}
