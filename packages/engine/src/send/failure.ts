// Failures: every way in which an attempt can fail, as a closed list of stable codes, and how the system's own errors
// become one of them. An HTTP status is not in here: it is an answer (explain.ts has the words for both).

import type { Outcome } from '@waxwing/protocol';
import { errors } from 'undici';
import { ResolveError } from './resolver.ts';

export type FailureCode =
  | 'dns_not_found'
  | 'dns_timeout'
  | 'dns_failed'
  | 'connect_refused'
  | 'connect_timeout'
  | 'network_unreachable'
  | 'connect_failed'
  | 'tls_expired'
  | 'tls_not_yet_valid'
  | 'tls_self_signed'
  | 'tls_wrong_host'
  | 'tls_untrusted'
  | 'tls_handshake'
  | 'reset_before_answer'
  | 'reset_during_answer'
  | 'bad_http'
  | 'header_too_large'
  | 'timeout'
  | 'blocked_private_address'
  | 'blocked_http'
  | 'blocked_scheme'
  | 'internal';

/** An attempt that got no answer. `message` is the cause's own words. */
export interface Failure {
  readonly code: FailureCode;
  readonly outcome: Outcome;
  readonly message: string;
}

/** How far an attempt had come: what a time-out interrupted. */
export type Stage = 'dns' | 'connect' | 'tls' | 'request' | 'answer' | 'body';

export function failure(code: FailureCode, message: string): Failure {
  return { code, outcome: outcomeOf(code), message };
}

function outcomeOf(code: FailureCode): Outcome {
  switch (code) {
    case 'dns_not_found':
    case 'dns_timeout':
    case 'dns_failed':
      return { kind: 'unreachable', reason: 'dns' };
    case 'connect_refused':
    case 'connect_timeout':
    case 'network_unreachable':
    case 'connect_failed':
      return { kind: 'unreachable', reason: 'connect' };
    case 'tls_expired':
    case 'tls_not_yet_valid':
    case 'tls_self_signed':
    case 'tls_wrong_host':
    case 'tls_untrusted':
    case 'tls_handshake':
      return { kind: 'unreachable', reason: 'tls' };
    case 'reset_before_answer':
    case 'reset_during_answer':
      return { kind: 'unreachable', reason: 'reset' };
    case 'bad_http':
    case 'header_too_large':
    case 'internal':
      return { kind: 'unreachable', reason: 'protocol' };
    case 'timeout':
      return { kind: 'timed_out' };
    case 'blocked_private_address':
    case 'blocked_http':
    case 'blocked_scheme':
      return { kind: 'blocked' };
    default:
      return code satisfies never;
  }
}

/** What was thrown, as words: an aggregate's first cause stands for it. */
function wordsOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  return { code: 'code' in error ? String(error.code) : '', message: error.message };
}

export function internalFailure(error: unknown): Failure {
  return failure('internal', wordsOf(error).message);
}

export function resolveFailure(error: unknown): Failure {
  return error instanceof ResolveError ? failure(error.code, error.message) : failure('dns_failed', wordsOf(error).message);
}

/** An error of a TCP connection that was never made. */
export function connectFailure(error: unknown): Failure {
  const { code, message } = wordsOf(error);
  switch (code) {
    case 'ECONNREFUSED':
      return failure('connect_refused', message);
    case 'ETIMEDOUT':
      return failure('connect_timeout', message);
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'ENETDOWN':
    case 'EHOSTDOWN':
    case 'EADDRNOTAVAIL':
      return failure('network_unreachable', message);
    default:
      return failure('connect_failed', message);
  }
}

/** An error of a TLS handshake. */
export function tlsFailure(error: unknown): Failure {
  const { code, message } = wordsOf(error);
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return failure('tls_expired', message);
    case 'CERT_NOT_YET_VALID':
      return failure('tls_not_yet_valid', message);
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return failure('tls_self_signed', message);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return failure('tls_wrong_host', message);
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_UNTRUSTED':
    case 'CERT_REVOKED':
    case 'CERT_REJECTED':
    case 'CERT_SIGNATURE_FAILURE':
    case 'INVALID_CA':
    case 'INVALID_PURPOSE':
    case 'PATH_LENGTH_EXCEEDED':
      return failure('tls_untrusted', message);
    default:
      return failure('tls_handshake', message);
  }
}

/** An error of a connection that was made, while the request was written or the answer read. */
export function exchangeFailure(error: unknown, stage: Stage, answerBegun: boolean): Failure {
  const { code, message } = wordsOf(error);
  const reset = answerBegun ? 'reset_during_answer' : 'reset_before_answer';
  // The parser's errors carry no code of their own in undici 8; an end in the midst of a chunk is told by its words.
  if (error instanceof errors.HTTPParserError) return failure(message.includes('EOF') ? 'reset_during_answer' : 'bad_http', message);
  switch (code) {
    case 'UND_ERR_HEADERS_OVERFLOW':
      return failure('header_too_large', message);
    case 'UND_ERR_SOCKET':
      // The client's words for bytes that are no answer to a request: one that came unasked, an upgrade that nobody wanted.
      return message === 'bad response' || message === 'bad upgrade' ? failure('bad_http', message) : failure(reset, message);
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      // Also the client's word for a length that it could not read.
      return stage === 'body' ? failure('reset_during_answer', message) : failure('bad_http', 'the answer’s Content-Length is none');
    case 'ERR_ASSERTION':
      return failure('bad_http', `the answer is not one that the HTTP client can follow: ${message}`);
    case 'ECONNRESET':
    case 'ECONNABORTED':
    case 'EPIPE':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return failure(reset, message);
    default:
      if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return failure('tls_handshake', message);
      return failure('internal', message);
  }
}
