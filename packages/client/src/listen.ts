// Listening: the messages of a relayed endpoint, handed to a function, and its answers sent back.
//
// Invariants:
//  1. One message at a time, oldest first. The next one comes after the answer to this one is with the server.
//  2. A message whose answer could not be sent comes again with the same attempt id; the answer is then sent again, and the
//     function not called twice for it. Only a process that ends in between may see one twice.
//  3. Another listener, or the deletion of the endpoint, ends it: two listeners do not take the connection from each other.

import type { ListenerMessage, RelayAccepted, RelayedMessage, RelayResult } from '@waxwing/protocol';

import { WaxwingApiError } from './api-error.ts';
import { lastingEvents } from './lasting.ts';
import type { LastingOptions } from './lasting.ts';
import type { Surroundings, Transport } from './transport.ts';

/** What became of a message. */
export type RelayAnswer = Omit<RelayResult, 'attempt'>;

export interface ListenOptions extends LastingOptions {
  /** The listener's id, from `listeners.create`. */
  readonly listener: string;
  /** Sends a message on, and says what came of it. What it throws counts as not tried: the message comes again in a second. */
  readonly receive: (message: RelayedMessage) => Promise<RelayAnswer>;
  /** Told at each connection, with how many deliveries wait. */
  readonly onReady?: (waiting: number) => void;
}

/** Why it ended. */
export type ListenEnd = 'replaced' | 'deleted';

const AGAIN_MS = 1_000;

/** Attached, and attached again when the connection is lost. Ends after `detached`, unless that was for being unresponsive. */
export async function* listenerMessages(
  transport: Transport,
  surroundings: Surroundings,
  path: string,
  options: LastingOptions,
): AsyncGenerator<ListenerMessage, void, undefined> {
  for await (const { event, data } of lastingEvents(
    transport,
    surroundings,
    () => ({ method: 'GET', path: `${path}/messages` }),
    options,
  )) {
    if (data === null) continue;
    const message: ListenerMessage = JSON.parse(`{"kind":${JSON.stringify(event)},"data":${data}}`); // as its contract says
    yield message;
    if (message.kind === 'detached' && message.data.reason !== 'unresponsive') return;
  }
}

/** Repeating a result changes nothing, so it is tried again. */
export function answerMessages(
  transport: Transport,
  path: string,
  results: readonly RelayResult[],
  signal: AbortSignal | undefined,
): Promise<RelayAccepted> {
  return transport.json({ method: 'POST', path: `${path}/results`, body: JSON.stringify({ results }), repeatable: true, signal });
}

export async function listen(transport: Transport, surroundings: Surroundings, path: string, options: ListenOptions): Promise<ListenEnd> {
  const { receive, onReady, signal } = options;
  /** The last message's answer, by its attempt. */
  const answered = new Map<string, RelayResult>();
  for await (const message of listenerMessages(transport, surroundings, path, options)) {
    if (message.kind === 'ready') onReady?.(message.data.waiting);
    if (message.kind === 'detached' && message.data.reason !== 'unresponsive') return message.data.reason;
    if (message.kind !== 'message') continue;
    const { attempt } = message.data;
    const result = answered.get(attempt) ?? { ...(await received(receive, message.data)), attempt };
    answered.clear();
    if (result.notTried === undefined) answered.set(attempt, result);
    signal?.throwIfAborted();
    try {
      await answerMessages(transport, path, [result], signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof WaxwingApiError && error.status < 500) throw error;
      // The server is away: the connection is lost, too, and the message comes again.
    }
  }
  return 'deleted';
}

async function received(receive: ListenOptions['receive'], message: RelayedMessage): Promise<RelayAnswer> {
  try {
    return await receive(message);
  } catch {
    return { notTried: { retryInMs: AGAIN_MS } };
  }
}
