// Custom headers: which headers of an endpoint's own may be sent beside ours.
//
// They are sent as given, after ours, and can replace nothing: not what signs the message, not what frames it, not what
// speaks for one connection only. What could not arrive as it was written is refused at creation; the sender leaves a
// forbidden one out even if it got past that.

import type { FieldError, ProfileDefinition } from '@waxwing/protocol';

export const CUSTOM_HEADERS_MAX = 32;
export const CUSTOM_HEADER_NAME_LENGTH_MAX = 128;
export const CUSTOM_HEADER_VALUE_LENGTH_MAX = 4096;
/** Names and values together: many servers stop reading at 8 KiB of headers, and ours are among them. */
export const CUSTOM_HEADERS_LENGTH_MAX = 6144;

const FRAMING = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'transfer-encoding',
  'expect',
  'user-agent',
  'date',
]);
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'te', 'trailer', 'upgrade', 'http2-settings']);

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/; // token, RFC 9110 §5.6.2
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/; // field-value as bytes, RFC 9110 §5.5

/** Why a header of this name may not be sent, as words that complete `the header …`; null when it may. The profile's own headers are its to send. */
export function forbiddenHeader(name: string, definition: ProfileDefinition): string | null {
  const lower = canonical(name);
  if (FRAMING.has(lower)) return 'describes the message itself and is set by the sender';
  if (HOP_BY_HOP.has(lower) || lower.startsWith('proxy-')) return 'belongs to the connection, not to the message';
  if (lower.startsWith('webhook-')) return 'begins with webhook-, which is kept for signing';
  const { signature } = definition;
  switch (signature.kind) {
    case 'hmac-template':
      if (lower === canonical(signature.header) || lower === canonical(signature.timestampHeader ?? '')) return 'carries the signature';
      break;
    case 'jwt-body-hash':
      if (lower === canonical(signature.header)) return 'carries the signature';
      break;
    case 'standard-webhooks':
      break;
    default:
      signature satisfies never;
  }
  for (const own in definition.headers) if (lower === canonical(own)) return 'is set by the profile';
  return null;
}

/** A receiver behind CGI, WSGI or Rack cannot tell `webhook_id` from `webhook-id`: both are HTTP_WEBHOOK_ID to it. */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/**
 * Checks an endpoint's own headers against what its profile sends.
 * @returns every problem, with a JSON Pointer into the request (`/headers/x-name`); empty when all may be sent.
 * The caller throws `invalid_header` with them.
 */
export function customHeadersProblem(headers: { readonly [name: string]: string }, definition: ProfileDefinition): readonly FieldError[] {
  const problems: FieldError[] = [];
  const seen = new Set<string>();
  let length = 0;
  for (const [name, value] of Object.entries(headers)) {
    length += name.length + value.length;
    const message = headerProblem(name, value, seen, definition);
    if (message !== null) problems.push({ path: `/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, message });
  }
  const count = Object.keys(headers).length;
  if (count > CUSTOM_HEADERS_MAX) problems.push({ path: '/headers', message: `${count} headers; at most ${CUSTOM_HEADERS_MAX} are taken` });
  if (length > CUSTOM_HEADERS_LENGTH_MAX) {
    problems.push({ path: '/headers', message: `${length} characters in all; at most ${CUSTOM_HEADERS_LENGTH_MAX} are taken` });
  }
  return problems;
}

function headerProblem(name: string, value: string, seen: Set<string>, definition: ProfileDefinition): string | null {
  if (!NAME.test(name)) return "the name may hold only letters, digits and !#$%&'*+-.^_`|~";
  if (name.length > CUSTOM_HEADER_NAME_LENGTH_MAX) return `the name is longer than ${CUSTOM_HEADER_NAME_LENGTH_MAX} characters`;
  const lower = name.toLowerCase();
  if (seen.has(lower)) return 'the name is given twice';
  seen.add(lower);
  const forbidden = forbiddenHeader(name, definition);
  if (forbidden !== null) return `the header ${forbidden}`;
  if (value.length > CUSTOM_HEADER_VALUE_LENGTH_MAX) return `the value is longer than ${CUSTOM_HEADER_VALUE_LENGTH_MAX} characters`;
  if (!VALUE.test(value)) return 'the value may hold no line break, NUL or other control character, and nothing beyond Latin-1';
  if (value !== value.trim()) return 'the value may not begin or end with a blank: receivers drop it';
  return null;
}
