// A live stream: messages as they happen. Each connection begins where the last message that was given out ended: nothing is
// lost and nothing given twice.

import type { StreamKind, StreamMessage } from '@waxwing/protocol';

import { lastingEvents } from './lasting.ts';
import type { LastingOptions } from './lasting.ts';
import type { Surroundings, Transport } from './transport.ts';

export interface StreamOptions extends LastingOptions {
  /** Which messages. Default: all. */
  readonly kinds?: readonly StreamKind[];
  /** Event type patterns: only events of these types and their attempts. */
  readonly types?: readonly string[];
  /** Only what concerns this endpoint. */
  readonly endpoint?: string;
  /** Goes on after the message that had this cursor. Default: from now. */
  readonly cursor?: string;
}

/** `ready` comes once a connection; all else once. Ends with its signal or when its iteration is left. */
export async function* streamOf(
  transport: Transport,
  surroundings: Surroundings,
  path: string,
  options: StreamOptions,
): AsyncGenerator<StreamMessage, void, undefined> {
  let { cursor } = options;
  const query = { kinds: options.kinds?.join(','), types: options.types?.join(','), endpoint: options.endpoint };
  const events = lastingEvents(
    transport,
    surroundings,
    () => ({ method: 'GET', path, query, headers: cursor === undefined ? {} : { 'last-event-id': cursor } }),
    options,
  );
  for await (const { id, event, data } of events) {
    if (id === null) continue;
    cursor = id;
    if (data !== null) yield messageOf(event, id, data);
  }
}

/** The server is trusted to send what its contract says. */
function messageOf(kind: string, cursor: string, data: string): StreamMessage {
  const message: StreamMessage = JSON.parse(`{"kind":${JSON.stringify(kind)},"cursor":${JSON.stringify(cursor)},"data":${data}}`);
  return message;
}
