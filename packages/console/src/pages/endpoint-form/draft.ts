// What is being filled in for an endpoint: only what the person has set. Everything else stays the profile's (creating) or
// as it stands (editing), so that an edit sends what was changed and nothing more.

import type { Endpoint, EndpointCall, EndpointInput, EndpointPatch, Ordering, ProfileDefinition, Reactions } from '@waxwing/protocol';
import { delaysText, parseDelays } from './delays.ts';
import { checkUrl } from './url-check.ts';

export interface HeaderRow {
  readonly name: string;
  readonly value: string;
}

/** Every field, as the form shows it. */
export interface Fields {
  readonly url: string;
  readonly name: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly headers: readonly HeaderRow[];
  readonly verifyTls: boolean;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly delays: string;
  readonly concurrency: number;
  /** NaN for no limit. */
  readonly ratePerSecond: number;
  readonly ordering: Ordering;
  readonly reactions: Reactions;
  /** The call's payload as JSON; '' for an endpoint that is told of events. */
  readonly call: string;
  readonly secret: string;
}

export type Draft = Partial<Fields>;

export type FieldErrors = { readonly [F in keyof Fields]?: string };

const CONCURRENCY_DEFAULT = 16;
const DELAYS_MAX = 50;

/** What a new endpoint of this profile has. */
export function fieldsOfProfile(profile: ProfileDefinition): Fields {
  return {
    url: '',
    name: '',
    description: '',
    eventTypes: ['*'],
    headers: [],
    verifyTls: true,
    timeoutSeconds: profile.timeoutSecondsDefault,
    maxRetries: profile.schedule.maxRetriesDefault,
    delays: delaysText(profile.schedule.delaysSeconds),
    concurrency: CONCURRENCY_DEFAULT,
    ratePerSecond: Number.NaN,
    ordering: 'none',
    reactions: profile.reactions,
    call: '',
    secret: '',
  };
}

export function fieldsOfEndpoint(endpoint: Endpoint): Fields {
  return {
    url: endpoint.url,
    name: endpoint.name,
    description: endpoint.description,
    eventTypes: endpoint.eventTypes,
    headers: Object.entries(endpoint.headers).map(([name, value]) => ({ name, value })),
    verifyTls: endpoint.verifyTls,
    timeoutSeconds: endpoint.timeoutSeconds,
    maxRetries: endpoint.maxRetries,
    delays: delaysText(endpoint.retryScheduleSeconds),
    concurrency: endpoint.concurrency,
    ratePerSecond: endpoint.rateLimitPerSecond ?? Number.NaN,
    ordering: endpoint.ordering,
    reactions: endpoint.reactions,
    call: endpoint.call === null ? '' : JSON.stringify(endpoint.call.payload, null, 2),
    secret: '',
  };
}

/** Most delays that a schedule of this profile may have. */
export function delaysMax(profile: ProfileDefinition): number {
  return Math.min(DELAYS_MAX, profile.schedule.maxRetriesLimit);
}

/** The fields as they would be: what was set over what stands. A schedule given alone sets the retries to its length. */
export function filled(base: Fields, draft: Draft, profile: ProfileDefinition): Fields {
  const whole = { ...base, ...draft };
  if (draft.delays === undefined || draft.maxRetries !== undefined || draft.delays === base.delays) return whole;
  const parsed = parseDelays(draft.delays, delaysMax(profile));
  return 'seconds' in parsed ? { ...whole, maxRetries: parsed.seconds.length } : whole;
}

/** What is wrong with what was typed, as far as that shows here. */
export function faultsOf(fields: Fields, draft: Draft, profile: ProfileDefinition): FieldErrors {
  const url = draft.url === undefined ? null : checkUrl(fields.url, profile.httpsRequired).error;
  const delays = draft.delays === undefined ? null : parseDelays(fields.delays, delaysMax(profile));
  const call = fields.call.trim() === '' ? null : parsePayload(fields.call);
  const header = fields.headers.find(({ name, value }) => name === '' && value !== '');
  return {
    ...(url === null ? {} : { url }),
    ...(delays !== null && 'error' in delays ? { delays: delays.error } : {}),
    ...(call !== null && typeof call === 'string' ? { call } : {}),
    ...(header === undefined ? {} : { headers: 'A value stands without a name.' }),
    ...(fields.eventTypes.length === 0 ? { eventTypes: 'Choose at least one event type; “All” takes every one.' } : {}),
  };
}

/** What creating sends. */
export function inputOf(fields: Fields, draft: Draft, profile: string): EndpointInput {
  return {
    ...settingsOf(fields, draft),
    url: fields.url,
    profile,
    ...(draft.secret === undefined || draft.secret === '' ? {} : { secret: draft.secret }),
  };
}

/** What editing sends: what differs. */
export function patchOf(base: Fields, fields: Fields, draft: Draft): EndpointPatch {
  const changed: Draft = Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(base, name))),
  );
  return { ...settingsOf(fields, changed), ...(changed.url === undefined ? {} : { url: fields.url }) };
}

function settingsOf(fields: Fields, set: Draft): Omit<EndpointPatch, 'url'> {
  const delays = set.delays === undefined ? null : parseDelays(set.delays, DELAYS_MAX);
  return {
    ...(set.name === undefined || set.name === '' ? {} : { name: set.name }),
    ...(set.description === undefined ? {} : { description: set.description }),
    ...(set.eventTypes === undefined ? {} : { eventTypes: set.eventTypes }),
    ...(set.headers === undefined
      ? {}
      : { headers: Object.fromEntries(set.headers.filter(({ name }) => name !== '').map(({ name, value }) => [name, value])) }),
    ...(set.verifyTls === undefined ? {} : { verifyTls: set.verifyTls }),
    ...(set.timeoutSeconds === undefined ? {} : { timeoutSeconds: set.timeoutSeconds }),
    ...(set.maxRetries === undefined ? {} : { maxRetries: set.maxRetries }),
    ...(delays !== null && 'seconds' in delays ? { retryScheduleSeconds: delays.seconds } : {}),
    ...(set.concurrency === undefined ? {} : { concurrency: set.concurrency }),
    ...(set.ratePerSecond === undefined ? {} : { rateLimitPerSecond: Number.isNaN(fields.ratePerSecond) ? null : fields.ratePerSecond }),
    ...(set.ordering === undefined ? {} : { ordering: set.ordering }),
    ...(set.reactions === undefined ? {} : { reactions: set.reactions }),
    ...(set.call === undefined ? {} : { call: callOf(set.call) }),
  };
}

function callOf(text: string): EndpointCall | null {
  const payload = text.trim() === '' ? null : parsePayload(text);
  return payload === null || typeof payload === 'string' ? null : { payload };
}

/** The object, or what is wrong with the text. */
function parsePayload(text: string): { readonly [member: string]: unknown } | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : 'It must be a JSON object: { … }';
  } catch (error) {
    return error instanceof Error ? `This is not JSON: ${error.message}` : 'This is not JSON.';
  }
}

const FIELD_OF: readonly (readonly [path: string, field: keyof Fields])[] = [
  ['/url', 'url'],
  ['/name', 'name'],
  ['/description', 'description'],
  ['/eventTypes', 'eventTypes'],
  ['/headers', 'headers'],
  ['/timeoutSeconds', 'timeoutSeconds'],
  ['/maxRetries', 'maxRetries'],
  ['/retryScheduleSeconds', 'delays'],
  ['/concurrency', 'concurrency'],
  ['/rateLimitPerSecond', 'ratePerSecond'],
  ['/reactions', 'reactions'],
  ['/call', 'call'],
  ['/secret', 'secret'],
];

/** The server's own words, put to the fields that they are about. */
export function errorsByField(errors: readonly { readonly path: string; readonly message: string }[]): FieldErrors {
  const found: { -readonly [F in keyof Fields]?: string } = {};
  for (const { path, message } of errors) {
    const field = FIELD_OF.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1];
    if (field !== undefined) found[field] = found[field] === undefined ? sentence(message) : `${found[field]} ${sentence(message)}`;
  }
  return found;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.?!]$/.test(trimmed) ? '' : '.'}`;
}
