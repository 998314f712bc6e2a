// Notices: one line of what went wrong, for the receiver's own log. Never a secret, and never what a handler threw in an answer.

import type { InboxNotice } from '../inbox/message.ts';
import type { PayloadFault } from '../schema/payload-schema.ts';
import type { Refused } from '../verify/result.ts';

export type ReceiverNotice =
  | { readonly kind: 'refused'; readonly reason: Refused['reason']; readonly explanation: string }
  | { readonly kind: 'unreadable'; readonly explanation: string }
  /** The signature holds, and the data does not match the schema of its type. */
  | { readonly kind: 'schema_mismatch'; readonly type: string; readonly id: string | null; readonly faults: readonly PayloadFault[] }
  | { readonly kind: 'handler_failed'; readonly type: string; readonly id: string | null; readonly error: unknown }
  | { readonly kind: 'store_failed'; readonly store: 'dedupe'; readonly error: unknown }
  | InboxNotice;

/** The default log: one line a notice. */
export function logLine(notice: ReceiverNotice): void {
  switch (notice.kind) {
    case 'refused':
      return console.warn(`webhook refused (${notice.reason}): ${notice.explanation}`);
    case 'unreadable':
      return console.warn(`webhook unreadable: ${notice.explanation}`);
    case 'schema_mismatch':
      return console.warn(`webhook does not match its schema (${notice.type} ${notice.id ?? ''}): ${faultsText(notice.faults)}`);
    case 'handler_failed':
      return console.error(`webhook handler failed (${notice.type} ${notice.id ?? ''}):`, notice.error);
    case 'store_failed':
      return console.error(`webhook ${notice.store} failed:`, notice.error);
    case 'given_up':
      return console.error(`webhook given up after ${notice.attempts} tries (${notice.key}): ${notice.why}`);
  }
}

/** Each fault with its path: `/meeting_id is missing; /amount must be number`. */
export function faultsText(faults: readonly PayloadFault[]): string {
  return faults.map(({ path, message }) => `${path === '' ? 'the data' : path} ${message}`).join('; ');
}
