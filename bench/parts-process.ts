// Parts alone, and stores filled without an engine: what the machine gives with nothing around it.
//
// `send`: sign (Standard Webhooks, v1) and POST with undici's dispatch to the same receiver, kept alive, no store.
// `store`: the store's whole lifecycle (event, delivery, then attempt and settle) in batches, durable, no HTTP.
// `fill`: writes rows into a store whose server is stopped, through the store's own interface.

import { randomBytes } from 'node:crypto';
import { Pool } from 'undici';
import { postgres, sqlite, type Store } from '@waxwing/engine';
import { BUILT_IN_PROFILES, generateSecret, sign } from '@waxwing/protocol';
import { answerQuestions, usage } from './asking.ts';
import { monotonicUs } from './monotonic.ts';
import { multiply } from './fill-postgres.ts';
import { rowMaker, type RowTarget, type Settles } from './store-rows.ts';

export interface Part {
  readonly perSecond: number;
  readonly cpuUsEach: number;
}

export interface Fill {
  /** A folder, or a PostgreSQL database's URL. */
  readonly place: string;
  readonly count: number;
  /** `due`: pending, due at once. `retrying`: tried once, due in a day. `finished`: delivered. */
  readonly kind: 'due' | 'retrying' | 'finished';
  readonly bodyBytes: number;
}

const WARM_UP_BATCHES = 5;
/** Rows of one batch when filling. */
const FILL_ROWS = 2_000;
const DAY_MS = 86_400_000;
/** So many finished rows are written; more are copies of them. */
const COPIED_ABOVE = 100_000;
/** What the statistics' roll-up carries in one turn. */
const SCOPES_MAX = 10_000;

const standard = BUILT_IN_PROFILES.get('standard') ?? missing();
const secret = generateSecret(standard.definition.secret, randomBytes);

function missing(): never {
  throw new Error('the standard profile is missing');
}

async function measure(seconds: number, run: (over: () => boolean) => Promise<number>): Promise<Part> {
  const before = usage().cpuUs;
  const startedUs = monotonicUs();
  const done = await run(() => monotonicUs() - startedUs > seconds * 1e6);
  const elapsedUs = monotonicUs() - startedUs;
  return { perSecond: Math.round((done * 1e6) / elapsedUs), cpuUsEach: round((usage().cpuUs - before) / Math.max(1, done)) };
}

const round = (value: number): number => Math.round(value * 10) / 10;

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
      { path: '/o', method: 'POST', headers, body },
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

/** Opened, and used for a moment, before the clock runs. */
async function bareStore(store: Store, batchSize: number, bodyBytes: number, seconds: number): Promise<Part> {
  const numbers = numbering(store, (await store.open()).nextSeq);
  const rows = rowMaker([{ tenant: 'bench0', endpointSeq: 1, type: 'bench.e0' }], bodyBytes);
  let settles: Settles = [];
  const commit = async (): Promise<number> => {
    const nowMs = Date.now();
    const first = await numbers(batchSize);
    const settled = settles.length;
    await store.commit({ groups: rows.inserts(first, batchSize, nowMs), settles, changes: [] }); // as the committer does: new ones and the settles of earlier ones together
    settles = rows.delivered(first, batchSize, nowMs);
    return settled;
  };
  for (let n = 0; n < WARM_UP_BATCHES; n++) await commit();
  const part = await measure(seconds, async (over) => {
    let done = 0;
    do done += await commit();
    while (!over());
    return done;
  });
  await store.close();
  return part;
}

/** Unused numbers of a store: its own where several programs share it. */
function numbering(store: Store, next: { readonly event: number; readonly delivery: number }): (count: number) => Promise<number> {
  let unused = Math.max(next.event, next.delivery);
  return async (count) => {
    if (store.sharing !== undefined) return store.sharing.numbers(count);
    unused += count;
    return unused - count;
  };
}

async function fill({ place, count, kind, bodyBytes }: Fill): Promise<void> {
  const copied = place.startsWith('postgres:') && kind === 'finished' && count > COPIED_ABOVE;
  if (!copied) return void (await write({ place, count, kind, bodyBytes }));
  const first = await write({ place, count: COPIED_ABOVE, kind, bodyBytes });
  await multiply(place, first, COPIED_ABOVE, count);
}

/** The first number of the rows that it has written. */
async function write({ place, count, kind, bodyBytes }: Fill): Promise<number> {
  const store = place.startsWith('postgres:') ? postgres(place) : sqlite(place);
  const snapshot = await store.open();
  const numbers = numbering(store, snapshot.nextSeq);
  const targets = snapshot.endpoints
    .filter(({ tenant }) => tenant.startsWith('bench'))
    .map(({ seq, tenant, eventTypes }): RowTarget => ({ tenant, endpointSeq: seq, type: eventTypes[0] ?? 'bench.e0' }));
  const rows = rowMaker(targets, bodyBytes);
  let settles: Settles = [];
  let begin = Infinity;
  for (let made = 0; made < count || settles.length > 0; made += FILL_ROWS) {
    const size = Math.max(0, Math.min(FILL_ROWS, count - made));
    const nowMs = Date.now();
    const first = size === 0 ? 0 : await numbers(size);
    if (size > 0) begin = Math.min(begin, first);
    await store.commit({ groups: rows.inserts(first, size, nowMs), settles, changes: [{ kind: 'rollUp', scopesMax: SCOPES_MAX }] });
    settles = settlesOf(first, size, nowMs);
  }
  await store.close();
  return begin;

  function settlesOf(first: number, size: number, nowMs: number): Settles {
    switch (kind) {
      case 'due':
        return [];
      case 'retrying':
        return rows.refused(first, size, nowMs, nowMs + DAY_MS);
      case 'finished':
        return rows.delivered(first, size, nowMs);
      default:
        return kind satisfies never;
    }
  }
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
  }): Promise<Part> => measure(seconds, (over) => sendLoop(url, connections, bodyBytes, over)),
  store: ({
    place,
    batchSize,
    bodyBytes,
    seconds,
  }: {
    place: string;
    batchSize: number;
    bodyBytes: number;
    seconds: number;
  }): Promise<Part> => bareStore(place.startsWith('postgres:') ? postgres(place) : sqlite(place), batchSize, bodyBytes, seconds),
  fill,
};

export type PartsAnswers = typeof answers;
answerQuestions(answers);
