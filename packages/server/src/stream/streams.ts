// The streams that are open: how many each key has, and the way to end them all.
//
// A stream ends with its connection, with its key, or with the server: a drain waits for none of them.

import { WaxwingError } from '@waxwing/protocol';

export const STREAMS_PER_KEY_MAX = 100;

/** One open stream, as the server holds it. */
export interface OpenStream {
  /** Aborts when it is to end. */
  readonly signal: AbortSignal;
  /** Ends it. Idempotent. */
  end(): void;
}

export interface Streams {
  /** Throws `rate_limited` when the key has as many as it may. */
  open(keyId: string): OpenStream;
  /** Ends every one, and lets no other begin. */
  endAll(): void;
  readonly count: number;
}

/** Keeps the streams of one server. */
export function createStreams(perKeyMax: number = STREAMS_PER_KEY_MAX): Streams {
  const open = new Set<OpenStream>();
  const byKey = new Map<string, number>();
  let isOver = false;

  return {
    open(keyId) {
      const mine = byKey.get(keyId) ?? 0;
      if (isOver) throw new WaxwingError('shutting_down', 'The server is shutting down; go on elsewhere, or here in a moment.');
      if (mine >= perKeyMax)
        throw new WaxwingError('rate_limited', `This key has ${perKeyMax} streams open, as many as it may. Close one first.`, {
          retryAfterSeconds: 5,
        });
      const ending = new AbortController();
      const stream: OpenStream = {
        signal: ending.signal,
        end() {
          if (!open.delete(stream)) return;
          const left = (byKey.get(keyId) ?? 1) - 1;
          if (left === 0) byKey.delete(keyId);
          else byKey.set(keyId, left);
          ending.abort();
        },
      };
      open.add(stream);
      byKey.set(keyId, mine + 1);
      return stream;
    },
    endAll() {
      isOver = true;
      for (const stream of Array.from(open)) stream.end();
    },
    get count() {
      return open.size;
    },
  };
}
