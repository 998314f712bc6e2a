// The adapter for Express (and Connect).

import type { AdapterOptions, WebhookReceiver } from './core.ts';
import { nodeHandler } from './node-request.ts';
import type { NodeRequestHandler } from './node-request.ts';

const FIX =
  'In Express: mount webhookHandler(receiver) before app.use(express.json()), or keep the bytes: express.json({ verify: (request, response, bytes) => { request.rawBody = bytes; } }).';

/**
 * @example app.post('/webhook', webhookHandler(receiver)); // before app.use(express.json())
 */
export function webhookHandler(receiver: WebhookReceiver, options: AdapterOptions = {}): NodeRequestHandler {
  return nodeHandler(receiver, FIX, options);
}
