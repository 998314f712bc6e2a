// A store thread, seen from the engine: calls go over as one message each and come back as promises.
//
//  1. A thread that dies rejects every call that waits, and every later one, as `unknown`: a commit among them may or may
//     not be on disk, and only opening anew brings the store back.
//  2. Errors arrive as what they were: StoreError, or WaxwingError where the store could not be opened.

import { Worker } from 'node:worker_threads';
import { WaxwingError } from '@waxwing/protocol';
import { StoreError } from '../store.ts';
import type { Answered, Asked, ThreadSettings, WireError } from './thread-messages.ts';

interface Waiting {
  /** Takes what the asked verb answers: `ask` names its type. */
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** V8 would let each thread's young generation grow to some 100 MB and keep it: most of the process's memory. */
const YOUNG_MB = 8;

export class StoreThread<Call> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  #death: StoreError | null = null;

  constructor(entry: URL, name: string, settings: ThreadSettings) {
    this.#worker = new Worker(entry, { workerData: settings, name, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
    this.#worker.on('message', (answer: Answered<never>) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#died(`the ${name} thread failed`, error));
    const ended = Promise.withResolvers<void>();
    this.#ended = ended.promise;
    this.#worker.on('exit', () => {
      this.#died(`the ${name} thread ended`);
      ended.resolve();
    });
  }

  get dead(): boolean {
    return this.#death !== null;
  }

  /** Throws StoreError or WaxwingError. `R` is what the call's verb answers. */
  ask<R>(call: Call): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (this.#death !== null) {
        reject(this.#death);
        return;
      }
      const id = ++this.#lastId;
      const asked: Asked<Call> = { id, call };
      this.#worker.postMessage(asked);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  /** Resolves when the thread is gone and all it held is freed. Ask it to close first. */
  ended(): Promise<void> {
    return this.#ended;
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #answered(answer: Answered<never>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(errorOf(answer.error));
    else waiting?.resolve(answer.value);
  }

  #died(what: string, cause?: unknown): void {
    this.#death ??= new StoreError('unknown', `${what}; the store must be opened anew`, cause);
    for (const { reject } of this.#waiting.values()) reject(this.#death);
    this.#waiting.clear();
  }
}

function errorOf(error: WireError): Error {
  const cause = error.cause === null ? undefined : new Error(error.cause);
  if (error.code !== null) return new WaxwingError(error.code, error.message, { cause });
  return new StoreError(error.kind, error.message, cause, error.disk);
}
