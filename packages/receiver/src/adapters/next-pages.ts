// The adapter for API routes of Next.js under pages/api. Route handlers (app/) have @waxwing/receiver/next.

import type { AdapterOptions, WebhookReceiver } from './core.ts';
import { nodeHandler } from './node-request.ts';
import type { NodeRequestHandler } from './node-request.ts';

const FIX = 'In Next.js under pages/api: export const config = { api: { bodyParser: false } } from the same file.';

/**
 * @example
 * export const config = { api: { bodyParser: false } };
 * export default webhookHandler(receiver);
 */
export function webhookHandler(receiver: WebhookReceiver, options: AdapterOptions = {}): NodeRequestHandler {
  return nodeHandler(receiver, FIX, options);
}
