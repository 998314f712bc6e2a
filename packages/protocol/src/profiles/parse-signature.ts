// Parsing a custom profile's signature and secret rules.
//
// A template must end in `{body}`, once: the body goes into the HMAC as the bytes that are sent, never as text. A signed
// timestamp must travel in a header, since a receiver needs it, and a header that is not signed proves nothing. The
// secret's form follows from the scheme, and every secret that is made must pass the rules.

import { isHeaderName, isReservedHeader } from '../header-names.ts';
import type { SecretRules } from '../profile.ts';
import { STANDARD_SCHEME } from '../schemes.ts';
import type { JwtBodyHashScheme, SignatureScheme, TemplateScheme } from '../schemes.ts';
import { FieldReader, isObject } from './field-reader.ts';
import type { Problems } from './field-reader.ts';

const BODY = '{body}';
const PRINTABLE = { max: 32, accepts: /^[!-~]*(?:[!-~] )?$/, says: 'must be printable ASCII; one space may stand at its end' };
const KINDS = ['hmac-template', 'standard-webhooks', 'jwt-body-hash'] as const;

/** Reads `signature`. What stands in the result after a problem is never used. */
export function parseSignature(profile: FieldReader, problems: Problems): SignatureScheme {
  if (!profile.has('signature')) {
    profile.note('signature', 'is required: how is a message signed? {"header": "X-Acme-Signature"} is the least');
    return STANDARD_SCHEME;
  }
  const reader = new FieldReader(profile.any('signature'), profile.at('signature'), problems);
  const kind = reader.oneOf('kind', 'hmac-template', KINDS);
  const scheme = parseScheme(kind, reader, profile);
  reader.end();
  return scheme;
}

function parseScheme(kind: SignatureScheme['kind'], reader: FieldReader, profile: FieldReader): SignatureScheme {
  switch (kind) {
    case 'standard-webhooks':
      return STANDARD_SCHEME;
    case 'hmac-template':
      return parseTemplate(reader, profile);
    case 'jwt-body-hash':
      return parseJwt(reader);
    default:
      return kind satisfies never;
  }
}

function parseTemplate(reader: FieldReader, profile: FieldReader): TemplateScheme {
  const header = headerName(reader, 'header');
  const content = reader.text('content', BODY, { max: 256 });
  checkContent(reader, content);
  const timestampHeader = parseTimestampHeader(reader, header, content.includes('{timestamp}'));
  return {
    kind: 'hmac-template',
    header,
    algorithm: reader.oneOf('algorithm', 'sha256', ['sha256', 'sha512', 'sha1']),
    content,
    encoding: reader.oneOf('encoding', 'hex', ['hex', 'base64']),
    prefix: reader.text('prefix', '', PRINTABLE),
    timestampHeader,
    secret: reader.oneOf('secret', templateSecretForm(profile), ['utf8', 'base64']),
  };
}

function parseTimestampHeader(reader: FieldReader, header: string, signsTimestamp: boolean): string | null {
  if (!reader.has('timestampHeader') || reader.any('timestampHeader') === null) {
    if (signsTimestamp)
      reader.note('timestampHeader', 'must name a header: the content signs {timestamp}, and a receiver must be told which');
    return null;
  }
  const timestampHeader = headerName(reader, 'timestampHeader');
  if (!signsTimestamp)
    reader.note('timestampHeader', 'would carry a timestamp that is not signed; put {timestamp} into the content, or leave it out');
  if (timestampHeader.toLowerCase() === header.toLowerCase()) reader.note('timestampHeader', 'must differ from header');
  return timestampHeader;
}

function parseJwt(reader: FieldReader): JwtBodyHashScheme {
  return {
    kind: 'jwt-body-hash',
    header: headerName(reader, 'header'),
    prefix: reader.text('prefix', 'Bearer ', PRINTABLE),
    claim: reader.text('claim', 'sha256', { max: 64, accepts: /^[A-Za-z0-9_.:/-]+$/, says: 'must be a claim’s name' }),
  };
}

function checkContent(reader: FieldReader, content: string): void {
  if (!content.endsWith(BODY) || content.indexOf(BODY) !== content.length - BODY.length) {
    reader.note('content', 'must end in {body} and hold it once');
  }
  for (const [placeholder] of content.matchAll(/\{[^{}]*\}/g)) {
    if (placeholder !== BODY && placeholder !== '{id}' && placeholder !== '{timestamp}') {
      reader.note('content', `holds ${placeholder}; only {id}, {timestamp} and {body} stand for something`);
    }
  }
}

function headerName(reader: FieldReader, name: string): string {
  const header = reader.text(name, '', { max: 128 });
  if (!reader.has(name)) reader.note(name, 'is required');
  else if (typeof reader.any(name) === 'string' && !isHeaderName(header)) reader.note(name, 'is not a header’s name (RFC 9110 §5.6.2)');
  else if (isReservedHeader(header)) reader.note(name, `${header} belongs to HTTP or to every message and cannot carry this`);
  return header;
}

// `signature.secret` and `secret.form` say the same thing: either may be left out.
function templateSecretForm(profile: FieldReader): 'utf8' | 'base64' {
  const secret = profile.any('secret');
  return isObject(secret) && secret['form'] === 'base64' ? 'base64' : 'utf8';
}

/** Reads `secret`, whose form the scheme decides. */
export function parseSecretRules(profile: FieldReader, scheme: SignatureScheme, problems: Problems): SecretRules {
  const form = scheme.kind === 'standard-webhooks' ? 'standard' : scheme.kind === 'hmac-template' ? scheme.secret : 'utf8';
  const otherwise = defaultRules(form);
  if (!profile.has('secret')) return otherwise;
  const reader = new FieldReader(profile.any('secret'), profile.at('secret'), problems);
  if (reader.oneOf('form', form, ['utf8', 'base64', 'standard']) !== form) {
    reader.note('form', `must be ${form}, which is how the signature makes its key`);
  }
  // Standard Webhooks fixes its own rules. Elsewhere a generated secret (prefix and 44 characters, or 32 bytes) must fit.
  const fixed = form === 'standard';
  const prefix = reader.text('prefix', otherwise.prefix, prefixRule(form));
  const minBytes = reader.whole('minBytes', otherwise.minBytes, fixed ? 24 : 8, fixed ? 24 : 32);
  const maxBytes = reader.whole('maxBytes', otherwise.maxBytes, 64, fixed ? 64 : 1024);
  const warnBelowBytes = reader.whole('warnBelowBytes', Math.max(otherwise.warnBelowBytes, minBytes), minBytes, 32);
  reader.end();
  return { prefix, form, minBytes, maxBytes, warnBelowBytes };
}

function defaultRules(form: SecretRules['form']): SecretRules {
  if (form === 'standard') return { prefix: 'whsec_', form, minBytes: 24, maxBytes: 64, warnBelowBytes: 24 };
  return { prefix: '', form, minBytes: 8, maxBytes: 512, warnBelowBytes: 16 };
}

function prefixRule(form: SecretRules['form']): { max: number; accepts: RegExp; says: string } {
  switch (form) {
    case 'standard':
      return { max: 16, accepts: /^whsec_$/, says: 'must be whsec_ under Standard Webhooks' };
    case 'base64':
      return { max: 16, accepts: /^(?:[A-Za-z0-9_-]*_)?$/, says: 'must be empty or end in an underscore, behind which the base64 stands' };
    case 'utf8':
      return { max: 16, accepts: /^[A-Za-z0-9_-]*$/, says: 'must be of A-Z a-z 0-9 _ -' };
    default:
      return form satisfies never;
  }
}
