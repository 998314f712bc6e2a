// The adapter for plain fetch handlers: Cloudflare Workers, Deno, Bun, service workers, and frameworks that take one.

import type { AdapterOptions, WebhookReceiver } from './core.ts';
import { answerFetch, responseOf } from './fetch-request.ts';

const FIX = 'Call the handler before anything reads the request (request.json() and its kin), or give it request.clone() from before.';

/**
 * @example
 * const handle = webhookHandler(receiver);
 * export default { fetch: (request) => handle(request) };
 */
export function webhookHandler(receiver: WebhookReceiver, options: AdapterOptions = {}): (request: Request) => Promise<Response> {
  return async (request) => responseOf(await answerFetch(receiver, request, FIX, options));
}
