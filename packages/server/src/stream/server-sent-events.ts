// Server-sent events: messages as text, pulled by the socket.
//
// Invariants:
//  1. Nothing is made before the socket takes it: who reads slowly is behind in the engine's store, not in this process.
//  2. Something goes out every 15 seconds at least, so that no proxy takes the connection for dead.
//  3. Nothing goes out once the key is revoked or has expired.

import { Readable } from 'node:stream';
import type { Clock } from '@waxwing/engine';
import type { OpenStream } from './streams.ts';

export const HEARTBEAT_MS = 15_000;

/** How much is made ahead of the socket. */
const AHEAD_BYTES = 16_384;

export interface SentEvents<Message> {
  readonly messages: AsyncIterable<Message>;
  readonly format: (message: Message) => string;
  /** What goes out after a while of quiet, beside a comment: lines. */
  readonly whenQuiet: () => string;
  /** Ended when the text is. */
  readonly stream: OpenStream;
  readonly clock: Pick<Clock, 'after'>;
  /** Whether who asked may still read. */
  readonly mayRead: () => boolean;
}

/** No proxy is to keep it; and once it has ended, its connection must not hold up a drain. */
export const EVENT_STREAM_HEADERS: { readonly [name: string]: string } = { 'x-accel-buffering': 'no', connection: 'close' };

/** The text of a stream; `text/event-stream`. End the stream when nobody is left to read it. */
export function serverSentEvents<Message>(sent: SentEvents<Message>): Readable {
  return Readable.from(blocks(sent), { objectMode: false, highWaterMark: AHEAD_BYTES });
}

/** One message as the protocol writes it. */
export function eventBlock(id: string | null, event: string, data: unknown): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function* blocks<Message>(sent: SentEvents<Message>): AsyncGenerator<string, void, undefined> {
  const { messages, format, whenQuiet, stream, clock, mayRead } = sent;
  const source = messages[Symbol.asyncIterator]();
  let came: IteratorResult<Message, unknown> | null = null;
  let fault: { readonly error: unknown } | null = null;
  let wake = (): void => {};
  const ask = (): void => {
    came = null;
    source.next().then(
      (result) => {
        came = result;
        wake();
      },
      (error: unknown) => {
        fault = { error };
        wake();
      },
    );
  };
  /** What came; null after a while without. */
  const next = async (): Promise<IteratorResult<Message, unknown> | null> => {
    if (came === null && fault === null && !stream.signal.aborted) {
      const cancel = clock.after(HEARTBEAT_MS, () => wake());
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      cancel();
    }
    if (fault !== null) throw fault.error;
    return came;
  };

  stream.signal.addEventListener('abort', () => wake());
  ask();
  try {
    for (;;) {
      const result = await next();
      if (stream.signal.aborted || !mayRead()) return;
      if (result === null) {
        yield `: still here\n${whenQuiet()}\n`;
        continue;
      }
      if (result.done === true) return;
      ask();
      yield format(result.value);
    }
  } finally {
    stream.end(); // and with it the source, also while it waits
  }
}
