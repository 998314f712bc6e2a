// What a receiver must do to verify a profile's messages, in the form that every language's snippet is written from.
//
// Two kinds cover all schemes: an HMAC over a head and the body (Standard Webhooks is one, with several signatures in its
// header), and a JWT that holds the body's hash.

import type { SignatureScheme } from '@waxwing/protocol/schemes';

/** A piece of what is signed before the body: text as it stands, or a header's value. */
export type HeadPart = { readonly text: string } | { readonly header: string };

export interface HmacFacts {
  readonly kind: 'hmac';
  readonly algorithm: 'sha256' | 'sha512' | 'sha1';
  /** `utf8`: the secret whole is the key. `base64`: what follows its last underscore, decoded. */
  readonly key: 'utf8' | 'base64';
  readonly head: readonly HeadPart[];
  /** Header names in lower case. */
  readonly header: string;
  readonly encoding: 'hex' | 'base64';
  readonly prefix: string;
  /** Whether the header may hold several signatures, parted by blanks. */
  readonly isList: boolean;
  readonly timestampHeader: string | null;
}

export interface JwtFacts {
  readonly kind: 'jwt';
  readonly header: string;
  readonly prefix: string;
  readonly claim: string;
}

export type SigningFacts = HmacFacts | JwtFacts;

/** How far a signed timestamp may lie from now. */
export const TOLERANCE_SECONDS = 300;

const ID_HEADER = 'webhook-id';

export function signingFacts(scheme: SignatureScheme): SigningFacts {
  switch (scheme.kind) {
    case 'standard-webhooks':
      return {
        kind: 'hmac',
        algorithm: 'sha256',
        key: 'base64',
        head: [{ header: ID_HEADER }, { text: '.' }, { header: 'webhook-timestamp' }, { text: '.' }],
        header: 'webhook-signature',
        encoding: 'base64',
        prefix: 'v1,',
        isList: true,
        timestampHeader: 'webhook-timestamp',
      };
    case 'hmac-template':
      return {
        kind: 'hmac',
        algorithm: scheme.algorithm,
        key: scheme.secret,
        head: headOf(scheme.content, scheme.timestampHeader?.toLowerCase() ?? ''),
        header: scheme.header.toLowerCase(),
        encoding: scheme.encoding,
        prefix: scheme.prefix,
        isList: false,
        timestampHeader: scheme.timestampHeader?.toLowerCase() ?? null,
      };
    case 'jwt-body-hash':
      return { kind: 'jwt', header: scheme.header.toLowerCase(), prefix: scheme.prefix, claim: scheme.claim };
    default:
      return scheme satisfies never;
  }
}

/** What stands before `{body}`, which is always last. */
function headOf(content: string, timestampHeader: string): readonly HeadPart[] {
  const head = content.slice(0, content.lastIndexOf('{body}'));
  return head
    .split(/(\{id\}|\{timestamp\})/)
    .filter((text) => text !== '')
    .map((text) => (text === '{id}' ? { header: ID_HEADER } : text === '{timestamp}' ? { header: timestampHeader } : { text }));
}

/** Code in lines; what is not to stand in this snippet is null. */
export function lines(...parts: readonly (string | null | readonly (string | null)[])[]): string {
  return parts
    .flat()
    .filter((part) => part !== null)
    .join('\n');
}

/** A text in double quotes as Python, Go and Java read it. */
export const doubleQuoted = (text: string): string => JSON.stringify(text);

/** A text in single quotes as Ruby and PHP read it: only the quote and the backslash mean anything. */
export const singleQuoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;

/** A text in single quotes as a shell reads it. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
