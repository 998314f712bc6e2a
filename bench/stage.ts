// The stage: a generator, a receiver and a system under measure, each in a process of its own, and what is seen of them.
//
// Counting needs nothing of the system: what was handed over at the generator, less what the receiver answered with 200, is
// the backlog, wherever it waits. So any system that takes the same requests can stand here.

import { setTimeout as wait } from 'node:timers/promises';
import type { Peer } from './asking.ts';
import type { Counts, GeneratorAnswers, Load } from './generator-process.ts';
import { monotonicUs } from './monotonic.ts';
import type { Latency, ReceiverAnswers } from './receiver-process.ts';

/** What takes events over HTTP and delivers them. */
export interface System {
  /** Where it takes events: one a node. */
  readonly urls: readonly string[];
  readonly key: string;
  /** CPU that it has used so far: of its own processes, and of the database beside it. */
  cpuUs(): Promise<{ readonly server: number; readonly database: number }>;
  rssBytes(): Promise<number>;
  close(): Promise<void>;
}

export interface Window {
  readonly seconds: number;
  readonly received: number;
  readonly perSecond: number;
  /** CPU time of everything in the window over what was received in it. */
  readonly cpuUsEach: { readonly server: number; readonly database: number; readonly generator: number; readonly receiver: number };
  readonly latency: Latency;
  readonly refused: { readonly [reason: string]: number };
  /** Backlog in the mean of the first and of the last third. */
  readonly backlogBefore: number;
  readonly backlogAfter: number;
  readonly rssBytes: number;
}

/** Counts and CPU at one moment. */
interface Seen {
  readonly atUs: number;
  readonly received: number;
  readonly server: number;
  readonly database: number;
  readonly generator: number;
  readonly receiver: number;
}

/** Nothing arrives for so long: something is wrong. */
const STALL_MS = 60_000;
const SAMPLE_MS = 100;
const POLL_MS = 10;

export class Stage<S extends System = System> {
  readonly generator: Peer<GeneratorAnswers>;
  readonly receiver: Peer<ReceiverAnswers>;
  readonly system: S;
  /** Arrivals that one event leads to at the paths that answer with 200. */
  readonly arrivalsEach: number;
  readonly #shape: Pick<Load, 'connections' | 'endpoints' | 'tenants' | 'bodyBytes'>;
  /** Requests answered with 200 when the present load was started. */
  #receivedBefore = 0;

  constructor(
    peers: { generator: Peer<GeneratorAnswers>; receiver: Peer<ReceiverAnswers> },
    system: S,
    shape: Pick<Load, 'connections' | 'endpoints' | 'tenants' | 'bodyBytes'>,
    arrivalsEach: number,
  ) {
    this.generator = peers.generator;
    this.receiver = peers.receiver;
    this.system = system;
    this.#shape = shape;
    this.arrivalsEach = arrivalsEach;
  }

  /** @param load `rate` is in events a second; 0 for as many as the connections carry */
  async start(load: { rate: number; batch?: number; eventsMax?: number | null; spread?: Load['spread'] }): Promise<void> {
    const { rate, batch = 1, eventsMax = null, spread = 'even' } = load;
    const { urls, key } = this.system;
    await this.generator.ask('start', { urls, key, rate: rate / batch, batch, eventsMax, spread, ...this.#shape });
  }

  /** Stops the load and waits for its answers. */
  async stop(): Promise<Counts> {
    await this.generator.ask('stop');
    for (;;) {
      const counts = await this.generator.ask('counts');
      if (counts.done) return counts;
      await wait(POLL_MS);
    }
  }

  /** Waits until everything that was handed over was received; refused events do not count. */
  async drained(): Promise<void> {
    const { accepted } = await this.stop();
    await this.arrived(this.#receivedBefore + accepted * this.arrivalsEach);
    await this.begin();
  }

  /** What is in the past is forgotten: a load is about to be started. */
  async begin(): Promise<void> {
    this.#receivedBefore = (await this.receiver.ask('received')).received;
    await this.receiver.ask('begin');
  }

  /** Waits until the receiver has answered so many requests with 200, in all. */
  async arrived(count: number, seen?: (received: number) => Promise<void>): Promise<void> {
    let last = -1;
    let movedMs = performance.now();
    for (;;) {
      const { received } = await this.receiver.ask('received');
      await seen?.(received);
      if (received >= count) return;
      if (received !== last) [last, movedMs] = [received, performance.now()];
      if (performance.now() - movedMs > STALL_MS) throw new Error(`only ${received} of ${count} requests arrived`);
      await wait(POLL_MS);
    }
  }

  /** Looks on for some seconds while a load runs. */
  async watch(seconds: number, everySecond?: (second: number, delivered: number, backlog: number) => void): Promise<Window> {
    await this.receiver.ask('begin');
    const before = await this.#seen();
    const samples: number[] = [];
    let last = before.received;
    let second = 0;
    for (;;) {
      const elapsedMs = (monotonicUs() - before.atUs) / 1000;
      if (elapsedMs >= seconds * 1000) break;
      await wait(Math.min(SAMPLE_MS, seconds * 1000 - elapsedMs));
      const { received, backlog } = await this.#counts();
      samples.push(backlog);
      if (Math.floor((monotonicUs() - before.atUs) / 1e6) > second) {
        everySecond?.(++second, received - last, backlog);
        last = received;
      }
    }
    const after = await this.#seen();
    const latency = await this.receiver.ask('latency');
    const third = Math.max(1, Math.floor(samples.length / 3));
    return {
      ...between(before, after),
      latency,
      refused: (await this.generator.ask('counts')).refused,
      backlogBefore: mean(samples.slice(0, third)),
      backlogAfter: mean(samples.slice(-third)),
      rssBytes: await this.system.rssBytes(),
    };
  }

  /** Publishes so many events as fast as they are taken, and waits until all of them were received: the time is that of the whole. */
  async burst(load: { events: number; batch?: number; spread?: Load['spread'] }): Promise<Window> {
    const { events, batch = 1 } = load;
    const window = await this.timed(Math.ceil(events / batch) * batch, () => this.start({ rate: 0, eventsMax: events, ...load }));
    const { refused } = await this.stop();
    return { ...window, refused };
  }

  /** From the moment that something begins to publish so many events until all of them were received. */
  async timed(events: number, begin: () => Promise<void>): Promise<Window> {
    await this.begin();
    const before = await this.#seen();
    await begin();
    let rssBytes = 0;
    let lookedMs = 0;
    await this.arrived(before.received + events * this.arrivalsEach, async () => {
      if (performance.now() - lookedMs < 1000) return;
      lookedMs = performance.now();
      rssBytes = Math.max(rssBytes, await this.system.rssBytes());
    });
    const after = await this.#seen();
    return {
      ...between(before, after),
      latency: await this.receiver.ask('latency'),
      refused: {},
      backlogBefore: 0,
      backlogAfter: 0,
      rssBytes,
    };
  }

  async close(): Promise<void> {
    await this.generator.stop();
    await this.system.close();
    await this.receiver.stop();
  }

  async #counts(): Promise<{ received: number; backlog: number }> {
    const [{ received }, { sent }] = await Promise.all([this.receiver.ask('received'), this.generator.ask('counts')]);
    return { received, backlog: Math.max(0, sent * this.arrivalsEach - (received - this.#receivedBefore)) };
  }

  async #seen(): Promise<Seen> {
    const [{ server, database }, generator, receiver] = await Promise.all([
      this.system.cpuUs(),
      this.generator.ask('usage'),
      this.receiver.ask('usage'),
    ]);
    const { received } = await this.receiver.ask('received');
    return { atUs: monotonicUs(), received, server, database, generator: generator.cpuUs, receiver: receiver.cpuUs };
  }
}

function between(before: Seen, after: Seen): Pick<Window, 'seconds' | 'received' | 'perSecond' | 'cpuUsEach'> {
  const received = after.received - before.received;
  const seconds = (after.atUs - before.atUs) / 1e6;
  const each = (part: 'server' | 'database' | 'generator' | 'receiver'): number =>
    Math.round(((after[part] - before[part]) * 10) / Math.max(1, received)) / 10;
  const cpuUsEach = { server: each('server'), database: each('database'), generator: each('generator'), receiver: each('receiver') };
  return { seconds, received, perSecond: Math.round(received / seconds), cpuUsEach };
}

function mean(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
}
