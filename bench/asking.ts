// Questions between the benchmark and its processes: one question, one answer, over Node's own channel.
//
// A process answers by name with plain data. Every answer of `usage` is the process's own account of its CPU and memory.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** No question takes longer; filling a store with ten million rows is one. */
const ANSWER_MS = 3_600_000;

/** A process that leaves takes at most so long: it may have a profile to write. */
const STOP_MS = 20_000;

export type Answers = { readonly [question: string]: (argument: never) => unknown };

interface Question {
  readonly id: number;
  readonly question: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What a process has used since it started. */
export interface Usage {
  /** User and system time of all its threads. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
}

/** In a process of the benchmark: answers questions until the parent leaves. */
export function answerQuestions<A extends Answers>(answers: A): void {
  // The channel is the parent's own: a question comes with the argument that `A` declares.
  const answer = async (message: Question): Promise<unknown> => answers[message.question]?.(message.argument as never);
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => {}); // the parent decides
  process.on('message', (message: Question) => {
    void answer(message).then(
      (value) => process.send?.({ id: message.id, value }),
      (error: unknown) =>
        process.send?.({ id: message.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}

/** A process of the benchmark, as its parent holds it. `A` is what it answers. */
export class Peer<A extends Answers> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #file: string;
  #nextId = 1;

  /** @param file beside this one */
  constructor(file: string, nodeFlags: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    this.#file = file;
    this.#child = fork(new URL(file, import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...nodeFlags],
      env: { ...process.env, ...env },
    });
    this.#child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer.value);
      else waiting?.reject(new Error(answer.error));
    });
    this.#child.on('exit', (code, signal) => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error(`${file} left with ${signal ?? code}`));
    });
  }

  /** Rejects when the process leaves, or takes longer than an hour (some questions run a whole measurement). */
  ask<Q extends keyof A & string>(question: Q, argument?: Parameters<A[Q]>[0]): Promise<Awaited<ReturnType<A[Q]>>> {
    if (!this.#child.connected) return Promise.reject(new Error(`cannot ask ${question}: the process has left`));
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    const timer = setTimeout(() => waiting.reject(new Error(`${this.#file} does not answer ${question}`)), ANSWER_MS);
    const message: Question = { id, question, argument };
    this.#child.send(message);
    const answered = waiting.promise.finally(() => clearTimeout(timer));
    return answered as Promise<Awaited<ReturnType<A[Q]>>>; // what the process answers is what `A` declares
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    const cut = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await exit;
    clearTimeout(cut);
  }
}
