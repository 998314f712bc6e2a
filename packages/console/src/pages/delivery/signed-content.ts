// A stored request, read as its signature scheme made it: what was signed, by what, and where the signature stands. Pure;
// needs no secret.

import type { Attempt, ProfileResource } from '@waxwing/protocol';
import type { SignatureScheme } from '@waxwing/protocol/schemes';

type Headers = Attempt['request']['headers'];

/** A piece of what is signed. */
export interface Piece {
  readonly kind: 'id' | 'timestamp' | 'body' | 'claims' | 'plain';
  readonly text: string;
}

/** One signature of the header's. */
export interface FoundSignature {
  /** What stands before it, as it is in the header: `v1,`, `sha256=`, `Bearer ‹head›.‹claims›.` */
  readonly before: string;
  readonly value: string;
}

export interface SignedContent {
  readonly scheme: SignatureScheme;
  readonly pieces: readonly Piece[];
  readonly header: string;
  readonly signatures: readonly FoundSignature[];
  /** Unix seconds, where one is signed or sent. */
  readonly timestamp: number | null;
  readonly timestampHeader: string | null;
  /** The JWT's claims as JSON text, and the body's hash that they hold. */
  readonly claims: { readonly text: string; readonly bodyHash: string } | null;
}

/**
 * The scheme that this request was signed with: the profile's own where its header is there, else the one whose header is
 * (the endpoint may be gone, or its profile changed since).
 */
export function schemeOf(headers: Headers, profile: string | null, profiles: readonly ProfileResource[]): ProfileResource | null {
  const fits = (one: ProfileResource): boolean => valueOf(headers, headerOf(one.signature)) !== null;
  return profiles.find((one) => one.name === profile && fits(one)) ?? profiles.find(fits) ?? null;
}

/** Null where the request does not hold what the scheme asks for. */
export function readSigned(scheme: SignatureScheme, headers: Headers, body: string): SignedContent | null {
  const header = headerOf(scheme);
  const value = valueOf(headers, header);
  if (value === null) return null;
  switch (scheme.kind) {
    case 'standard-webhooks': {
      const [id, timestamp] = [valueOf(headers, 'webhook-id'), valueOf(headers, 'webhook-timestamp')];
      if (id === null || timestamp === null) return null;
      return {
        scheme,
        header,
        pieces: [{ kind: 'id', text: id }, DOT, { kind: 'timestamp', text: timestamp }, DOT, { kind: 'body', text: body }],
        signatures: value.split(' ').map((part) => splitAfter(part, part.indexOf(',') + 1)),
        timestamp: Number(timestamp),
        timestampHeader: 'webhook-timestamp',
        claims: null,
      };
    }
    case 'hmac-template': {
      const timestamp = scheme.timestampHeader === null ? null : valueOf(headers, scheme.timestampHeader);
      const values = { id: valueOf(headers, 'webhook-id') ?? '', timestamp: timestamp ?? '', body };
      return {
        scheme,
        header,
        pieces: scheme.content.split(/(\{id\}|\{timestamp\}|\{body\})/).flatMap((part): readonly Piece[] => {
          const kind = KINDS.find((one) => part === `{${one}}`);
          if (kind !== undefined) return [{ kind, text: values[kind] }];
          return part === '' ? [] : [{ kind: 'plain', text: part }];
        }),
        signatures: [splitAfter(value, value.startsWith(scheme.prefix) ? scheme.prefix.length : 0)],
        timestamp: timestamp === null ? null : Number(timestamp),
        timestampHeader: scheme.timestampHeader,
        claims: null,
      };
    }
    case 'jwt-body-hash': {
      const token = value.startsWith(scheme.prefix) ? value.slice(scheme.prefix.length) : value;
      const end = token.lastIndexOf('.');
      const claims = claimsOf(token, scheme.claim);
      if (end < 0 || claims === null) return null;
      return {
        scheme,
        header,
        pieces: [{ kind: 'claims', text: token.slice(0, end) }],
        signatures: [splitAfter(value, value.length - token.length + end + 1)],
        timestamp: null,
        timestampHeader: null,
        claims,
      };
    }
    default:
      return scheme satisfies never;
  }
}

const KINDS = ['id', 'timestamp', 'body'] as const;
const DOT: Piece = { kind: 'plain', text: '.' };

function headerOf(scheme: SignatureScheme): string {
  return scheme.kind === 'standard-webhooks' ? 'webhook-signature' : scheme.header;
}

function valueOf(headers: Headers, name: string): string | null {
  return headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1] ?? null;
}

function splitAfter(text: string, index: number): FoundSignature {
  return { before: text.slice(0, index), value: text.slice(index) };
}

function claimsOf(token: string, claim: string): SignedContent['claims'] {
  try {
    const text = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    const parsed: unknown = JSON.parse(text);
    const bodyHash: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, claim) : null;
    return typeof bodyHash === 'string' ? { text, bodyHash } : null;
  } catch {
    return null;
  }
}
