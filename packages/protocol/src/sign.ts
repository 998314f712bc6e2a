// Signing: the headers that prove a message, under any scheme that schemes.ts can write down.
//
// 1. What is signed are the body's bytes as they are sent; they are never decoded to text.
// 2. Pure: the same scheme, message and secrets give the same headers (ed25519 is deterministic, RFC 8032 §5.1.6).
// 3. A secret that cannot sign throws; an empty one always does, under every scheme.
// Keys are decoded once and kept in a small bounded map: decoding an ed25519 key costs more than signing with an HMAC.

import { createHmac, hash, sign as signBytes } from 'node:crypto';

import { WaxwingError } from './errors.ts';
import type { JwtBodyHashScheme, SignatureScheme, TemplateScheme } from './schemes.ts';
import { plainKey, standardKey } from './secrets.ts';
import type { StandardKey } from './secrets.ts';

/** What is signed. */
export interface MessageToSign {
  /** The id as the profile shows it: what `webhook-id` carries. */
  readonly id: string;
  /** When this attempt is signed: whole Unix seconds. */
  readonly timestampSeconds: number;
  /** The body's exact bytes. */
  readonly body: Uint8Array;
}

type Headers = readonly (readonly [name: string, value: string])[];

const KEYS_KEPT_MAX = 2048;
const STANDARD_KEYS = new Map<string, StandardKey>();
const BASE64_KEYS = new Map<string, Uint8Array>();

// `{"alg":"HS256","typ":"JWT"}`, base64url.
const JWT_HEAD = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/**
 * The signature headers of a message.
 *
 * `standard-webhooks` signs with every secret given; the other schemes carry one signature, and the first secret makes it.
 * @param secrets newest first, at least one
 * @throws WaxwingError `invalid_secret` when there is none, or one of them cannot sign
 * @example
 * sign(JOAI_SCHEME, { id: 'evt_1', timestampSeconds: 1700000000, body: Buffer.from('{}') }, ['a secret of mine']);
 * // [['X-Webhook-Signature', '<64 hex digits>']]
 */
export function sign(scheme: SignatureScheme, message: MessageToSign, secrets: readonly string[]): Headers {
  if (!Number.isSafeInteger(message.timestampSeconds)) throw new WaxwingError('internal', 'A message is signed at whole Unix seconds.');
  const secret = secrets[0];
  if (secret === undefined || secrets.includes(''))
    throw new WaxwingError('invalid_secret', 'A message is signed with at least one secret, none of them empty.');
  switch (scheme.kind) {
    case 'standard-webhooks':
      return signStandard(message, secrets);
    case 'hmac-template':
      return signTemplate(scheme, message, secret);
    case 'jwt-body-hash':
      return signJwt(scheme, message, secret);
    default:
      return scheme satisfies never;
  }
}

function signStandard(message: MessageToSign, secrets: readonly string[]): Headers {
  const head = `${message.id}.${message.timestampSeconds}.`;
  const signatures = secrets.map((secret) => {
    const key = kept(STANDARD_KEYS, secret, standardKey);
    switch (key.kind) {
      case 'hmac':
        return `v1,${createHmac('sha256', key.bytes).update(head).update(message.body).digest('base64')}`;
      case 'ed25519':
        return `v1a,${signBytes(null, Buffer.concat([Buffer.from(head), message.body]), key.privateKey).toString('base64')}`;
      default:
        return key satisfies never;
    }
  });
  return [
    ['webhook-timestamp', String(message.timestampSeconds)],
    ['webhook-signature', signatures.join(' ')],
  ];
}

function signTemplate(scheme: TemplateScheme, message: MessageToSign, secret: string): Headers {
  const key = scheme.secret === 'utf8' ? plainKey('utf8', secret) : kept(BASE64_KEYS, secret, (text) => plainKey('base64', text));
  const hmac = createHmac(scheme.algorithm, key);
  const head = contentHead(scheme.content, message);
  if (head !== '') hmac.update(head);
  const signature: readonly [string, string] = [scheme.header, scheme.prefix + hmac.update(message.body).digest(scheme.encoding)];
  return scheme.timestampHeader === null ? [signature] : [signature, [scheme.timestampHeader, String(message.timestampSeconds)]];
}

// What stands before `{body}`, which is always last. One pass, so that an id which spells a placeholder stays an id.
function contentHead(content: string, message: MessageToSign): string {
  const head = content.slice(0, content.lastIndexOf('{body}'));
  if (head === '') return head;
  return head.replace(/\{(id|timestamp)\}/g, (_, name) => (name === 'id' ? message.id : String(message.timestampSeconds)));
}

function signJwt(scheme: JwtBodyHashScheme, message: MessageToSign, secret: string): Headers {
  const bodyHash = hash('sha256', message.body, 'hex');
  const claims = Buffer.from(JSON.stringify({ [scheme.claim]: bodyHash })).toString('base64url');
  const content = `${JWT_HEAD}.${claims}`;
  const signature = createHmac('sha256', plainKey('utf8', secret)).update(content).digest('base64url');
  return [[scheme.header, `${scheme.prefix}${content}.${signature}`]];
}

// The oldest goes first: a deployment with more secrets than the map keeps decodes again and is otherwise the same.
function kept<K>(keys: Map<string, K>, secret: string, decode: (secret: string) => K): K {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = decode(secret);
  if (keys.size >= KEYS_KEPT_MAX) {
    for (const oldest of keys.keys()) {
      keys.delete(oldest);
      break;
    }
  }
  keys.set(secret, key);
  return key;
}
