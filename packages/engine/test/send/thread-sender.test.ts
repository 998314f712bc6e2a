import { threadSender } from '../../src/send/thread-sender.ts';
import { senderSuite } from './sender-suite.ts';

senderSuite('a worker thread', threadSender);
