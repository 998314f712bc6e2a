// createReceiver where there is no Node: a receiver for the adapters, with no server of its own.

import type { SenderInput } from '../catalogue.ts';
import { WEB_RUNTIME } from '../runtime.web.ts';
import { EventReceiver } from './receiver.ts';
import type { ReceiverOptions } from './receiver.ts';

/**
 * A receiver of one sender's webhooks, to be mounted in a framework by one of the adapters.
 * @throws WaxwingError `invalid_secret` without a secret that can verify (unless `validate: false`), `unknown_profile`
 * @example
 * const receiver = createReceiver({ profile: 'humanconnection', secret: process.env.WEBHOOK_SECRET });
 * receiver.on('meeting.completed', async (event) => console.log(event.data.meeting_id));
 * app.post('/webhook', webhookHandler(receiver)); // from @waxwing/receiver/hono
 */
export function createReceiver<const Sender extends SenderInput>(options: ReceiverOptions<Sender>): EventReceiver<Sender> {
  return new EventReceiver(options, WEB_RUNTIME);
}
