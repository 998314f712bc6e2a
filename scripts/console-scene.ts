// A deployment worth looking at, for the pictures of docs/console.md: customers on each profile, receivers that behave well
// and badly for reasons of their own, a secret in rotation, a replay under way.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as later } from 'node:timers/promises';
import type { Waxwing } from '@waxwing/client';

const ENDPOINTS = [
  ['northwind', 'standard', 'Production', '/ok', ['*']],
  ['northwind', 'standard', 'Data warehouse', '/slow', ['invoice.*']],
  ['northwind', 'standard', 'Old billing', '/broken', ['invoice.paid']],
  ['northwind', 'standard', 'Reporting', '/mended', ['customer.*']],
  ['lumen-health', 'humanconnection', 'Scheduling', '/ok', ['*']],
  ['lumen-health', 'humanconnection', 'Audit trail', '/slow', ['meeting.completed']],
  ['fleetdesk', 'meetloyd', 'CRM sync', '/signature', ['*']],
  ['fleetdesk', 'meetloyd', 'Alerts', '/ok', ['task.failed']],
  ['talentbridge', 'joai', 'Agent room', '/ok', ['*']],
  ['roomly', 'meshagent', 'Room recorder', '/busy', ['*']],
] as const;

/** What a customer without a platform's catalogue publishes. */
const OWN_EVENTS = [
  { type: 'invoice.paid', data: { invoice_id: 'inv_20419', customer: 'Lindgren & Co', total: { amount: '1290.00', currency: 'EUR' } } },
  { type: 'invoice.created', data: { invoice_id: 'inv_20420', customer: 'Ateliers Roux', due: '2026-12-21' } },
  { type: 'customer.updated', data: { customer_id: 'cus_77', changed: ['address'] } },
];
/** Of a platform's catalogue, as many types, by their samples. */
const TYPES_EACH = 4;

export interface Scene {
  /** `/t/…` of what is shown by itself. */
  readonly paths: { readonly [what in 'endpoint' | 'rotating' | 'event' | 'delivery' | 'signed' | 'replay']: string };
  /** The portal's link of one customer. */
  readonly portal: string;
  stop(): Promise<void>;
}

/** Fills a server with `seconds` of traffic, and keeps publishing until it is stopped. */
export async function stageScene(client: Waxwing, seconds: number): Promise<Scene> {
  const receiver = await startReceiver();
  const ids = new Map<string, string>();
  for (const [tenant, profile, name, path, eventTypes] of ENDPOINTS) {
    await client.tenants.put(tenant, { profile });
    const failing = path === '/broken' || path === '/mended' || path === '/signature';
    const input = { name, url: receiver.url + path, eventTypes, ...(failing ? { maxRetries: 0 } : {}) };
    ids.set(name, (await client.tenant(tenant).endpoints.create(input)).id);
  }
  const id = (name: string): string => ids.get(name) ?? '';
  const events = await eventsOf(client);
  let published = 0;
  const publishOne = async (): Promise<void> => {
    const { tenant, type, data } = events[(published * 7) % events.length] ?? fail();
    published++;
    await client.tenant(tenant).publish({ type, data });
  };
  for (const endMs = Date.now() + seconds * 1_000; Date.now() < endMs;) {
    await publishOne();
    await later(40 + 60 * Math.sin(published / 25) ** 2);
  }

  const northwind = client.tenant('northwind');
  await northwind.endpoints.rotateSecret(id('Data warehouse'), { graceSeconds: 86_400 });
  receiver.mend();
  const replay = await northwind.replays.create({ endpoint: id('Reporting'), states: ['failed'] });
  await later(2_500);
  const [failed] = (await northwind.deliveries.list({ endpoint: id('Old billing'), state: 'failed', cause: 'publish' }).page()).data;
  const [signed] = (
    await client
      .tenant('lumen-health')
      .deliveries.list({ endpoint: id('Scheduling'), state: 'delivered' })
      .page()
  ).data;
  const portal = await northwind.createPortalLink({ theme: { name: 'Northwind', color: '#0a7d5a' } });

  const stopping = new AbortController();
  const publishing = (async () => {
    while (!stopping.signal.aborted) {
      await publishOne();
      await later(350);
    }
  })();
  return {
    paths: {
      endpoint: `/t/northwind/endpoints/${id('Old billing')}`,
      rotating: `/t/northwind/endpoints/${id('Data warehouse')}`,
      event: `/t/northwind/events/${failed?.event ?? ''}`,
      delivery: `/t/northwind/deliveries/${failed?.id ?? ''}`,
      signed: `/t/lumen-health/deliveries/${signed?.id ?? ''}`,
      replay: `/t/northwind/replays/${replay.id}`,
    },
    portal: portal.url,
    async stop() {
      stopping.abort();
      await publishing;
      receiver.stop();
    },
  };
}

async function eventsOf(client: Waxwing): Promise<readonly { tenant: string; type: string; data: Record<string, unknown> }[]> {
  const events: { tenant: string; type: string; data: Record<string, unknown> }[] = OWN_EVENTS.map(({ type, data }) => ({
    tenant: 'northwind',
    type,
    data: { ...data },
  }));
  for (const [tenant, profile] of new Map(ENDPOINTS.map(([owner, convention]) => [owner, convention]))) {
    if (profile === 'standard') continue;
    const { data: types } = await client.eventTypes.list({ profile, limit: TYPES_EACH }).page();
    for (const { name, sample } of types) events.push({ tenant, type: name, data: { ...sample } });
  }
  return events;
}

function fail(): never {
  throw new Error('There is nothing to publish');
}

/** A receiver that answers as its path says; `mend` makes one well, but slow, so that a replay takes a while. */
async function startReceiver(): Promise<{ readonly url: string; mend(): void; stop(): void }> {
  let mended = false;
  let count = 0;
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, delayMs: number): void =>
      void setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end(body), delayMs);
    request.resume().on('end', () => {
      count++;
      if (request.url === '/slow') answer(200, '{"ok":true}', 90 + (count % 7) * 40);
      else if (request.url === '/signature') answer(401, '{"error":"signature mismatch"}', 6);
      else if (request.url === '/busy' && count % 3 === 0) answer(429, '{"error":"slow down"}', 4);
      else if (request.url === '/broken') answer(500, '{"error":"relation \\"invoices\\" does not exist"}', 18);
      else if (request.url === '/mended') answer(mended ? 200 : 503, '{"ok":true}', mended ? 2_500 : 5);
      else answer(204, '', 3 + (count % 5) * 6);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    mend: () => void (mended = true),
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
