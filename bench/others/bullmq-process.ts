// BullMQ on Redis, as its documentation has it: a queue behind an HTTP application in one process, a worker with a high
// concurrency factor in another (I/O-bound work), retries with exponential back-off, and what is finished kept for as long as Waxwing keeps it.
//
// BullMQ is installed on demand, beside this file: what is used of it is declared here.

import { answerQuestions, usage } from '../asking.ts';
import { monotonicUs } from '../monotonic.ts';
import { addInProcess, startIngest, type QueuedEvent } from './ingest.ts';
import { senderTo } from './sending.ts';

interface Entry {
  readonly name: string;
  readonly data: QueuedEvent;
  readonly opts: object;
}

interface BullMq {
  readonly Queue: new (
    name: string,
    options: object,
  ) => {
    add(name: string, data: QueuedEvent, opts: object): Promise<unknown>;
    addBulk(entries: readonly Entry[]): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly Worker: new (
    name: string,
    work: (entry: { readonly id: string; readonly data: QueuedEvent }) => Promise<void>,
    options: object,
  ) => { waitUntilReady(): Promise<unknown>; close(): Promise<void> };
}

const NAME = 'deliveries';
const CONCURRENCY = 128;
const RETENTION_SECONDS = 30 * 86_400;
/** Of every entry: tried again as the documentation has it. */
const KEPT = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 5_000 },
  removeOnComplete: { age: RETENTION_SECONDS },
  removeOnFail: { age: RETENTION_SECONDS },
};

const packageName = 'bullmq'; // not resolved by those who only read the sources
const { Queue, Worker }: BullMq = await import(packageName);
let add: (events: readonly QueuedEvent[]) => Promise<void> = () => Promise.reject(new Error('not started'));
let close: () => Promise<unknown> = () => Promise.resolve();

const answers = {
  async ingest({ place }: { place: string }): Promise<{ url: string; key: string }> {
    const queue = new Queue(NAME, { connection: { host: '127.0.0.1', port: Number(place) } });
    close = () => queue.close();
    add = async (events) => {
      const [first] = events;
      if (events.length === 1 && first !== undefined) await queue.add('deliver', first, KEPT);
      else await queue.addBulk(events.map((data) => ({ name: 'deliver', data, opts: KEPT })));
    };
    return startIngest(add);
  },
  async work({ place, url, endpoints }: { place: string; url: string; endpoints: number }): Promise<void> {
    const send = senderTo(url, endpoints);
    const connection = { host: '127.0.0.1', port: Number(place), maxRetriesPerRequest: null };
    const worker = new Worker(NAME, ({ id, data }) => send(`evt_${id}`, data), { connection, concurrency: CONCURRENCY });
    close = () => worker.close();
    await worker.waitUntilReady();
  },
  publish: (load: Parameters<typeof addInProcess>[0]): Promise<void> => addInProcess(load, monotonicUs, add),
  usage,
  close: async (): Promise<void> => void (await close()),
};

export type RivalAnswers = typeof answers;
answerQuestions(answers);
