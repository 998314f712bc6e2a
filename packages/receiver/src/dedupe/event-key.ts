// By what two deliveries of one event are known to be the same: its id where the signature covers it, else its id and body.
//
// An id that nobody signed could be sent with another body, to make the receiver forget a genuine event before it comes.
// An event without an id has no key: two equal bodies may well be two events.

import type { ReceivedEvent } from '../event.ts';
import type { Runtime } from '../runtime.ts';
import type { Awaitable } from './store.ts';

/** How events are told apart; null where they cannot be. */
export type EventKey = (event: ReceivedEvent) => Awaitable<string | null>;

export function eventKey(senderName: string, sha256Hex: Runtime['sha256Hex']): EventKey {
  return (event) => {
    if (event.id === null || event.id === '') return null;
    const named = `${senderName}:${event.id}`;
    if (event.idSigned) return named;
    const digest = sha256Hex(event.raw);
    return typeof digest === 'string' ? `${named}:${digest}` : digest.then((hex) => `${named}:${hex}`);
  };
}
