// What every scenario is handed: the settings, the way to a stage, and the machine's limits as measured in this run.
//
// A scenario is one file in scenarios/. It starts fresh processes for whatever it measures, removes all it makes, and gives
// figures; everything it prints on the way is for who looks on.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Peer } from './asking.ts';
import type { Against, Result } from './figures.ts';
import type { GeneratorAnswers } from './generator-process.ts';
import type { Machine } from './machine.ts';
import type { ReceiverAnswers } from './receiver-process.ts';
import type { Parts } from './scenarios/limit.ts';
import { Stage } from './stage.ts';
import { WaxwingSystem } from './waxwing-system.ts';

export interface Settings {
  readonly store: 'sqlite' | 'postgres';
  readonly nodes: number;
  readonly threads: number;
  readonly folder: string;
  /** Of a measured window; steps of a rising load take half. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly endpoints: number;
  /** In flight at once, of each endpoint. */
  readonly concurrency: number;
  readonly bodyBytes: number;
  /** Deliveries of a backlog, and rows of a deep store. */
  readonly backlog: number;
  readonly depth: number;
  readonly manyEndpoints: number;
  /** Where CPU profiles go; null for none. */
  readonly profiles: string | null;
}

export interface Scenario {
  readonly name: string;
  /** The question that it answers, for people. */
  readonly question: string;
  run(bench: Bench): Promise<Result>;
}

/** How a stage differs from the settings. */
export interface StageOptions {
  readonly store?: 'sqlite' | 'postgres';
  readonly nodes?: number;
  readonly threads?: number;
  readonly endpoints?: number;
  readonly tenants?: number;
  readonly bodyBytes?: number;
  /** First letters of the endpoints' paths, by turns: `o` is answered with 200, `b` with 503, `h` never. */
  readonly letters?: string;
  /** All endpoints subscribe to one type: each event goes to all of them. */
  readonly fanOut?: boolean;
  readonly answerAtOnce?: boolean;
  readonly tls?: boolean;
}

export class Bench {
  readonly settings: Settings;
  readonly machine: Machine;
  readonly print: (line: string) => void;
  readonly #measureParts: (bench: Bench) => Promise<Parts>;
  #parts: Promise<Parts> | null = null;

  constructor(settings: Settings, machine: Machine, print: (line: string) => void, measureParts: (bench: Bench) => Promise<Parts>) {
    this.settings = settings;
    this.machine = machine;
    this.print = print;
    this.#measureParts = measureParts;
  }

  /** The machine's limits: measured once in a run, when first asked for. */
  parts(): Promise<Parts> {
    this.#parts ??= this.#measureParts(this).then((parts) => {
      const { send, store, allowed, allowedBatch } = parts;
      this.print(
        `  limits of this machine now: send loop ${send.perSecond.toLocaleString('en')}/s, store ${store.perSecond.toLocaleString('en')}/s; the parts together allow ${allowed.toLocaleString('en')}/s (batches ${allowedBatch.toLocaleString('en')}/s)`,
      );
      return parts;
    });
    return this.#parts;
  }

  /** What a rate is held against everywhere: the bare send loop. */
  async ofSendLoop(): Promise<Against> {
    return { value: (await this.parts()).send.perSecond, of: 'the bare send loop' };
  }

  /** What a median of publish to received is held against: generator straight to receiver, and one fsync. */
  async ofDirect(): Promise<Against> {
    const { directP50Us, fsyncP50Us } = await this.parts();
    return { value: (directP50Us + fsyncP50Us) / 1000, of: 'loopback and fsync' };
  }

  /** As `ofDirect`, of the 99th percentile. */
  async ofDirectP99(): Promise<Against> {
    const { directP99Us, fsyncP99Us } = await this.parts();
    return { value: (directP99Us + fsyncP99Us) / 1000, of: 'loopback and fsync' };
  }

  /** Sets a stage, plays on it, and removes all of it. */
  async onStage<T>(options: StageOptions, play: (stage: Stage<WaxwingSystem>) => Promise<T>): Promise<T> {
    const { connections, concurrency, folder, profiles } = this.settings;
    const { store, nodes, threads, endpoints, bodyBytes } = { ...this.settings, ...options };
    const { tenants = 1, letters = 'o', fanOut = false, answerAtOnce = false, tls = false } = options;
    const receiver = new Peer<ReceiverAnswers>('./receiver-process.ts');
    const generator = new Peer<GeneratorAnswers>('./generator-process.ts');
    const certificates = mkdtempSync(join(folder, 'waxwing-bench-certificates-'));
    try {
      let authorityFile: string | null = null;
      let url: string;
      if (tls) {
        const { port, authority } = await receiver.ask('listenTls');
        authorityFile = join(certificates, 'authority.pem');
        writeFileSync(authorityFile, authority);
        url = `https://127.0.0.1:${port}`;
      } else url = `http://127.0.0.1:${await receiver.ask('listen')}`;
      const system = await WaxwingSystem.start({
        store,
        nodes,
        threads,
        folder,
        answerAtOnce,
        authorityFile,
        profiles: answerAtOnce ? null : profiles, // parts are measured unprofiled
      });
      const taken = letters.split('o').length - 1; // of each round, so many are answered with 200
      const arrivalsEach = fanOut ? endpoints : taken / letters.length;
      const shape = { connections, endpoints: fanOut ? 1 : endpoints, tenants, bodyBytes };
      const stage = new Stage({ generator, receiver }, system, shape, arrivalsEach);
      try {
        await system.endpoints({ url, count: endpoints, tenants, concurrency, letters, oneType: fanOut });
        return await play(stage);
      } finally {
        await stage.close();
      }
    } finally {
      await Promise.all([generator.stop(), receiver.stop()]);
      rmSync(certificates, { recursive: true, force: true });
    }
  }

  /** Publishes for the warm-up's time as fast as it goes, and waits until all of it was delivered. Gives deliveries a second. */
  async warmUp(stage: Stage, batch = 1): Promise<number> {
    await stage.begin();
    await stage.start({ rate: 0, batch });
    const { perSecond } = await stage.watch(this.settings.warmUpSeconds);
    await stage.drained();
    return perSecond;
  }
}
