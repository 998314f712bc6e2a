// What the tests send: signed webhooks, by POST or as the headers of an upgrade.

import { MESHAGENT_SCHEME } from '@waxwing/protocol/schemes';
import { sign } from '@waxwing/protocol/sign';

export const SECRET = 'a secret for tests';

export type CallData = { room_name: string; room_url: string; token: string; arguments: Record<string, unknown> };

export function signatureOf(payload: string): string {
  const [[, value] = ['', '']] = sign(MESHAGENT_SCHEME, { id: 'x', timestampSeconds: 1, body: Buffer.from(payload) }, [SECRET]);
  return value;
}

/** The headers of a `room.call` that comes by upgrade. */
export function callHeaders(data: CallData): Record<string, string> {
  const payload = JSON.stringify({ event: 'room.call', data });
  return { 'meshagent-webhook': payload, 'meshagent-signature': signatureOf(payload) };
}

export async function post(url: string, event: string, data: Record<string, unknown>): Promise<number> {
  const body = JSON.stringify({ event, data });
  const headers = { 'content-type': 'application/json', 'meshagent-signature': signatureOf(body) };
  return (await fetch(url, { method: 'POST', body, headers })).status;
}
