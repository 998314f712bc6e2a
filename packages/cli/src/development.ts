// Development mode's own receiver: a tenant, a subscribed endpoint and a verifying receiver, so that a newcomer's first
// publish ends in a delivery they see arrive.
//
// At each start the receiver takes a free port and a fresh secret, the endpoint is pointed at it, and a publish-only key
// for this one tenant is made; the last start's key is revoked.

import { WebhookServer } from '@waxwing/receiver';
import { noticeText } from './receiver-notice.ts';
import type { Engine } from '@waxwing/engine';
import { BUILT_IN_PROFILES, generateSecret } from '@waxwing/protocol';
import { randomBytes } from 'node:crypto';

import { revokeKeys } from './admin-key.ts';
import { curlLine } from './message-text.ts';

const TENANT = 'demo';
const PROFILE = 'standard';
const ENDPOINT_NAME = 'Waxwing’s own receiver (serve --dev)';
const KEY_NAME = 'serve --dev sample';
const KEY_HOURS = 24;

export type Arrival =
  | {
      readonly kind: 'verified';
      readonly type: string;
      readonly id: string;
      /** From its timestamp to its arrival; null when it was published with a time of its own. */ readonly tookMs: number | null;
    }
  | { readonly kind: 'refused'; readonly explanation: string };

export interface Development {
  readonly tenant: string;
  /** Publishes a sample; works as it stands until the next start. */
  readonly curl: string;
  stop(): Promise<void>;
}

export async function startDevelopment(engine: Engine, serverUrl: string, onArrival: (arrival: Arrival) => void): Promise<Development> {
  const profile = BUILT_IN_PROFILES.get(PROFILE);
  if (profile === undefined) throw new TypeError(`The profile ${PROFILE} is built in`);
  const secret = generateSecret(profile.definition.secret, randomBytes);
  const receiver = new WebhookServer({
    profile: PROFILE,
    secret,
    host: '127.0.0.1',
    port: 0,
    log: (notice) => onArrival({ kind: 'refused', explanation: noticeText(notice) }),
  });
  receiver.onAny((event) => {
    const tookMs = event.timestamp === null ? Number.NaN : Date.now() - event.timestamp.getTime();
    // An older or future timestamp was chosen by the publisher and tells nothing about the way here.
    onArrival({ kind: 'verified', type: event.type, id: event.id ?? '', tookMs: tookMs >= 0 && tookMs < 60_000 ? tookMs : null });
  });
  await receiver.start();
  try {
    await engine.tenants.put(TENANT, { name: 'Demo', profile: PROFILE });
    await pointEndpoint(engine, receiver.url ?? '', secret);
    await revokeKeys(engine, (key) => key.name === KEY_NAME);
    const expiresAt = new Date(Date.now() + KEY_HOURS * 3_600_000).toISOString();
    const { key } = await engine.keys.create({ name: KEY_NAME, scope: 'tenant', tenant: TENANT, actions: ['publish'], expiresAt });
    return { tenant: TENANT, curl: sampleCurl(serverUrl, key), stop: () => receiver.stop() };
  } catch (error) {
    await receiver.stop();
    throw error;
  }
}

async function pointEndpoint(engine: Engine, url: string, secret: string): Promise<void> {
  const { data } = await engine.endpoints.list(TENANT, { limit: 250 });
  const before = data.find((endpoint) => endpoint.name === ENDPOINT_NAME);
  if (before === undefined) {
    await engine.endpoints.create(TENANT, { name: ENDPOINT_NAME, url, secret, eventTypes: ['*'] });
    return;
  }
  // The secret first: what was pending must not reach the new receiver under the old one.
  await engine.endpoints.rotateSecret(TENANT, before.id, { secret, graceSeconds: 0 });
  await engine.endpoints.update(TENANT, before.id, { url });
  if (before.status !== 'active') await engine.endpoints.enable(TENANT, before.id);
}

function sampleCurl(serverUrl: string, key: string): string {
  const event = { type: 'meeting.completed', data: { meeting_id: 'mtg_1', outcome: 'met' } };
  return curlLine(`${serverUrl}/v1/tenants/${TENANT}/events`, {
    headers: [
      ['authorization', `Bearer ${key}`],
      ['content-type', 'application/json'],
    ],
    body: Buffer.from(JSON.stringify(event)),
  });
}
