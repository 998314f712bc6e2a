// pg-boss on PostgreSQL, as its documentation has it: a queue behind an HTTP application in one process, workers that fetch
// full batches one after another in a second one, each message's result reported of itself.
//
// Its LISTEN/NOTIFY was tried and dropped: notifying commits queue for one lock, 330 against 1,100 a second one by one.
// pg-boss is installed on demand, beside this file: what is used of it is declared here.

import { answerQuestions, usage } from '../asking.ts';
import { monotonicUs } from '../monotonic.ts';
import type { RivalAnswers } from './bullmq-process.ts';
import { addInProcess, startIngest, type QueuedEvent } from './ingest.ts';
import { senderTo } from './sending.ts';

interface Fetched {
  readonly id: string;
  readonly data: QueuedEvent;
}

interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: object): Promise<void>;
  createQueue(name: string, options: object): Promise<void>;
  send(name: string, data: QueuedEvent): Promise<unknown>;
  insert(name: string, entries: readonly { readonly data: QueuedEvent }[]): Promise<unknown>;
  work(
    name: string,
    options: object,
    work: (entries: readonly Fetched[]) => Promise<readonly { id: string; status: string }[]>,
  ): Promise<string>;
}

const NAME = 'deliveries';
const QUEUE = { retryLimit: 8, retryDelay: 5, retryBackoff: true };
const WORK = { batchSize: 100, localConcurrency: 4, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true, perJobResults: true };

const packageName = 'pg-boss'; // not resolved by those who only read the sources
const { PgBoss }: { readonly PgBoss: new (options: object) => Boss } = await import(packageName);
let boss: Boss | null = null;

async function open(place: string): Promise<Boss> {
  const opened = new PgBoss({ connectionString: place, max: 16 });
  opened.on('error', (error) => console.error(error));
  await opened.start();
  await opened.createQueue(NAME, QUEUE);
  return (boss = opened);
}

let add: (events: readonly QueuedEvent[]) => Promise<void> = () => Promise.reject(new Error('not started'));

const answers: RivalAnswers = {
  async ingest({ place }) {
    const queue = await open(place);
    add = async (events) => {
      const [first] = events;
      if (events.length === 1 && first !== undefined) await queue.send(NAME, first);
      else
        await queue.insert(
          NAME,
          events.map((data) => ({ data })),
        );
    };
    return startIngest(add);
  },
  async work({ place, url, endpoints }) {
    const queue = await open(place);
    const send = senderTo(url, endpoints);
    await queue.work(NAME, WORK, (entries) =>
      Promise.all(
        entries.map(async ({ id, data }) => ({
          id,
          status: await send(`evt_${id}`, data).then(
            () => 'completed',
            () => 'failed',
          ),
        })),
      ),
    );
  },
  publish: (load) => addInProcess(load, monotonicUs, add),
  usage,
  close: async () => {
    await boss?.stop({ graceful: false });
  },
};

answerQuestions(answers);
