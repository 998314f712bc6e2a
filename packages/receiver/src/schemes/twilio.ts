// Twilio: HMAC-SHA1 over the URL and the form's fields, under the account's auth token. Give the URL as Twilio calls
// it.

import type { TwilioSignature, Scheme } from '../scheme.ts';
import { twilioReader } from '../verify/twilio.ts';

const SIGNATURE: TwilioSignature = { kind: 'twilio', header: 'X-Twilio-Signature' };

export const twilio: Scheme<'twilio'> = {
  name: 'twilio',
  page: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
  signature: SIGNATURE,
  reader: () => twilioReader(SIGNATURE),
  toleranceSeconds: 300,
  event: { id: 'I-Twilio-Idempotency-Token', type: null, timestamp: null, data: '' },
};
