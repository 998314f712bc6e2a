// The adapter for route handlers of Next.js (app/…/route.ts). API routes under pages/api have @waxwing/receiver/next-pages.

import type { AdapterOptions, WebhookReceiver } from './core.ts';
import { answerFetch, responseOf } from './fetch-request.ts';

const FIX =
  'In Next.js: export the handler as POST itself; nothing before it may call request.json(), request.text() or request.formData().';

/**
 * @example
 * // app/webhook/route.ts
 * export const POST = webhookHandler(receiver);
 */
export function webhookHandler(receiver: WebhookReceiver, options: AdapterOptions = {}): (request: Request) => Promise<Response> {
  return async (request) => responseOf(await answerFetch(receiver, request, FIX, options));
}
