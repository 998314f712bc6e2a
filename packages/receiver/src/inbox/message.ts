// A message: a verified request as the inbox keeps it, and what comes of handling it.

import type { Handling } from '../handling.ts';
import { headerValue } from '../verify/request.ts';
import type { HeadersInput, ReceivedRequest } from '../verify/request.ts';

export interface InboxMessage {
  /** What tells it apart from others. */
  readonly key: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly method: string | null;
  readonly url: string | null;
}

export interface KeptMessage extends InboxMessage {
  /** The place in the order of receipt. */
  readonly seq: number;
  /** Which try this is, from 1. */
  readonly attempt: number;
}

/** Handles a message. Never rejects. */
export type HandleMessage = (message: KeptMessage) => Promise<Handling>;

/** Whose messages an inbox keeps. */
export interface InboxOwner {
  readonly handle: HandleMessage;
  /** Told of what no sender sees any more. */
  readonly notice: (notice: InboxNotice) => void;
}

export type InboxNotice =
  | { readonly kind: 'store_failed'; readonly store: 'inbox'; readonly error: unknown }
  /** The last try failed, or a handler said that it wants the event never. It is kept: see `failed()`. */
  | { readonly kind: 'given_up'; readonly key: string; readonly attempts: number; readonly why: string };

/** An inbox, as a receiver uses it. */
export interface EventInbox {
  /** Begins to handle what is kept, for one owner. Starting again for the same changes nothing. */
  start(owner: InboxOwner): void;
  /** Resolves once the message is durably kept, or was before. Rejects when it cannot be kept. */
  accept(message: InboxMessage): Promise<'accepted' | 'duplicate'>;
  /** Handles what is due, for a bounded time, and closes. What is left is handled after the next start. */
  stop(): Promise<void>;
}

/** Of no use once the signature is verified, and credentials: they do not go to the disk. */
const NOT_KEPT = new Set(['authorization', 'proxy-authorization', 'cookie']);

/**
 * A request's headers as pairs, in lower case.
 * @param needed names to ask for where headers can be asked but not listed
 */
export function keptHeaders(headers: HeadersInput, needed: readonly string[]): (readonly [string, string])[] {
  const pairs = listed(headers) ?? needed.map((name): [string, unknown] => [name, headerValue(headers, name)]);
  const kept: (readonly [string, string])[] = [];
  for (const [name, value] of pairs) {
    const text: unknown = Array.isArray(value) ? value.join(', ') : value;
    if (typeof text === 'string' && !NOT_KEPT.has(name.toLowerCase())) kept.push([name.toLowerCase(), text]);
  }
  return kept;
}

function listed(headers: HeadersInput): Iterable<readonly [string, unknown]> | null {
  if (Symbol.iterator in headers) return headers;
  return 'get' in headers && typeof headers.get === 'function' ? null : Object.entries(headers);
}

/** The request as handlers see it again. */
export function requestOf(message: InboxMessage): ReceivedRequest {
  return {
    headers: Object.fromEntries(message.headers),
    body: message.body,
    ...(message.method !== null && { method: message.method }),
    ...(message.url !== null && { url: message.url }),
  };
}
