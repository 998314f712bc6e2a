// Lasting connections: server-sent events over one connection after the other, made again whenever one is lost.
//
// Invariants:
//  1. Once one has stood, it is tried again for ever, with growing pauses. What the server refuses (a key that is revoked, a
//     tenant that is gone) is thrown.
//  2. A connection that says nothing for three heartbeats is dead, whatever the system says.

import { WaxwingApiError, WaxwingConnectionError } from './api-error.ts';
import { isRetryable, retryDelayMs } from './retry.ts';
import { EventParser } from './server-sent-events.ts';
import type { SentEvent } from './server-sent-events.ts';
import type { Call, CallOptions, Surroundings, Transport } from './transport.ts';

export interface LastingOptions extends CallOptions {
  /** Told when a connection was lost and when the next one is tried: it goes on by itself. */
  readonly onLost?: (lost: LostConnection) => void;
}

export interface LostConnection {
  readonly cause: unknown;
  readonly retryInMs: number;
}

const SILENCE_MS = 45_000;
const BACK_AGAIN = { attemptsMax: Infinity, timeMaxMs: Infinity };

/** @param call asked before each connection: it may go on where the last one ended */
export async function* lastingEvents(
  transport: Transport,
  surroundings: Surroundings,
  call: () => Call,
  { signal, onLost }: LastingOptions,
): AsyncGenerator<SentEvent, void, undefined> {
  let stood = false;
  const startedMs = surroundings.nowMs();
  for (let attempts = 1; ; attempts++) {
    let cause: unknown = new Error('the server ended the stream');
    let retryAfterMs: number | null = null;
    try {
      for await (const event of connection(transport, surroundings, call(), signal)) {
        [stood, attempts] = [true, 0];
        yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof WaxwingApiError) {
        if (!isRetryable(error.status)) throw error;
        if (error.code !== 'shutting_down') retryAfterMs = error.retryAfterMs; // it is back, or its successor is, as soon as it can be
      }
      cause = error;
    }
    signal?.throwIfAborted();
    const tries = Math.max(1, attempts);
    const failed = { attempts: tries, elapsedMs: surroundings.nowMs() - startedMs, retryAfterMs };
    const delayMs = retryDelayMs(failed, stood ? BACK_AGAIN : transport.retry, surroundings.unit());
    if (delayMs === null) throw cause instanceof WaxwingApiError ? cause : new WaxwingConnectionError(transport.baseUrl, tries, cause);
    onLost?.({ cause, retryInMs: Math.round(delayMs) });
    await surroundings.sleep(delayMs, signal);
  }
}

async function* connection(
  transport: Transport,
  surroundings: Surroundings,
  call: Call,
  signal: AbortSignal | undefined,
): AsyncGenerator<SentEvent, void, undefined> {
  const leaving = new AbortController();
  const until = signal === undefined ? leaving.signal : AbortSignal.any([leaving.signal, signal]);
  try {
    const headers = { accept: 'text/event-stream, application/problem+json', ...call.headers };
    const response = await transport.open({ ...call, headers, signal: until });
    const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined = response.body?.getReader();
    if (reader === undefined) return;
    const parser = new EventParser();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await withinSilence(surroundings, reader.read());
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    leaving.abort();
  }
}

async function withinSilence<T>(surroundings: Surroundings, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const silence = surroundings.sleep(SILENCE_MS, over.signal).then(
    () => {
      throw new Error(`nothing came for ${SILENCE_MS / 1_000} seconds`);
    },
    () => work, // the work was done first
  );
  try {
    return await Promise.race([work, silence]);
  } finally {
    over.abort();
    silence.catch(() => undefined);
  }
}
