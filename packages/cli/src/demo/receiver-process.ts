// A demo's receiver, in a process of its own: one profile, verified by @waxwing/receiver, every arrival reported.
//
// It is told its profile and secret once, and leaves when the demo does.

import { SCHEMES, WebhookServer } from '@waxwing/receiver';
import { noticeText } from '../receiver-notice.ts';

import { isReceiverOrder } from './messages.ts';
import type { ReceiverOrder, ReceiverReport } from './messages.ts';

process.once('message', (message: unknown) => {
  if (!isReceiverOrder(message)) throw new TypeError('The demo’s receiver was told something else than what it is');
  void receive(message);
});
process.on('disconnect', () => process.exit(0));

async function receive({ profile, secret }: ReceiverOrder): Promise<void> {
  if (!isSender(profile)) throw new TypeError(`There is no sender ${profile}`);
  const server = new WebhookServer({
    profile,
    secret,
    host: '127.0.0.1',
    port: 0,
    log: (notice) => report({ kind: 'refused', explanation: noticeText(notice) }),
  });
  // Typed by no one catalogue: which of them it is, is only known now.
  server.onUnknown((event) => report({ kind: 'verified', id: event.id ?? '', type: event.type }));
  await server.start();
  report({ kind: 'listening', url: server.url ?? '' });
}

function report(fact: ReceiverReport): void {
  process.send?.(fact);
}

function isSender(name: string): name is keyof typeof SCHEMES {
  return Object.hasOwn(SCHEMES, name);
}
