// The template kind: an HMAC, ed25519 or ECDSA signature over a template of the request's parts.
//
// Everything that depends on the scheme alone is worked out once. Signatures are held to the exact form that senders
// write (lower-case hex, padded base64, the digest's own length), so that comparing needs no decoding.

import type { TemplateScheme } from '@waxwing/protocol/schemes';
import type { SignatureForm, SignedTemplate } from '../scheme.ts';
import { fromBase64, fromHex } from './encoding.ts';
import type { Claim, Content, HashName, Question, SignedSpan, UsableKey } from './question.ts';
import { NeededHeader, SIGNATURES_MAX } from './reader.ts';
import type { SignatureReader } from './reader.ts';
import { atPointer, jsonOf } from './request.ts';
import type { ReceivedRequest } from './request.ts';
import { refuse } from './result.ts';
import type { Refused } from './result.ts';
import { publicKey, sharedKey } from './secret.ts';
import { parseTime, TIME_FORMS } from './time.ts';

const HASH_BYTES: Readonly<Record<HashName, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** A profile's template scheme (one whole signature) as the wider form that receivers read. */
export function widened(scheme: TemplateScheme): SignedTemplate {
  return {
    kind: 'signed-template',
    algorithm: `hmac-${scheme.algorithm}`,
    header: scheme.header,
    form: { kind: 'whole', prefix: scheme.prefix },
    encoding: scheme.encoding,
    content: scheme.content,
    idHeader: 'webhook-id', // every profile sends it
    ...(scheme.timestampHeader !== null && { time: { in: 'header', name: scheme.timestampHeader, form: 'seconds' } }),
    secret: scheme.secret,
  };
}

export function templateReader(scheme: SignedTemplate): SignatureReader {
  const { algorithm, form, encoding, time, content: template } = scheme;
  const signatureHeader = new NeededHeader(scheme.header);
  const idHeader = template.includes('{id}') ? new NeededHeader(scheme.idHeader ?? 'webhook-id') : null;
  const timeHeader = time?.in === 'header' ? new NeededHeader(time.name) : null;
  const needsMethod = template.includes('{method}');
  const needsUrl = template.includes('{url');
  const [beforeBody, afterBody] = halves(template);
  const hash = hashOf(algorithm);
  const signatureShape = shapeOf(hash, encoding);

  function claim(request: ReceivedRequest): Claim | Refused {
    const header = signatureHeader.read(request);
    if (header === null) return signatureHeader.missing();
    const { signatures, timestamp: ownTimestamp } = readSignatures(header, form);
    const wellFormed = signatures.filter((signature) => signatureShape.test(signature));
    if (wellFormed.length === 0) return signatureHeader.malformed(describe(scheme, hash));

    let timestamp: string | null = null;
    let signedAtMs: number | null = null;
    if (time !== undefined && time.in !== 'body') {
      timestamp = timeHeader === null ? ownTimestamp : timeHeader.read(request);
      if (timestamp === null) return timeHeader?.missing() ?? signatureHeader.malformed(describe(scheme, hash));
      signedAtMs = parseTime(timestamp, time.form);
      if (signedAtMs === null) return (timeHeader ?? signatureHeader).malformed(`a timestamp in ${TIME_FORMS[time.form]}`);
    }

    const id = idHeader?.read(request) ?? null;
    if (idHeader !== null && id === null) return idHeader.missing();
    if (needsUrl && !request.url) return missingUrl();
    if (needsMethod && !request.method) return missingMethod();
    const parts = { id, timestamp, method: request.method ?? '', url: request.url ?? '' };
    const before = filled(beforeBody, parts);
    const after = filled(afterBody, parts);

    return {
      holds(key: UsableKey, body: string | Uint8Array): Question {
        const content: Content = before + after === '' ? [body] : after === '' ? [before, body] : [before, body, after];
        if (hash !== null) return { ask: 'hmac', hash, key: key.bytes, content, encoding, signatures: wellFormed };
        const decode = encoding === 'hex' ? fromHex : fromBase64;
        const bytes = wellFormed.map(decode).filter((signature) => signature !== null);
        return { ask: algorithm === 'ed25519' ? 'ed25519' : 'ecdsa-p256', key: key.bytes, content, signatures: bytes };
      },
      span(body: string | Uint8Array): SignedSpan | Refused {
        if (time?.in !== 'body') return { signedAtMs };
        const json = jsonOf(body);
        const value = atPointer(json, time.pointer);
        const ms = typeof value === 'number' || typeof value === 'string' ? parseTime(String(value), time.form) : null;
        if (ms === null) return refuse('bad_format', () => `The body has no timestamp at ${time.pointer} in ${TIME_FORMS[time.form]}.`);
        return { signedAtMs: ms, json };
      },
    };
  }

  return {
    key: (secret) => {
      if (hash !== null) return sharedKey(secret, scheme.secret);
      return publicKey(secret, scheme.secret, algorithm === 'ed25519' ? 32 : null);
    },
    claim,
  };
}

function hashOf(algorithm: SignedTemplate['algorithm']): HashName | null {
  switch (algorithm) {
    case 'hmac-sha1':
      return 'sha1';
    case 'hmac-sha256':
      return 'sha256';
    case 'hmac-sha512':
      return 'sha512';
    case 'ed25519':
    case 'ecdsa-p256':
      return null;
    default:
      return algorithm satisfies never;
  }
}

/** What a signature looks like. A digest's length is known; a key pair's signature is decoded, so it must be the one spelling of its bytes. */
function shapeOf(hash: HashName | null, encoding: 'hex' | 'base64'): RegExp {
  if (hash === null) return encoding === 'hex' ? /^(?:[0-9a-f]{2})+$/ : /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  const bytes = HASH_BYTES[hash];
  // Either case: another case than the sender's is a digest that does not match, not another form.
  if (encoding === 'hex') return new RegExp(`^[0-9a-f]{${bytes * 2}}$`, 'i');
  const padding = (3 - (bytes % 3)) % 3;
  return new RegExp(`^[A-Za-z0-9+/]{${Math.ceil(bytes / 3) * 4 - padding}}={${padding}}$`);
}

function readSignatures(header: string, form: SignatureForm): { signatures: readonly string[]; timestamp: string | null } {
  switch (form.kind) {
    case 'whole':
      return { signatures: header.startsWith(form.prefix) ? [header.slice(form.prefix.length)] : [], timestamp: null };
    case 'list': {
      const entries = header.split(form.separator, SIGNATURES_MAX).map((entry) => entry.trim());
      const own = entries.filter((entry) => entry.startsWith(form.prefix));
      return { signatures: own.map((entry) => entry.slice(form.prefix.length)), timestamp: null };
    }
    case 'fields': {
      const signatures: string[] = [];
      let timestamp: string | null = null;
      for (const entry of header.split(form.separator, SIGNATURES_MAX)) {
        const equals = entry.indexOf('=');
        const name = entry.slice(0, equals).trim();
        if (name === form.signature) signatures.push(entry.slice(equals + 1).trim());
        else if (name === form.timestamp) timestamp ??= entry.slice(equals + 1).trim();
      }
      return { signatures, timestamp };
    }
    default:
      return form satisfies never;
  }
}

interface Parts {
  readonly id: string | null;
  readonly timestamp: string | null;
  readonly method: string;
  readonly url: string;
}

/** Half a template taken apart: literal text and placeholders by turns, so that filling it in searches nothing. */
type Half = readonly string[];

function halves(template: string): readonly [before: Half, after: Half] {
  const [before = '', after = ''] = template.split('{body}');
  const apart = (half: string): Half => half.split(/(\{(?:id|timestamp|method|url|url:decoded)\})/).filter((piece) => piece !== '');
  return [apart(before), apart(after)];
}

function filled(half: Half, parts: Parts): string {
  let text = '';
  for (const piece of half) text += filledPiece(piece, parts);
  return text;
}

function filledPiece(piece: string, parts: Parts): string {
  switch (piece) {
    case '{id}':
      return parts.id ?? '';
    case '{timestamp}':
      return parts.timestamp ?? '';
    case '{method}':
      return parts.method.toUpperCase();
    case '{url}':
      return parts.url;
    case '{url:decoded}':
      return decodedUrl(parts.url);
    default:
      return piece;
  }
}

/** The URL as HubSpot signs it: these percent-escapes decoded, the rest left. */
export function decodedUrl(url: string): string {
  return url.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, (escape) => decodeURIComponent(escape));
}

function describe(scheme: SignedTemplate, hash: HashName | null): string {
  const digest = hash === null ? `a ${scheme.encoding} signature` : `${hash} as ${scheme.encoding === 'hex' ? 'lower-case hex' : 'base64'}`;
  switch (scheme.form.kind) {
    case 'whole':
      return scheme.form.prefix === '' ? digest : `\`${scheme.form.prefix}\` and ${digest}`;
    case 'list':
      return `entries of \`${scheme.form.prefix}\` and ${digest}, between \`${scheme.form.separator}\``;
    case 'fields': {
      const time = scheme.form.timestamp === null ? '' : `\`${scheme.form.timestamp}=\` and a timestamp, `;
      return `${time}\`${scheme.form.signature}=\` and ${digest}, between \`${scheme.form.separator}\``;
    }
    default:
      return scheme.form satisfies never;
  }
}

export function missingUrl(): Refused {
  return refuse(
    'missing_url',
    () =>
      'This sender signs the URL it called: give `url` (to a server or an adapter: `publicUrl`), whole, as it is written in the sender’s settings.',
  );
}

function missingMethod(): Refused {
  return refuse('missing_method', () => 'This sender signs the HTTP method: give `method`, such as POST.');
}
