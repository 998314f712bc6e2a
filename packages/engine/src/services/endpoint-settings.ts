// Endpoint settings: what a person gives for an endpoint, checked against its profile and turned into the row's columns.

import {
  checkEventTypes,
  nearestName,
  OPERATIONAL_EVENT_TYPES,
  OPERATIONAL_TENANT,
  WaxwingError,
  type EndpointCall,
  type EndpointInput,
  type EndpointPatch,
  type Profile,
  type Reactions,
} from '@waxwing/protocol';
import { customHeadersProblem } from '../send/custom-headers.ts';
import { checkEndpointUrl } from '../send/endpoint-url.ts';
import type { EndpointRow, TenantRow } from '../store/rows.ts';
import type { ServiceContext } from './context.ts';
import { Fields } from './fields.ts';

const PATCH_FIELDS = [
  'url', 'name', 'description', 'eventTypes', 'status', 'headers', 'verifyTls', 'timeoutSeconds', 'maxRetries',
  'retryScheduleSeconds', 'concurrency', 'rateLimitPerSecond', 'ordering', 'reactions', 'call',
]; // prettier-ignore
const REACTIONS = ['goneDisables', 'retryAfterHonoured', 'overloadSlows', 'disableAfterSeconds'];

const RETRY_DELAYS_MAX = 50;
const DELAY_SECONDS_MAX = 7 * 24 * 3_600;
const RATE_MAX = 10_000;

/** The columns that settings become; the rest of a row is not a person's to set. */
export type EndpointColumns = Pick<
  EndpointRow,
  | 'name'
  | 'description'
  | 'url'
  | 'eventTypes'
  | 'verifyTls'
  | 'timeoutSeconds'
  | 'maxRetries'
  | 'retryScheduleSeconds'
  | 'jitterRatio'
  | 'concurrency'
  | 'rateLimitPerSecond'
  | 'ordering'
  | 'reactions'
  | 'call'
>;

/**
 * Checks what is given. Throws `invalid_request` naming every wrong field, `url_refused`, `https_required`, `invalid_header`,
 * `invalid_event_types`, `immutable_field`.
 */
export function checkEndpointInput(
  context: ServiceContext,
  tenant: TenantRow,
  profile: Profile,
  input: EndpointInput | EndpointPatch,
  purpose: 'creating' | 'editing' | 'relayed',
): void {
  const { definition } = profile;
  const creating = purpose !== 'editing';
  const fields = new Fields();
  if (!creating && 'profile' in input) {
    throw new WaxwingError('immutable_field', "An endpoint's profile never changes. Create another endpoint with the profile you want.", {
      fields: [{ path: '/profile', message: 'cannot change' }],
    });
  }
  fields.known(input, creating ? [...PATCH_FIELDS, 'profile', 'secret'] : PATCH_FIELDS);
  fields.text('/name', input.name, { min: 1, max: 200 });
  fields.text('/description', input.description, { min: 0, max: 2_000 });
  fields.oneOf('/status', input.status, ['active', 'paused', 'disabled']);
  fields.oneOf('/ordering', input.ordering, ['none', 'fifo']);
  fields.flag('/verifyTls', input.verifyTls);
  fields.whole('/timeoutSeconds', input.timeoutSeconds, { min: 1, max: definition.timeoutSecondsMax });
  fields.whole('/maxRetries', input.maxRetries, { min: 0, max: definition.schedule.maxRetriesLimit });
  fields.whole('/concurrency', input.concurrency, { min: 1, max: context.limits.concurrencyMax });
  const rate = input.rateLimitPerSecond;
  if (rate !== undefined && rate !== null && !(Number.isFinite(rate) && rate >= 0.01 && rate <= RATE_MAX))
    fields.refuse('/rateLimitPerSecond', `must be null or a number from 0.01 to ${RATE_MAX}`);
  checkSchedule(fields, input.retryScheduleSeconds, definition.schedule.maxRetriesLimit);
  checkReactions(fields, input.reactions);
  checkCall(fields, input.call, profile);
  fields.textMap('/headers', input.headers);
  if (creating && typeof input.url !== 'string') fields.refuse('/url', 'is required');
  if (!creating && input.url !== undefined && typeof input.url !== 'string') fields.refuse('/url', 'must be a string');
  fields.done();
  if (input.url !== undefined && purpose !== 'relayed')
    checkEndpointUrl(input.url, { policy: context.policy, httpsRequired: definition.httpsRequired });
  if (input.headers !== undefined) checkHeaders(input.headers, profile);
  if (input.eventTypes !== undefined) checkSubscription(context, tenant, input.eventTypes);
}

function checkSchedule(fields: Fields, schedule: readonly number[] | undefined, limit: number): void {
  if (schedule === undefined) return;
  const max = Math.min(limit, RETRY_DELAYS_MAX);
  if (!Array.isArray(schedule) || schedule.length < 1 || schedule.length > max)
    return fields.refuse('/retryScheduleSeconds', `must have 1 to ${max} delays`);
  schedule.forEach((delay, index) => fields.whole(`/retryScheduleSeconds/${index}`, delay, { min: 1, max: DELAY_SECONDS_MAX }));
}

function checkReactions(fields: Fields, reactions: Partial<Reactions> | undefined): void {
  if (reactions === undefined) return;
  for (const name of Object.keys(reactions)) if (!REACTIONS.includes(name)) fields.refuse(`/reactions/${name}`, 'is not a field here');
  fields.flag('/reactions/goneDisables', reactions.goneDisables);
  fields.flag('/reactions/retryAfterHonoured', reactions.retryAfterHonoured);
  fields.flag('/reactions/overloadSlows', reactions.overloadSlows);
  if (reactions.disableAfterSeconds !== null)
    fields.whole('/reactions/disableAfterSeconds', reactions.disableAfterSeconds, { min: 60, max: 366 * 24 * 3_600 });
}

function checkCall(fields: Fields, call: EndpointCall | null | undefined, profile: Profile): void {
  if (call === undefined || call === null) return;
  if (profile.callFaults === null) return fields.refuse('/call', `is not for the profile ${profile.definition.name}, which has no calls`);
  if (typeof call !== 'object' || Object.keys(call).some((name) => name !== 'payload') || !isObject(call.payload))
    return fields.refuse('/call', 'must be null or an object with a payload, an object, and nothing else');
  for (const { path, message } of profile.callFaults(call)) fields.refuse(`/call${path}`, message);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkHeaders(headers: { readonly [name: string]: string }, profile: Profile): void {
  const problems = customHeadersProblem(headers, profile.definition);
  if (problems.length === 0) return;
  throw new WaxwingError('invalid_header', `${problems.map((problem) => `${problem.path} ${problem.message}`).join('; ')}.`, {
    fields: problems,
  });
}

/** Names are checked against the catalogue that decides what the tenant may publish, where that one is closed. */
function checkSubscription(context: ServiceContext, tenant: TenantRow, eventTypes: readonly string[]): void {
  checkEventTypes(eventTypes);
  const { known, what } = catalogueOf(context, tenant);
  if (known === null) return;
  const fields = new Fields();
  eventTypes.forEach((pattern, index) => {
    if (pattern.endsWith('*') || known.has(pattern)) return;
    const near = nearestName(pattern, known);
    fields.refuse(`/eventTypes/${index}`, `${pattern} is not ${what}${near === null ? '' : `; did you mean ${near}?`}`);
  });
  fields.done('invalid_event_types');
}

/** The names that can come to a tenant; null where any can. */
function catalogueOf(context: ServiceContext, tenant: TenantRow): { readonly known: ReadonlySet<string> | null; readonly what: string } {
  if (tenant.id === OPERATIONAL_TENANT) return { known: new Set(OPERATIONAL_EVENT_TYPES.keys()), what: 'an operational event' };
  const publishing = context.registry.latestProfile(tenant.profile)?.profile.definition;
  if (publishing === undefined || !publishing.catalogueClosed) return { known: null, what: '' };
  const known = new Set([...publishing.eventTypes.map((entry) => entry.name), ...context.registry.eventTypes.keys()]);
  return { known, what: `in the catalogue of profile ${publishing.name}` };
}

/** The columns of a new endpoint: what is given, else the profile's. */
export function createColumns(input: EndpointInput, profile: Profile): EndpointColumns {
  const { definition } = profile;
  return {
    name: input.name ?? new URL(input.url).host,
    description: input.description ?? '',
    url: input.url,
    eventTypes: input.eventTypes ?? ['*'],
    verifyTls: input.verifyTls ?? true,
    timeoutSeconds: input.timeoutSeconds ?? definition.timeoutSecondsDefault,
    maxRetries: input.maxRetries ?? input.retryScheduleSeconds?.length ?? definition.schedule.maxRetriesDefault,
    retryScheduleSeconds: input.retryScheduleSeconds ?? definition.schedule.delaysSeconds,
    jitterRatio: definition.schedule.jitterRatio,
    concurrency: input.concurrency ?? 16,
    rateLimitPerSecond: input.rateLimitPerSecond ?? null,
    ordering: input.ordering ?? 'none',
    reactions: { ...definition.reactions, ...input.reactions },
    call: input.call ?? null,
  };
}

/** The columns of an edited endpoint: what is given, else what stands. A schedule given alone sets the retries to its length. */
export function patchColumns(row: EndpointRow, patch: EndpointPatch): EndpointColumns {
  return {
    name: patch.name ?? row.name,
    description: patch.description ?? row.description,
    url: patch.url ?? row.url,
    eventTypes: patch.eventTypes ?? row.eventTypes,
    verifyTls: patch.verifyTls ?? row.verifyTls,
    timeoutSeconds: patch.timeoutSeconds ?? row.timeoutSeconds,
    maxRetries: patch.maxRetries ?? patch.retryScheduleSeconds?.length ?? row.maxRetries,
    retryScheduleSeconds: patch.retryScheduleSeconds ?? row.retryScheduleSeconds,
    jitterRatio: row.jitterRatio,
    concurrency: patch.concurrency ?? row.concurrency,
    rateLimitPerSecond: patch.rateLimitPerSecond === undefined ? row.rateLimitPerSecond : patch.rateLimitPerSecond,
    ordering: patch.ordering ?? row.ordering,
    reactions: { ...row.reactions, ...patch.reactions },
    call: patch.call === undefined ? (row.call ?? null) : patch.call,
  };
}
