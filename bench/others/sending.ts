// The sending side of what one would build: a message signed as Standard Webhooks has it, and posted with undici over kept-alive
// connections. What is not answered with 2xx throws, and the queue tries it again.

import { randomBytes } from 'node:crypto';
import { Pool } from 'undici';
import { BUILT_IN_PROFILES, generateSecret, sign } from '@waxwing/protocol';
import type { QueuedEvent } from './ingest.ts';

const CONNECTIONS = 128;
const TIMEOUT_MS = 15_000;

/** @param url the receiver; endpoint n, which receives `bench.e<n>`, is the path `/o<n>` */
export function senderTo(url: string, endpoints: number): (id: string, event: QueuedEvent) => Promise<void> {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const { signature, secret: rules } = (BUILT_IN_PROFILES.get('standard') ?? missing()).definition;
  const subscribed = new Map<string, { readonly path: string; readonly secret: string }>(
    Array.from({ length: endpoints }, (_, n) => [`bench.e${n}`, { path: `/o${n}`, secret: generateSecret(rules, randomBytes) }]),
  );
  return async (id, { type, timestamp, data }) => {
    const endpoint = subscribed.get(type);
    if (endpoint === undefined) return;
    const body = Buffer.from(JSON.stringify({ type, timestamp, data }));
    const signed = sign(signature, { id, timestampSeconds: Math.floor(Date.now() / 1000), body }, [endpoint.secret]);
    const answer = await pool.request({
      path: endpoint.path,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'other', 'webhook-id': id, ...Object.fromEntries(signed) },
      body,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    await answer.body.dump();
    if (answer.statusCode < 200 || answer.statusCode > 299) throw new Error(`answered ${answer.statusCode}`);
  };
}

function missing(): never {
  throw new Error('the standard profile is missing');
}
