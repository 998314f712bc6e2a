// The adapter for Hono, on every runtime it runs on.
//
// Hono keeps what was read of a body. Where middleware read its text or bytes before (validators do), those serve as well.

import { readBody } from '../verify/request.ts';
import { ADAPTER_DEFAULTS, tooLarge } from './core.ts';
import type { AdapterOptions, WebhookReceiver } from './core.ts';
import { answerFetch, responseOf } from './fetch-request.ts';

const FIX =
  'In Hono: nothing before webhookHandler(receiver) may read c.req.raw or call c.req.formData(); c.req.text() and c.req.json() do no harm.';

/** What is used of Hono's context. */
export interface HonoContext {
  readonly req: { readonly raw: Request; readonly bodyCache: object };
}

/** Forms of a kept body that still hold its bytes. */
const WITH_BYTES = ['arrayBuffer', 'bytes', 'text'] as const;

/**
 * @example app.post('/webhook', webhookHandler(receiver));
 */
export function webhookHandler(receiver: WebhookReceiver, options: AdapterOptions = {}): (context: HonoContext) => Promise<Response> {
  const limitBytes = options.bodyLimitBytes ?? ADAPTER_DEFAULTS.bodyLimitBytes;
  return async ({ req: { raw, bodyCache } }) => {
    const kept = readBody(await keptBody(bodyCache));
    if (kept.kind !== 'raw') return responseOf(await answerFetch(receiver, raw, FIX, options));
    if (kept.body.length > limitBytes) return responseOf(tooLarge(limitBytes));
    return responseOf(await receiver.receive({ headers: raw.headers, body: kept.body, method: raw.method, url: raw.url }));
  };
}

async function keptBody(cache: object): Promise<unknown> {
  const kept = new Map<string, unknown>(Object.entries(cache));
  return WITH_BYTES.map((form) => kept.get(form)).find((body) => body !== undefined);
}
