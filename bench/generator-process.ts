// The load generator: publishes over HTTP with undici's dispatch, on kept-alive connections, in a process of its own.
//
// Open loop: at a fixed rate, whatever the answers do, so that a slow server cannot slow its own measurement down; each
// event carries the moment it was handed to the client, waiting for a connection included. Rate 0 is a closed loop: every
// connection publishes again as soon as it is answered.

import { Pool } from 'undici';
import { answerQuestions, usage } from './asking.ts';
import { monotonicUs } from './monotonic.ts';

export interface Load {
  readonly url: string;
  readonly key: string;
  /** Requests a second; 0 for as many as the connections carry. */
  readonly rate: number;
  readonly connections: number;
  /** Bytes of the delivered body, near enough. */
  readonly bodyBytes: number;
  readonly endpoints: number;
  /** Events a request: 1 publishes singly. */
  readonly batch: number;
  /** Stops by itself after so many events; null goes on until told. */
  readonly eventsMax: number | null;
}

export interface Counts {
  sent: number;
  accepted: number;
  /** By status, or by the error's code. */
  readonly refused: { [status: string]: number };
  inFlight: number;
  done: boolean;
}

/** Of the delivered body, what is not the padding: type, timestamp and the other members. */
const ENVELOPE_BYTES = 120;
/** Past so many unanswered requests the generator holds back, and says so. */
const IN_FLIGHT_MAX = 20_000;

const counts: Counts = { sent: 0, accepted: 0, refused: {}, inFlight: 0, done: true };
let stop: (() => void) | null = null;

function refuse(reason: string): void {
  counts.refused[reason] = (counts.refused[reason] ?? 0) + 1;
}

function startLoad(load: Load): void {
  const { url, key, rate, connections, batch, eventsMax } = load;
  const pool = new Pool(url, { connections, pipelining: 1, keepAliveTimeout: 60_000 });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const path = `/v1/tenants/bench/events${batch > 1 ? '/batch' : ''}`;
  const padding = 'x'.repeat(Math.max(0, load.bodyBytes - ENVELOPE_BYTES));
  let running = true;
  counts.done = false;

  const event = (): string => {
    const n = counts.sent++;
    return `{"type":"bench.e${n % load.endpoints}","data":{"sentUs":${monotonicUs()},"n":${n},"padding":"${padding}"}}`;
  };
  const exhausted = (): boolean => eventsMax !== null && counts.sent >= eventsMax;

  function publish(): void {
    const body = batch === 1 ? event() : `{"events":[${Array.from({ length: batch }, event).join()}]}`;
    counts.inFlight++;
    const answered = (reason: string | null): void => {
      counts.inFlight--;
      if (reason === null) counts.accepted += batch;
      else refuse(reason);
      if (running && rate === 0 && !exhausted()) publish();
      else if (counts.inFlight === 0 && (!running || exhausted())) counts.done = true;
    };
    let status = 0;
    pool.dispatch(
      { path, method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData() {},
        onResponseEnd: () => answered(status === 202 ? null : String(status)),
        onResponseError: (_controller, error) => answered('code' in error ? String(error.code) : error.message),
      },
    );
  }

  const startedUs = monotonicUs();
  let released = 0;
  const timer = rate === 0 ? null : setInterval(tick, 1);
  if (rate === 0) for (let i = 0; i < connections; i++) publish();

  function tick(): void {
    const due = Math.floor(((monotonicUs() - startedUs) * rate) / 1e6);
    for (; released < due; released++) {
      if (exhausted()) return;
      if (counts.inFlight >= IN_FLIGHT_MAX) refuse('held back');
      else publish();
    }
  }

  stop = () => {
    running = false;
    if (timer !== null) clearInterval(timer);
    if (counts.inFlight === 0) counts.done = true;
  };
}

const answers = {
  start: startLoad,
  stop: (): void => stop?.(),
  counts: (): Counts => counts,
  usage,
};

export type GeneratorAnswers = typeof answers;
answerQuestions(answers);
