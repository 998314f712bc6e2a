// Every named schema: what OpenAPI's components hold, and what routes refer to.

import { cluster, settings } from './cluster.ts';
import { consoleSession, signIn } from './console-session.ts';
import { attempt, delivery, deliveryDetail } from './delivery.ts';
import { endpoint, endpointInput, endpointPatch, endpointWithSecret, rotateInput, testInput } from './endpoint.ts';
import { eventType, eventTypeInput } from './event-type.ts';
import { batchBody, batchResult, event, eventDetail, publishBody, publishResult } from './event.ts';
import { health, readiness } from './health.ts';
import { key, keyInput, keyWithSecret } from './key.ts';
import { listenerInput, relayAccepted, relayResults } from './listener.ts';
import { lookupResult } from './lookup.ts';
import { notice } from './notice.ts';
import { rejectedEvent } from './rejected-event.ts';
import { portalLink, portalLinkInput, portalTheme } from './portal-link.ts';
import { problem } from './problem.ts';
import { profile, profileInput } from './profile.ts';
import { explanation } from './explanation.ts';
import { replay, replayAnswer, replayInput } from './replay.ts';
import type { NamedSchema } from './schema.ts';
import { endpointStats, stats } from './stats.ts';
import { tenant, tenantInput } from './tenant.ts';

export const SHARED_SCHEMAS: readonly NamedSchema<unknown>[] = [
  tenant,
  tenantInput,
  endpoint,
  endpointInput,
  endpointPatch,
  endpointWithSecret,
  rotateInput,
  testInput,
  publishBody,
  publishResult,
  batchBody,
  batchResult,
  event,
  eventDetail,
  delivery,
  deliveryDetail,
  attempt,
  explanation,
  replay,
  replayInput,
  replayAnswer,
  eventType,
  eventTypeInput,
  profile,
  profileInput,
  key,
  keyInput,
  keyWithSecret,
  lookupResult,
  portalLink,
  portalLinkInput,
  portalTheme,
  listenerInput,
  relayResults,
  relayAccepted,
  notice,
  rejectedEvent,
  stats,
  endpointStats,
  cluster,
  settings,
  health,
  readiness,
  problem,
  consoleSession,
  signIn,
];
