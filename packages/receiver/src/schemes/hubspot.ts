// HubSpot, version 3: the HMAC-SHA256 of method, URL (some escapes decoded), body and timestamp in base64, under the
// app's client secret. A body is a list of events.

import type { Scheme } from '../scheme.ts';

export const hubspot: Scheme<'hubspot'> = {
  name: 'hubspot',
  page: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'X-HubSpot-Signature-v3',
    form: { kind: 'whole', prefix: '' },
    encoding: 'base64',
    content: '{method}{url:decoded}{body}{timestamp}',
    time: { in: 'header', name: 'X-HubSpot-Request-Timestamp', form: 'milliseconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: null, type: null, timestamp: null, data: '' },
};
