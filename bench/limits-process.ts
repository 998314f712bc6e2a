// The machine's own limits, measured in the same run: what the parts cost with nothing around them.
//
// `send`: sign (Standard Webhooks, v1) and POST with undici's dispatch to the same receiver, kept alive, no store.
// `store`: the store's whole lifecycle (event, delivery, then attempt and settle) in batches, durable, no HTTP.

import { Pool } from 'undici';
import { sqlite, type Store } from '@waxwing/engine';
import { createIdMint, generateSecret, sign, BUILT_IN_PROFILES } from '@waxwing/protocol';
import { randomBytes } from 'node:crypto';
import { answerQuestions, usage } from './asking.ts';
import { monotonicUs } from './monotonic.ts';

export interface Limit {
  readonly perSecond: number;
  readonly cpuUsEach: number;
}

type Batch = Parameters<Store['commit']>[0];

const standard = BUILT_IN_PROFILES.get('standard') ?? missing();
const secret = generateSecret(standard.definition.secret, randomBytes);

function missing(): never {
  throw new Error('the standard profile is missing');
}

async function measure(seconds: number, run: (until: () => boolean) => Promise<number>): Promise<Limit> {
  const before = usage().cpuUs;
  const startedUs = monotonicUs();
  const done = await run(() => monotonicUs() - startedUs > seconds * 1e6);
  const elapsedUs = monotonicUs() - startedUs;
  return { perSecond: Math.round((done * 1e6) / elapsedUs), cpuUsEach: Math.round((usage().cpuUs - before) / done) };
}

async function sendLoop(url: string, connections: number, bodyBytes: number, over: () => boolean): Promise<number> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const data = 'x'.repeat(Math.max(0, bodyBytes - 90));
  let done = 0;
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  let active = connections;
  const send = (): void => {
    if (over()) {
      if (--active === 0) resolve();
      return;
    }
    const id = `evt_${done}`;
    const body = Buffer.from(`{"type":"bench.e0","timestamp":"${new Date().toISOString()}","data":{"padding":"${data}"}}`);
    const signed = sign(standard.definition.signature, { id, timestampSeconds: Math.floor(Date.now() / 1000), body }, [secret]);
    const headers = ['content-type', 'application/json', 'user-agent', 'bench', 'webhook-id', id, ...signed.flat()];
    pool.dispatch(
      { path: '/', method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {
          done++;
          send();
        },
        onResponseError: (_controller, error) => reject(error),
      },
    );
  };
  for (let i = 0; i < connections; i++) send();
  await finished;
  await pool.close();
  return done;
}

async function storeLoop(folder: string, batchSize: number, bodyBytes: number, over: () => boolean): Promise<number> {
  const store = sqlite(folder);
  const { nextSeq } = await store.open();
  const ids = createIdMint(Date.now, randomBytes);
  const data = JSON.stringify({ padding: 'x'.repeat(Math.max(0, bodyBytes - 90)) });
  const record = JSON.stringify({
    url: 'http://127.0.0.1/',
    requestHeaders: [],
    response: { status: 200, headers: [], body: '' },
    totalMs: 1,
  });
  let seq = Math.max(nextSeq.event, nextSeq.delivery);
  let done = 0;
  let settles: Batch['settles'] = [];
  while (!over()) {
    const nowMs = Date.now();
    const first = seq;
    seq += batchSize;
    const numbers = Array.from({ length: batchSize }, (_, index) => first + index);
    const groups: Batch['groups'] = numbers.map((number) => ({
      inserts: [
        {
          kind: 'event',
          event: {
            seq: number,
            id: ids.mint('evt'),
            tenant: 'bench',
            type: 'bench.e0',
            timestampMs: nowMs,
            receivedMs: nowMs,
            data,
            hasUnsafeInteger: false,
          },
          deliveries: [
            {
              seq: number,
              id: ids.mint('dlv'),
              tenant: 'bench',
              eventSeq: number,
              endpointSeq: 1,
              cause: 'publish',
              origin: null,
              replaySeq: null,
              state: 'pending',
              stateReason: null,
              outcome: null,
              attempts: 0,
              dueMs: nowMs,
              facts: null,
              createdMs: nowMs,
              finishedMs: null,
            },
          ],
          expansion: null,
          idempotency: null,
          deliveryCount: 1,
        },
      ],
    }));
    await store.commit({ groups, settles, changes: [] }); // as the committer does: new ones and the settles of earlier ones together
    done += settles.length;
    settles = numbers.map((number) => ({
      deliverySeq: number,
      endpointSeq: 1,
      attempt: {
        deliverySeq: number,
        number: 1,
        startedMs: nowMs,
        durationMs: 1,
        outcome: 'delivered',
        status: 200,
        nextDueMs: null,
        record,
      },
      state: 'delivered',
      stateReason: null,
      outcome: 'delivered',
      attempts: 1,
      dueMs: nowMs,
      finishedMs: nowMs,
    }));
  }
  await store.close();
  return done;
}

const answers = {
  send: ({
    url,
    connections,
    bodyBytes,
    seconds,
  }: {
    url: string;
    connections: number;
    bodyBytes: number;
    seconds: number;
  }): Promise<Limit> => measure(seconds, (over) => sendLoop(url, connections, bodyBytes, over)),
  store: ({
    folder,
    batchSize,
    bodyBytes,
    seconds,
  }: {
    folder: string;
    batchSize: number;
    bodyBytes: number;
    seconds: number;
  }): Promise<Limit> => measure(seconds, (over) => storeLoop(folder, batchSize, bodyBytes, over)),
};

export type LimitsAnswers = typeof answers;
answerQuestions(answers);
