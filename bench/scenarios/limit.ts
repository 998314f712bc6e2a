// Limit: what do the parts cost alone? Every other figure is held against these, measured in the same run.
//
// Signing and sending to the same receiver with the same client and no store; the store's whole lifecycle and no HTTP; the
// HTTP API and the engine up to a store that answers at once; the generator and the receiver. `allowed` is what the CPUs
// would carry if the parts cost together what they cost alone, and no part ran on more than one thread of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Peer } from '../asking.ts';
import type { Bench, Scenario, Settings } from '../bench.ts';
import { figure } from '../figures.ts';
import type { GeneratorAnswers } from '../generator-process.ts';
import type { Part, PartsAnswers } from '../parts-process.ts';
import type { ReceiverAnswers } from '../receiver-process.ts';

export interface Parts {
  readonly send: Part;
  readonly store: Part;
  /** One event a request, and a hundred. */
  readonly ingest: Part;
  readonly ingestBatch: Part;
  readonly generator: Part;
  readonly generatorBatch: Part;
  readonly receiver: Part;
  /** Generator straight to receiver, 500 a second. */
  readonly directP50Us: number;
  readonly directP99Us: number;
  readonly fsyncP50Us: number;
  readonly fsyncP99Us: number;
  /** Deliveries a second. */
  readonly allowed: number;
  readonly allowedBatch: number;
  /** CPU of a delivery in the server: ingest, store and send. */
  readonly serverCpuUs: number;
}

export const BATCH = 100;
const STORE_BATCH = 200;
const SEND_CONNECTIONS = 16;
const DIRECT_RATE = 500;

export async function measureParts(bench: Bench): Promise<Parts> {
  const { settings, machine } = bench;
  const seconds = Math.max(0.2, settings.seconds / 2);
  const { send, receiver, generator, generatorBatch, directP50Us, directP99Us } = await sending(settings, seconds);
  const store = await bareStore(settings, seconds);
  const ingest = await ingestAlone(bench, 1, seconds);
  const ingestBatch = await ingestAlone(bench, BATCH, seconds);
  const serverCpuUs = ingest.cpuUsEach + store.cpuUsEach + send.cpuUsEach;
  return {
    send,
    store,
    ingest,
    ingestBatch,
    generator,
    generatorBatch,
    receiver,
    directP50Us,
    directP99Us,
    fsyncP50Us: machine.fsyncP50Us,
    fsyncP99Us: machine.fsyncP99Us,
    allowed: allowedBy(machine.cpus, [ingest, store, send, generator, receiver]),
    allowedBatch: allowedBy(machine.cpus, [ingestBatch, store, send, generatorBatch, receiver]),
    serverCpuUs,
  };
}

/** All CPUs over the sum of what the parts cost; and no more than the slowest part does alone. */
export function allowedBy(cpus: number, parts: readonly Part[]): number {
  const sumUs = parts.reduce((sum, { cpuUsEach }) => sum + cpuUsEach, 0);
  return Math.round(Math.min((cpus * 1e6) / sumUs, ...parts.map(({ perSecond }) => perSecond)));
}

async function sending(settings: Settings, seconds: number) {
  const receiver = new Peer<ReceiverAnswers>('./receiver-process.ts');
  const bare = new Peer<PartsAnswers>('./parts-process.ts');
  const generator = new Peer<GeneratorAnswers>('./generator-process.ts');
  try {
    const url = `http://127.0.0.1:${await receiver.ask('listen')}`;
    const { bodyBytes, connections } = settings;
    await bare.ask('send', { url, connections: SEND_CONNECTIONS, bodyBytes, seconds: seconds / 2 }); // warms both up
    const before = [await receiver.ask('usage'), await receiver.ask('received')] as const;
    const send = await bare.ask('send', { url, connections: SEND_CONNECTIONS, bodyBytes, seconds });
    const after = [await receiver.ask('usage'), await receiver.ask('received')] as const;
    const count = after[1].received - before[1].received;
    const received: Part = { perSecond: Math.round(count / seconds), cpuUsEach: tenth((after[0].cpuUs - before[0].cpuUs) / count) };

    const load = { urls: [url], key: 'none', connections, bodyBytes, endpoints: 1, tenants: 1, spread: 'even', eventsMax: null } as const;
    const publish = async (rate: number, batch: number): Promise<Part> => {
      await generator.ask('start', { ...load, rate, batch });
      await settle(seconds / 4);
      await receiver.ask('begin');
      const [used, { accepted }, startMs] = [await generator.ask('usage'), await generator.ask('counts'), performance.now()];
      await settle(seconds);
      const [usedAfter, counts] = [await generator.ask('usage'), await generator.ask('counts')];
      const elapsed = (performance.now() - startMs) / 1000;
      await generator.ask('stop');
      while (!(await generator.ask('counts')).done) await settle(0.01);
      const events = counts.accepted - accepted;
      return { perSecond: Math.round(events / elapsed), cpuUsEach: tenth((usedAfter.cpuUs - used.cpuUs) / events) };
    };
    const alone = await publish(0, 1);
    const batches = await publish(0, BATCH);
    await publish(DIRECT_RATE, 1);
    const { p50Us, p99Us } = await receiver.ask('latency');
    return { send, receiver: received, generator: alone, generatorBatch: batches, directP50Us: p50Us, directP99Us: p99Us };
  } finally {
    await Promise.all([bare.stop(), generator.stop(), receiver.stop()]);
  }
}

async function bareStore({ folder, bodyBytes }: Settings, seconds: number): Promise<Part> {
  const bare = new Peer<PartsAnswers>('./parts-process.ts');
  const place = mkdtempSync(join(folder, 'waxwing-bench-'));
  try {
    return await bare.ask('store', { place, batchSize: STORE_BATCH, bodyBytes, seconds });
  } finally {
    await bare.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

/** The server with endpoints that are paused, over a store that writes nothing. */
function ingestAlone(bench: Bench, batch: number, seconds: number): Promise<Part> {
  return bench.onStage({ store: 'sqlite', nodes: 1, answerAtOnce: true }, async (stage) => {
    await stage.system.server.ask('pauseAll');
    await stage.start({ rate: 0, batch });
    await settle(bench.settings.warmUpSeconds);
    const [before, used] = [await stage.generator.ask('counts'), await stage.system.cpuUs()];
    const startedMs = performance.now();
    await settle(seconds);
    const [after, usedAfter] = [await stage.generator.ask('counts'), await stage.system.cpuUs()];
    const elapsed = (performance.now() - startedMs) / 1000;
    await stage.stop();
    const events = after.accepted - before.accepted;
    return { perSecond: Math.round(events / elapsed), cpuUsEach: tenth((usedAfter.server - used.server) / events) };
  });
}

const settle = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const tenth = (value: number): number => Math.round(value * 10) / 10;

export const limit: Scenario = {
  name: 'limit',
  question: 'what do the parts cost alone, and what would they allow together?',
  async run(bench) {
    const parts = await bench.parts();
    const { send, store, ingest, ingestBatch, generator, generatorBatch, receiver } = parts;
    const rate = (id: string, what: string, part: Part) => [
      figure(`limit.${id}.rate`, `${what}, alone`, part.perSecond, '/s', 'more'),
      figure(`limit.${id}.cpu`, `${what}: CPU each`, part.cpuUsEach, 'µs', 'less'),
    ];
    return {
      figures: [
        ...rate('send', 'bare loop of signing and sending', send),
        ...rate('store', 'bare store (two writes, durable)', store),
        ...rate('ingest', 'ingest (HTTP API and engine, no store)', ingest),
        ...rate('ingest100', 'ingest, 100 a request', ingestBatch),
        ...rate('generator', 'generator', generator),
        ...rate('generator100', 'generator, 100 a request', generatorBatch),
        ...rate('receiver', 'receiver', receiver),
        figure('limit.allowed', 'what the parts allow together, one event a request', parts.allowed, '/s', 'more'),
        figure('limit.allowed100', 'what the parts allow together, 100 a request', parts.allowedBatch, '/s', 'more'),
        figure('limit.direct.p50', 'generator straight to receiver, p50', parts.directP50Us / 1000, 'ms', 'less'),
        figure('limit.direct.p99', 'generator straight to receiver, p99', parts.directP99Us / 1000, 'ms', 'less'),
      ],
      plots: [
        {
          kind: 'bars',
          name: 'parts',
          title: 'CPU of one delivery, each part alone',
          unit: 'µs',
          bars: [
            { label: 'ingest', value: ingest.cpuUsEach, isOurs: true },
            { label: 'store', value: store.cpuUsEach, isOurs: true },
            { label: 'sign and send', value: send.cpuUsEach, isOurs: true },
            { label: 'generator', value: generator.cpuUsEach },
            { label: 'receiver', value: receiver.cpuUsEach },
          ],
        },
      ],
    };
  },
};
