// SendGrid's Event Webhook: ECDSA (P-256, SHA-256) over timestamp and body, in base64 of DER, under the public key
// that its settings show. A body is a list of events.

import type { Scheme } from '../scheme.ts';

export const sendgrid: Scheme<'sendgrid'> = {
  name: 'sendgrid',
  page: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  signature: {
    kind: 'signed-template',
    algorithm: 'ecdsa-p256',
    header: 'X-Twilio-Email-Event-Webhook-Signature',
    form: { kind: 'whole', prefix: '' },
    encoding: 'base64',
    content: '{timestamp}{body}',
    time: { in: 'header', name: 'X-Twilio-Email-Event-Webhook-Timestamp', form: 'seconds' },
    secret: 'base64',
  },
  toleranceSeconds: 300,
  event: { id: null, type: null, timestamp: null, data: '' },
};
