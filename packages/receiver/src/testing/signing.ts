// Signing as a sender would, for tests: the other side of every kind of signature that a scheme can name.
//
// The same data drives it as drives verifying, so a scheme of your own can be tested as soon as it is written down.
// What it makes is held against each sender's own package and page in this package's tests.

import { createHash, createHmac, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { STANDARD_SCHEME } from '@waxwing/protocol/schemes';
import { sign as signMessage } from '@waxwing/protocol/sign';
import type { JwtSignature, Signature, SignedTemplate, TwilioSignature } from '../scheme.ts';
import { fromBase64, fromHex } from '../verify/encoding.ts';
import { decodedUrl, widened } from '../verify/template.ts';
import { sortedFields } from '../verify/twilio.ts';
import { textOf } from '../verify/request.ts';
import { formatTime } from './time.ts';

export type SigningKey = { readonly kind: 'shared'; readonly secret: string } | { readonly kind: 'pair'; readonly privateKey: KeyObject };

/** What is signed; the parts that a scheme does not sign are not looked at. */
export interface MessageToSign {
  readonly body: Uint8Array;
  readonly id: string;
  readonly timeMs: number;
  readonly method: string;
  readonly url: string;
}

export type SignatureHeaders = Readonly<Record<string, string>>;

/** The headers that a sender of this scheme adds. Also signs with secrets that receivers refuse: tests need those. */
export function signatureHeaders(signature: Signature, message: MessageToSign, key: SigningKey): SignatureHeaders {
  switch (signature.kind) {
    case 'hmac-template':
      return template(widened(signature), message, key);
    case 'signed-template':
      return template(signature, message, key);
    case 'standard-webhooks': {
      const prefix = signature.headerPrefixes?.[0] ?? 'webhook';
      const seconds = formatTime(message.timeMs, 'seconds');
      const secret = secretOf(key);
      if (secret.startsWith('whsk_')) return signedByPair(prefix, message, secret);
      const bytes = fromBase64(secret.startsWith('whsec_') ? secret.slice(6) : secret) ?? new Uint8Array();
      const digest = createHmac('sha256', bytes).update(`${message.id}.${seconds}.`).update(message.body).digest('base64');
      return { [`${prefix}-id`]: message.id, [`${prefix}-timestamp`]: seconds, [`${prefix}-signature`]: `v1,${digest}` };
    }
    case 'jwt-body-hash':
      return jwt(signature, message, key);
    case 'twilio':
      return twilio(signature, message, key);
    case 'shared-token':
      return { [signature.header]: secretOf(key) };
    default:
      return signature satisfies never;
  }
}

/** `v1a`: ed25519 under a `whsk_` key. */
function signedByPair(prefix: string, { id, timeMs, body }: MessageToSign, secret: string): SignatureHeaders {
  const made = signMessage(STANDARD_SCHEME, { id, timestampSeconds: Math.floor(timeMs / 1000), body }, [secret]);
  return { [`${prefix}-id`]: id, ...Object.fromEntries(made.map(([name, value]) => [name.replace('webhook', prefix), value])) };
}

function template(scheme: SignedTemplate, message: MessageToSign, key: SigningKey): SignatureHeaders {
  const { form, time } = scheme;
  const timestamp = time === undefined ? '' : formatTime(message.timeMs, time.form);
  const value = (name: string): string => {
    switch (name) {
      case 'id':
        return message.id;
      case 'timestamp':
        return timestamp;
      case 'method':
        return message.method.toUpperCase();
      case 'url':
        return message.url;
      default:
        return decodedUrl(message.url);
    }
  };
  const pieces = scheme.content.split(/(\{[a-z:]+\})/).map((piece) => {
    if (piece === '{body}') return message.body;
    return Buffer.from(piece.startsWith('{') ? value(piece.slice(1, -1)) : piece);
  });
  const digest = signContent(scheme, Buffer.concat(pieces), key);
  const headers: Record<string, string> = {};
  switch (form.kind) {
    case 'whole':
    case 'list':
      headers[scheme.header] = form.prefix + digest;
      break;
    case 'fields': {
      const stamped = form.timestamp === null ? '' : `${form.timestamp}=${timestamp}${form.separator}`;
      headers[scheme.header] = `${stamped}${form.signature}=${digest}`;
      break;
    }
    default:
      form satisfies never;
  }
  if (time?.in === 'header') headers[time.name] = timestamp;
  if (scheme.content.includes('{id}')) headers[scheme.idHeader ?? 'webhook-id'] = message.id;
  return headers;
}

function signContent(scheme: SignedTemplate, content: Buffer, key: SigningKey): string {
  const { algorithm } = scheme;
  switch (algorithm) {
    case 'hmac-sha1':
    case 'hmac-sha256':
    case 'hmac-sha512': {
      const secret = secretOf(key);
      const bytes =
        scheme.secret === 'utf8'
          ? Buffer.from(secret)
          : ((scheme.secret === 'hex' ? fromHex(secret) : fromBase64(secret.slice(secret.lastIndexOf('_') + 1))) ?? new Uint8Array());
      return createHmac(algorithm.slice(5), bytes).update(content).digest(scheme.encoding);
    }
    case 'ed25519':
      return sign(null, content, privateKeyOf(key)).toString(scheme.encoding);
    case 'ecdsa-p256':
      return sign('sha256', content, privateKeyOf(key)).toString(scheme.encoding);
    default:
      return algorithm satisfies never;
  }
}

function jwt(scheme: JwtSignature, message: MessageToSign, key: SigningKey): SignatureHeaders {
  const seconds = Math.floor(message.timeMs / 1000);
  // MeshAgent's tokens have no lifetime; LiveKit's live five minutes and name the API key.
  const lifetime = scheme.reprinted === false ? { iss: 'test', nbf: seconds, exp: seconds + 300 } : {};
  const claims = {
    ...lifetime,
    [scheme.claim]: createHash('sha256')
      .update(message.body)
      .digest(scheme.digest ?? 'hex'),
  };
  const content = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = createHmac('sha256', secretOf(key)).update(content).digest('base64url');
  return { [scheme.header]: `${scheme.prefix}${content}.${signature}` };
}

function twilio(scheme: TwilioSignature, message: MessageToSign, key: SigningKey): SignatureHeaders {
  const hashed = message.url.includes('bodySHA256=');
  const content = message.url + (hashed ? '' : sortedFields(textOf(message.body)));
  return { [scheme.header]: createHmac('sha1', secretOf(key)).update(content).digest('base64') };
}

function secretOf(key: SigningKey): string {
  return key.kind === 'shared' ? key.secret : '';
}

function privateKeyOf(key: SigningKey): KeyObject {
  if (key.kind === 'pair') return key.privateKey;
  throw new TypeError('This sender signs with a private key: give a key pair.');
}
