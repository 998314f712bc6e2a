// Signed events of one sender, for the tests of adapters, dedupe and inbox.

import { HUMANCONNECTION_SCHEME, JOAI_SCHEME } from '@waxwing/protocol/schemes';
import { sign } from '@waxwing/protocol/sign';

export const SECRET = 'whsec_a secret for tests';

export interface SignedEvent {
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** An event of humanconnection, whose id is in the signed body. */
export function signedEvent(
  type: string,
  options: { readonly id?: string; readonly data?: object; readonly secret?: string } = {},
): SignedEvent {
  const id = options.id ?? 'whevt_1';
  const data = { meeting_id: 'mtg_1', ...options.data };
  const body = JSON.stringify({ id, type, created_at: '2026-05-12T15:30:00Z', data });
  const message = { id, timestampSeconds: 1, body: Buffer.from(body) };
  return {
    body,
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(sign(HUMANCONNECTION_SCHEME, message, [options.secret ?? SECRET])),
    },
  };
}

/** An event of joai, whose id is a header that nobody signs. */
export function signedMessage(id: string, content: string): SignedEvent {
  const body = JSON.stringify({
    event: 'agent.message',
    webhook: { id: 'w', name: 'w' },
    timestamp: '2024-01-15T11:45:00.000000Z',
    data: { agent: { id: 'a', name: 'a' }, room: 'r', content },
  });
  const message = { id, timestampSeconds: 1, body: Buffer.from(body) };
  return {
    body,
    headers: { 'content-type': 'application/json', 'webhook-id': id, ...Object.fromEntries(sign(JOAI_SCHEME, message, [SECRET])) },
  };
}
