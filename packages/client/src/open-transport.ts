// A transport from a client's options, checked: what cannot work is refused here, and not at the first call.

import { DEFAULT_RETRY } from './retry.ts';
import type { RetryOptions } from './retry.ts';
import { Transport } from './transport.ts';
import type { TransportOptions } from './transport.ts';

export interface ConnectionOptions {
  readonly url: string;
  readonly key?: string;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
  readonly retry?: RetryOptions;
}

/** @throws TypeError for an option that is not usable */
export function openTransport(options: ConnectionOptions, readProblem?: TransportOptions['readProblem']): Transport {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const retry = { ...DEFAULT_RETRY, ...options.retry };
  if (!(timeoutMs > 0)) throw new TypeError(`timeoutMs must be above 0; got ${timeoutMs}`);
  if (!(retry.attemptsMax >= 1)) throw new TypeError(`retry.attemptsMax must be at least 1; got ${retry.attemptsMax}`);
  if (!(retry.timeMaxMs >= 0)) throw new TypeError(`retry.timeMaxMs must be at least 0; got ${retry.timeMaxMs}`);
  const given = options.fetch;
  const key = checkedKey(options.key);
  return new Transport(
    { baseUrl: baseUrl(options.url), key, timeoutMs, retry, ...(readProblem === undefined ? {} : { readProblem }) },
    {
      // Called through globalThis: browsers refuse a fetch that is torn off its window.
      fetch: given ?? ((input, init) => globalThis.fetch(input, init)),
      nowMs: () => Date.now(),
      unit: () => Math.random(),
      sleep,
    },
  );
}

function baseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError(`url must be an http:// or https:// address; got ${JSON.stringify(text)}`);
  }
  if (url.username !== '' || url.password !== '') throw new TypeError('url must not hold a user name or password: give the key as `key`');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** A key with a line break or a space would fail inside fetch, and look like a network failure. */
function checkedKey(key: string | undefined): string | undefined {
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new TypeError('key must be printable ASCII without spaces: was it copied whole?');
  return key;
}

function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    function abort(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', abort, { once: true });
  });
}
