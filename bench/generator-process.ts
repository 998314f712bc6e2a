// The load generator: publishes over HTTP from bare sockets, kept alive, in a process of its own. Does as little as a
// generator can, so that the figures are the server's.
//
// Open loop: at a fixed rate, whatever the answers do, so that a slow server cannot slow its own measurement down; each
// event carries the moment it was handed over, waiting for a connection included. Rate 0 is a closed loop: every connection
// publishes again as soon as it is answered.

import { answerQuestions, usage } from './asking.ts';
import { HttpConnection } from './http-connection.ts';
import { monotonicUs } from './monotonic.ts';
import { pickEndpoints, type Spread } from './spread.ts';

export interface Load {
  /** Servers, in turn; each with its own connections. */
  readonly urls: readonly string[];
  readonly key: string;
  /** Requests a second; 0 for as many as the connections carry. */
  readonly rate: number;
  readonly connections: number;
  /** Bytes of the delivered body, near enough. */
  readonly bodyBytes: number;
  readonly endpoints: number;
  /** Endpoint n is the (n / tenants)th of tenant n % tenants. */
  readonly tenants: number;
  readonly spread: Spread;
  /** Events a request: 1 publishes singly. A batch is of one tenant. */
  readonly batch: number;
  /** Stops by itself after so many events; null goes on until told. */
  readonly eventsMax: number | null;
}

export interface Counts {
  sent: number;
  accepted: number;
  /** By status, or by the error's code. */
  refused: { [status: string]: number };
  inFlight: number;
  done: boolean;
}

/** Of the delivered body, what is not the padding: type, timestamp and the other members. */
const ENVELOPE_BYTES = 120;
/** Past so many unanswered requests the generator holds back, and says so. */
const IN_FLIGHT_MAX = 20_000;

let counts: Counts = { sent: 0, accepted: 0, refused: {}, inFlight: 0, done: true };
let stop: (() => void) | null = null;
let connections: HttpConnection[] = [];

function refuse(reason: string): void {
  counts.refused[reason] = (counts.refused[reason] ?? 0) + 1;
}

function startLoad(load: Load): void {
  const { urls, rate, batch, eventsMax, tenants } = load;
  for (const connection of connections) connection.close();
  const padding = 'x'.repeat(Math.max(0, load.bodyBytes - ENVELOPE_BYTES));
  const pick = pickEndpoints(load.spread, load.endpoints);
  const target = batch > 1 ? 'events/batch' : 'events';
  const heads = Array.from({ length: tenants }, (_, tenant) => headOf(`/v1/tenants/bench${tenant}/${target}`, load.key));
  const mine: Counts = { sent: 0, accepted: 0, refused: {}, inFlight: 0, done: false };
  counts = mine;
  const waiting: string[] = [];
  let next = 0;
  let running = true;

  const event = (tenant: number, endpoint: number): string => {
    const n = mine.sent++;
    const type = tenants === 1 ? endpoint : (endpoint - tenant) / tenants;
    return `{"type":"bench.e${type}","data":{"sentUs":${monotonicUs()},"n":${n},"padding":"${padding}"}}`;
  };
  const request = (): string => {
    const first = pick();
    const tenant = first % tenants;
    let body = event(tenant, first);
    if (batch > 1) {
      // A batch's other events are of the same tenant: with several tenants, of the same endpoint.
      const others = Array.from({ length: batch - 1 }, () => event(tenant, tenants === 1 ? pick() : first));
      body = `{"events":[${[body, ...others].join()}]}`;
    }
    return `${heads[tenant]}${body.length}\r\n\r\n${body}`;
  };
  const exhausted = (): boolean => eventsMax !== null && mine.sent >= eventsMax;

  const answered = (connection: HttpConnection, reason: string | null): void => {
    mine.inFlight--;
    if (reason === null) mine.accepted += batch;
    else refuse(reason);
    const queued = waiting[next];
    if (queued !== undefined) {
      waiting[next++] = '';
      if (next === waiting.length) waiting.length = next = 0;
      connection.send(queued);
    } else if (rate === 0 && running && !exhausted()) {
      mine.inFlight++;
      connection.send(request());
    } else idle.push(connection);
    if (mine.inFlight === 0 && (!running || exhausted())) mine.done = true;
  };
  connections = Array.from({ length: load.connections }, (_, n) => new HttpConnection(urls[n % urls.length] ?? '', answered));
  const idle = [...connections];

  function publish(): void {
    mine.inFlight++;
    const connection = idle.pop();
    if (connection === undefined) waiting.push(request());
    else connection.send(request());
  }

  const startedUs = monotonicUs();
  let released = 0;
  const timer = rate === 0 ? null : setInterval(tick, 1);
  if (rate === 0) for (let i = 0; i < load.connections && !exhausted(); i++) publish();

  function tick(): void {
    const due = Math.floor(((monotonicUs() - startedUs) * rate) / 1e6);
    for (; released < due; released++) {
      if (exhausted()) return;
      if (mine.inFlight >= IN_FLIGHT_MAX) refuse('held back');
      else publish();
    }
  }

  stop = () => {
    running = false;
    if (timer !== null) clearInterval(timer);
    if (mine.inFlight === 0) mine.done = true;
  };
}

function headOf(path: string, key: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: `;
}

const answers = {
  start: startLoad,
  stop: (): void => stop?.(),
  counts: (): Counts => counts,
  usage,
};

export type GeneratorAnswers = typeof answers;
answerQuestions(answers);
