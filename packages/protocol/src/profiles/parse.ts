// Parsing a platform's own profile: JSON in, a definition that is ready to compile out, or every problem at once.
//
// Only `signature` is required; what is left out is Standard Webhooks' own. A definition parses to itself, so that what
// `GET /v1/profiles/{name}` shows can be sent back. Whether the schemas of event types are good JSON Schemas is not
// judged here: that takes a validator, which the engine has.

import { holdsPlaceholder, isPlaceholder, PLACEHOLDERS } from '../envelope.ts';
import { isEventTypeName } from '../event-types.ts';
import { WaxwingError } from '../errors.ts';
import { isHeaderName, isHeaderValue, isReservedHeader } from '../header-names.ts';
import type { EnvelopeTemplate, EnvelopeValue, EventTypeDefinition, ProfileDefinition, Reactions, RetrySchedule } from '../profile.ts';
import type { SignatureScheme } from '../schemes.ts';
import { groupOf, openObject } from './catalogue.ts';
import { RETRIES_MAX, STANDARD_REACTIONS, STANDARD_SCHEDULE, TIMEOUT_SECONDS_MAX } from './defaults.ts';
import { FieldReader, isNumberWithin, isObject, kindOf, pointerPart } from './field-reader.ts';
import type { Problems } from './field-reader.ts';
import { parseSecretRules, parseSignature } from './parse-signature.ts';
import { BUILT_IN_PROFILES } from './registry.ts';

const NAME = /^[a-z0-9-]{1,64}$/;
const DEFAULT_ENVELOPE: EnvelopeTemplate = { id: '{id}', type: '{type}', timestamp: '{timestamp}', data: '{data}' };
const ENVELOPE_DEPTH_MAX = 8;
const ENVELOPE_BYTES_MAX = 4096;
const EVENT_TYPES_MAX = 1000;
const DELAYS_MAX = 100;
const DELAY_SECONDS_MAX = 7 * 24 * 3600;
const TIMEOUT_SECONDS_LIMIT = 300;
const HEADERS_MAX = 20;

/**
 * Parses a custom profile.
 * @param name its name, from the path: 1 to 64 of `a-z 0-9 -`, no built-in profile's
 * @param input the request's body, parsed
 * @throws WaxwingError `invalid_profile`, with a field for each problem
 * @example
 * parseProfileDefinition('acme', { signature: { header: 'X-Acme-Signature', prefix: 'sha256=' } });
 */
export function parseProfileDefinition(name: string, input: unknown): ProfileDefinition {
  const problems: Problems = [];
  if (!NAME.test(name)) problems.push({ path: 'path/name', message: 'must be 1 to 64 of a-z 0-9 -' });
  else if (BUILT_IN_PROFILES.has(name)) problems.push({ path: 'path/name', message: `${name} is a built-in profile; choose another name` });

  const reader = new FieldReader(input, '', problems);
  if (reader.has('name') && reader.any('name') !== name)
    reader.note('name', `must be ${JSON.stringify(name)}, the name in the path, or left out`);
  const signature = parseSignature(reader, problems);
  const timeoutSecondsMax = reader.whole('timeoutSecondsMax', TIMEOUT_SECONDS_MAX, 1, TIMEOUT_SECONDS_LIMIT);
  const definition: ProfileDefinition = {
    name,
    title: reader.text('title', name, { max: 128 }),
    description: reader.text('description', '', { max: 1024 }),
    envelope: parseEnvelope(reader, problems),
    timestampForm: reader.oneOf('timestampForm', 'iso', ['iso', 'iso-micros', 'iso-seconds']),
    print: reader.oneOf('print', 'raw', ['raw', 'javascript', 'python']),
    eventIdPrefix: reader.textOrNull('eventIdPrefix', null, {
      max: 16,
      accepts: /^[A-Za-z0-9_-]+$/,
      says: 'must be of A-Z a-z 0-9 _ - (ids hold no dots)',
    }),
    headers: parseHeaders(reader, signature, problems),
    signature,
    secret: parseSecretRules(reader, signature, problems),
    schedule: parseSchedule(reader, problems),
    timeoutSecondsDefault: reader.whole('timeoutSecondsDefault', Math.min(15, timeoutSecondsMax), 1, timeoutSecondsMax),
    timeoutSecondsMax,
    httpsRequired: reader.flag('httpsRequired', false),
    reactions: parseReactions(reader, problems),
    failingWord: reader.text('failingWord', 'failing', { max: 32, accepts: /^\S(?:.*\S)?$/, says: 'must be a word' }),
    catalogueClosed: reader.flag('catalogueClosed', false),
    eventTypes: parseEventTypes(reader, problems),
  };
  reader.end();
  const first = problems[0];
  if (first !== undefined) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    throw new WaxwingError('invalid_profile', `The profile cannot be used: ${first.path || 'it'} ${first.message}${more}.`, {
      fields: problems,
    });
  }
  return definition;
}

function parseEnvelope(profile: FieldReader, problems: Problems): EnvelopeTemplate {
  if (!profile.has('envelope')) return DEFAULT_ENVELOPE;
  const path = profile.at('envelope');
  const input = profile.any('envelope');
  const before = problems.length;
  const envelope = parseMembers(input, path, 1, problems);
  if (problems.length > before) return DEFAULT_ENVELOPE;
  if (Buffer.byteLength(JSON.stringify(envelope)) > ENVELOPE_BYTES_MAX)
    profile.note('envelope', `must have at most ${ENVELOPE_BYTES_MAX} bytes`);
  if (!holdsPlaceholder(envelope, '{data}')) profile.note('envelope', 'must hold {data}, or receivers would never see it');
  return envelope;
}

function parseMembers(input: unknown, path: string, depth: number, problems: Problems): EnvelopeTemplate {
  if (!isObject(input)) {
    problems.push({ path, message: `must be an object, not ${kindOf(input)}` });
    return {};
  }
  if (depth > ENVELOPE_DEPTH_MAX) {
    problems.push({ path, message: `is more than ${ENVELOPE_DEPTH_MAX} levels deep` });
    return {};
  }
  // fromEntries defines its members, so that one called __proto__ stays a member.
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, parseMember(value, `${path}/${pointerPart(name)}`, depth, problems)]),
  );
}

function parseMember(value: unknown, path: string, depth: number, problems: Problems): EnvelopeValue {
  if (typeof value === 'string') {
    const braced = /\{[^{}]*\}/.exec(value);
    if (braced && !isPlaceholder(value)) {
      const known = PLACEHOLDERS.some((placeholder) => placeholder === braced[0]);
      const message = known
        ? `must be ${braced[0]} alone: a placeholder is a whole value`
        : `holds ${braced[0]}; only ${PLACEHOLDERS.join(' ')} stand for something`;
      problems.push({ path, message });
    } else if (!value.isWellFormed()) {
      problems.push({ path, message: 'must not hold half a surrogate pair' });
    }
    return value;
  }
  if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  return parseMembers(value, path, depth + 1, problems);
}

function parseHeaders(profile: FieldReader, signature: SignatureScheme, problems: Problems): { readonly [name: string]: string } {
  if (!profile.has('headers')) return {};
  const input = profile.json('headers', {});
  const path = profile.at('headers');
  const entries = Object.entries(input);
  if (entries.length > HEADERS_MAX) problems.push({ path, message: `must hold at most ${HEADERS_MAX} headers` });
  const taken = new Set(signatureHeaders(signature));
  const headers: [string, string][] = [];
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    const note = (message: string): void => {
      problems.push({ path: `${path}/${pointerPart(name)}`, message });
    };
    if (!isHeaderName(name)) note('is not a header’s name (RFC 9110 §5.6.2)');
    else if (isReservedHeader(name)) note('belongs to HTTP or to every message and cannot be set');
    else if (lower === 'authorization' || lower === 'cookie')
      note('is a credential, and everybody who may read can read a profile; set it on the endpoint');
    else if (taken.has(lower)) note('stands twice, or carries the signature');
    else if (typeof value !== 'string' || value.length > 1024 || !isHeaderValue(value))
      note('must be at most 1024 printable ASCII characters');
    else headers.push([name, value]);
    taken.add(lower);
  }
  return Object.fromEntries(headers);
}

function signatureHeaders(signature: SignatureScheme): readonly string[] {
  switch (signature.kind) {
    case 'standard-webhooks':
      return []; // reserved already
    case 'hmac-template':
      return [signature.header.toLowerCase(), (signature.timestampHeader ?? signature.header).toLowerCase()];
    case 'jwt-body-hash':
      return [signature.header.toLowerCase()];
    default:
      return signature satisfies never;
  }
}

function parseSchedule(profile: FieldReader, problems: Problems): RetrySchedule {
  if (!profile.has('schedule')) return STANDARD_SCHEDULE;
  const reader = new FieldReader(profile.any('schedule'), profile.at('schedule'), problems);
  const delaysSeconds = reader.list('delaysSeconds', DELAYS_MAX).filter((delay, index) => {
    const good = isNumberWithin(delay, 0, DELAY_SECONDS_MAX);
    if (!good) problems.push({ path: `${reader.at('delaysSeconds')}/${index}`, message: `must be seconds from 0 to ${DELAY_SECONDS_MAX}` });
    return good;
  });
  if (!reader.has('delaysSeconds')) reader.note('delaysSeconds', 'is required: seconds before retry 1, 2, 3…; empty for no retry');
  const retries = delaysSeconds.length;
  const maxRetriesLimit = reader.whole('maxRetriesLimit', retries === 0 ? 0 : Math.max(RETRIES_MAX, retries), 0, DELAYS_MAX);
  const maxRetriesDefault = reader.whole('maxRetriesDefault', Math.min(retries, maxRetriesLimit), 0, maxRetriesLimit);
  if (retries === 0 && maxRetriesLimit > 0 && reader.has('delaysSeconds'))
    reader.note('maxRetriesLimit', 'must be 0 where no delay is given');
  const jitterRatio = reader.number('jitterRatio', 0, 0, 1); // a schedule of one's own is exact unless it says otherwise
  reader.end();
  return { delaysSeconds, maxRetriesDefault, maxRetriesLimit, jitterRatio };
}

function parseReactions(profile: FieldReader, problems: Problems): Reactions {
  if (!profile.has('reactions')) return STANDARD_REACTIONS;
  const reader = new FieldReader(profile.any('reactions'), profile.at('reactions'), problems);
  const never = reader.any('disableAfterSeconds') === null;
  const reactions: Reactions = {
    goneDisables: reader.flag('goneDisables', STANDARD_REACTIONS.goneDisables),
    retryAfterHonoured: reader.flag('retryAfterHonoured', STANDARD_REACTIONS.retryAfterHonoured),
    overloadSlows: reader.flag('overloadSlows', STANDARD_REACTIONS.overloadSlows),
    disableAfterSeconds: never
      ? null
      : reader.whole('disableAfterSeconds', STANDARD_REACTIONS.disableAfterSeconds ?? 0, 60, 365 * 24 * 3600),
  };
  reader.end();
  return reactions;
}

function parseEventTypes(profile: FieldReader, problems: Problems): readonly EventTypeDefinition[] {
  const seen = new Set<string>();
  return profile.list('eventTypes', EVENT_TYPES_MAX).map((input, index) => {
    const reader = new FieldReader(input, `${profile.at('eventTypes')}/${index}`, problems);
    const name = reader.text('name', '', { max: 256 });
    if (!isEventTypeName(name))
      reader.note('name', reader.has('name') ? 'is not an event type’s name, such as meeting.completed' : 'is required');
    else if (seen.has(name)) reader.note('name', `${name} is in the catalogue already`);
    seen.add(name);
    const definition: EventTypeDefinition = {
      name,
      description: reader.text('description', '', { max: 1024 }),
      group: reader.text('group', groupOf(name), { max: 128 }),
      schema: reader.json('schema', openObject({}, [])),
      sample: reader.json('sample', {}),
    };
    reader.end();
    return definition;
  });
}
