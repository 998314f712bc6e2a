// The wire profiles (save MeshAgent, beside this) as a receiver knows them. The signatures are the sender's own data; a test holds the places
// of id, type, time and data against the profiles' envelopes.

import { HUMANCONNECTION_SCHEME, JOAI_SCHEME, MEETLOYD_SCHEME, STANDARD_SCHEME } from '@waxwing/protocol/schemes';
import type { Scheme } from '../scheme.ts';

export const standard: Scheme<'standard'> = {
  name: 'standard',
  page: 'https://www.standardwebhooks.com/',
  signature: STANDARD_SCHEME,
  toleranceSeconds: 300,
  event: { id: 'webhook-id', type: '/type', timestamp: { at: '/timestamp', form: 'iso' }, data: '/data' },
};

export const meetloyd: Scheme<'meetloyd'> = {
  name: 'meetloyd',
  page: 'https://docs.meetloyd.com/',
  signature: MEETLOYD_SCHEME,
  toleranceSeconds: 300,
  event: { id: '/id', type: '/event', timestamp: { at: '/timestamp', form: 'iso' }, data: '/data' },
};

export const joai: Scheme<'joai'> = {
  name: 'joai',
  page: 'https://docs.joai.ai/',
  signature: JOAI_SCHEME,
  toleranceSeconds: 300,
  event: { id: 'webhook-id', type: '/event', timestamp: { at: '/timestamp', form: 'iso' }, data: '/data' },
};

export const humanconnection: Scheme<'humanconnection'> = {
  name: 'humanconnection',
  page: 'https://docs.humanconnection.ai/',
  signature: HUMANCONNECTION_SCHEME,
  toleranceSeconds: 300,
  event: { id: '/id', type: '/type', timestamp: { at: '/created_at', form: 'iso' }, data: '/data' },
};
