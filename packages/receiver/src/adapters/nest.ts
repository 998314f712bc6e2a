// The adapter for NestJS on its Express platform: a handler for a controller's method, or for functional middleware.

import type { AdapterOptions, WebhookReceiver } from './core.ts';
import { nodeHandler } from './node-request.ts';
import type { NodeRequestHandler } from './node-request.ts';

const FIX = 'In NestJS: create the application with NestFactory.create(AppModule, { rawBody: true }), which keeps the bytes.';

/**
 * @example
 * const handle = webhookHandler(receiver);
 *
 * @Controller('webhook')
 * class WebhookController {
 *   @Post() receive(@Req() request: Request, @Res() response: Response) { return handle(request, response); }
 * }
 */
export function webhookHandler(receiver: WebhookReceiver, options: AdapterOptions = {}): NodeRequestHandler {
  return nodeHandler(receiver, FIX, options);
}
