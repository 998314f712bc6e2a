// HumanConnection: `sha256=` and the HMAC-SHA256 of the body in X-HumanConnection-Signature; six attempts in 14.6 hours.
//
// A secret is used whole, `whsec_` included. Its page names each type's fields but few of their kinds: where it shows no
// value, the schema leaves the kind open.

import type { ProfileDefinition } from '../profile.ts';
import { HUMANCONNECTION_SCHEME } from '../schemes.ts';
import { eventType, TEXT } from './catalogue.ts';
import { NO_REACTIONS, RETRIES_MAX, TIMEOUT_SECONDS_MAX } from './defaults.ts';

const TEXT_OR_NULL = { type: ['string', 'null'] };
const TEXT_OR_OBJECT = { type: ['string', 'object'] };
const AMOUNT = { type: ['number', 'string', 'object'] };

const MEETING = 'mtg_x7y8z9w0a1b2c3d4';
const REQUEST = 'req_5e4d3c2b1a0f9e8d';
const HUMAN = 'hum_a1b2c3d4e5f6g7h8';
const REWARD = 'rwd_9p8o7i6u5y4t3r2e';

export const humanconnection: ProfileDefinition = {
  name: 'humanconnection',
  title: 'HumanConnection',
  description: 'HumanConnection: sha256= and the HMAC-SHA256 over the body, hexadecimal; five seconds to answer.',
  envelope: { id: '{id}', type: '{type}', created_at: '{timestamp}', data: '{data}' },
  timestampForm: 'iso-seconds',
  print: 'javascript',
  eventIdPrefix: 'whevt_',
  headers: {},
  signature: HUMANCONNECTION_SCHEME,
  secret: { prefix: 'whsec_', form: 'utf8', minBytes: 8, maxBytes: 512, warnBelowBytes: 16 },
  schedule: { delaysSeconds: [60, 300, 1800, 7200, 43_200], maxRetriesDefault: 5, maxRetriesLimit: RETRIES_MAX, jitterRatio: 0 },
  timeoutSecondsDefault: 5,
  timeoutSecondsMax: TIMEOUT_SECONDS_MAX,
  httpsRequired: false,
  reactions: NO_REACTIONS,
  failingWord: 'failing',
  catalogueClosed: true,
  eventTypes: [
    eventType(
      'service.matched',
      'A human has been matched to your request',
      { request_id: TEXT, human_id: TEXT },
      ['request_id', 'human_id'],
      { request_id: REQUEST, human_id: HUMAN },
    ),
    eventType('service.expired', 'A request expired without a match', { request_id: TEXT }, ['request_id'], { request_id: REQUEST }),
    eventType(
      'meeting.scheduled',
      'A meeting has been booked',
      { meeting_id: TEXT, request_id: TEXT, human_id: TEXT, scheduled_at: TEXT },
      ['meeting_id', 'request_id', 'human_id', 'scheduled_at'],
      { meeting_id: MEETING, request_id: REQUEST, human_id: HUMAN, scheduled_at: '2026-05-12T15:00:00Z' },
    ),
    eventType(
      'meeting.completed',
      'A meeting was completed',
      { meeting_id: TEXT, request_id: TEXT, human_id: TEXT, status: TEXT, completed_at: TEXT },
      ['meeting_id', 'request_id', 'human_id'],
      { meeting_id: MEETING, request_id: REQUEST, human_id: HUMAN, status: 'completed', completed_at: '2026-05-12T15:25:00Z' },
    ),
    eventType('meeting.cancelled', 'A meeting was cancelled', { meeting_id: TEXT, reason: TEXT_OR_NULL }, ['meeting_id', 'reason'], {
      meeting_id: MEETING,
      reason: 'The human is ill.',
    }),
    eventType(
      'meeting.no_show',
      'The lead or human did not show up',
      { meeting_id: TEXT, no_show_party: TEXT },
      ['meeting_id', 'no_show_party'],
      { meeting_id: MEETING, no_show_party: 'human' },
    ),
    eventType(
      'report.submitted',
      'A post-meeting report is ready',
      { meeting_id: TEXT, outcome: TEXT_OR_OBJECT },
      ['meeting_id', 'outcome'],
      { meeting_id: MEETING, outcome: 'interested' },
    ),
    eventType(
      'payment.paid',
      'A reward payment was processed',
      { reward_id: TEXT, meeting_id: TEXT, amount: AMOUNT },
      ['reward_id', 'meeting_id', 'amount'],
      { reward_id: REWARD, meeting_id: MEETING, amount: 45.5 },
    ),
    eventType(
      'payment.failed',
      'A reward payment failed',
      { reward_id: TEXT, meeting_id: TEXT, error: TEXT_OR_OBJECT },
      ['reward_id', 'meeting_id', 'error'],
      { reward_id: REWARD, meeting_id: MEETING, error: 'The account cannot receive payments.' },
    ),
  ],
};
