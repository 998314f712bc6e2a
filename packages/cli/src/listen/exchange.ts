// The local exchange: a relayed message sent on to a local URL, byte for byte, and what came of it.
//
// Invariants:
//  1. Body and headers go out as they came, in their order; only Host, Connection and Content-Length are ours. What is added
//     by hand comes after them, and never in place of one.
//  2. Where no connection could be made nothing was sent on, and the message is to come again: an app that is being
//     restarted loses nothing. Everything after that is a real outcome.

import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

import type { RelayAnswer } from '@waxwing/client';
import type { RelayedMessage, RelayError } from '@waxwing/protocol';

import type { HeaderList } from './plan.ts';

export interface ExchangeOptions {
  readonly url: URL;
  readonly headers: HeaderList;
  /** Whether https certificates are checked; a local one is often self-signed. */
  readonly verifyTls: boolean;
  readonly signal: AbortSignal;
}

/** What came of it, or why nothing was sent on. */
export type LocalExchange =
  | { readonly kind: 'ended'; readonly answer: RelayAnswer; readonly text: string }
  | { readonly kind: 'away'; readonly reason: string };

/** What the server keeps of an answer. */
const KEPT_BYTES = 16_384;
const HEADERS_MAX = 100;
const OURS = new Set(['host', 'connection', 'content-length']);
/** No connection came to be: the app is not there, yet or any more. */
const AWAY = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENOENT']);

/** Rejects with the signal's reason when it was aborted. */
export async function exchangeLocally(message: RelayedMessage, options: ExchangeOptions): Promise<LocalExchange> {
  const startedMs = performance.now();
  const body = Buffer.from(message.body, 'base64');
  const ended = (rest: Pick<RelayAnswer, 'response' | 'error'>, text = ''): LocalExchange => {
    const durationMs = Math.round((performance.now() - startedMs) * 10) / 10;
    return { kind: 'ended', answer: { url: options.url.href, durationMs, ...rest }, text };
  };
  let phase: 'connect' | 'answer' | 'body' = 'connect';
  const late = AbortSignal.timeout(message.timeoutMs);
  try {
    const request = begin(message, body.length, options, AbortSignal.any([late, options.signal]));
    request.on('socket', (socket) => socket.once('connect', () => (phase = 'answer')));
    const answering = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', reject);
    });
    request.end(body);
    const response = await answering;
    phase = 'body';
    const kept: Buffer[] = [];
    let bodyBytes = 0;
    let keptBytes = 0;
    const chunks: AsyncIterable<Buffer> = response;
    for await (const bytes of chunks) {
      bodyBytes += bytes.length;
      if (keptBytes < KEPT_BYTES) kept.push(bytes.subarray(0, KEPT_BYTES - keptBytes));
      keptBytes = Math.min(KEPT_BYTES, keptBytes + bytes.length);
    }
    const answer = Buffer.concat(kept);
    return ended(
      { response: { status: response.statusCode ?? 0, headers: headersOf(response), body: answer.toString('base64'), bodyBytes } },
      answer.toString(),
    );
  } catch (error) {
    options.signal.throwIfAborted();
    if (late.aborted) return ended({ error: { code: 'timeout', message: `no answer within ${message.timeoutMs / 1000} s` } });
    const { code, text } = failureOf(error);
    // A test is one attempt, now or never.
    if (phase === 'connect' && AWAY.has(code) && message.cause !== 'test') return { kind: 'away', reason: text };
    return ended({ error: { code: relayErrorOf(code, phase), message: text.slice(0, 1_000) } });
  }
}

function begin(message: RelayedMessage, bytes: number, { url, headers, verifyTls }: ExchangeOptions, signal: AbortSignal): ClientRequest {
  const theirs = message.headers.filter(([name]) => !OURS.has(name.toLowerCase()));
  const taken = new Set([...OURS, ...theirs.map(([name]) => name.toLowerCase())]);
  const added = headers.filter(([name]) => !taken.has(name.toLowerCase()));
  const options: RequestOptions = {
    method: message.method,
    agent: false, // a connection of its own: none is found closed when the app was restarted
    signal,
    headers: [['Host', url.host], ['Connection', 'close'], ...theirs, ...added, ['Content-Length', String(bytes)]].flat(),
  };
  return url.protocol === 'https:' ? httpsRequest(url, { ...options, rejectUnauthorized: verifyTls }) : httpRequest(url, options);
}

function headersOf({ rawHeaders }: IncomingMessage): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < rawHeaders.length && found.length < HEADERS_MAX; at += 2) {
    found.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  }
  return found;
}

function failureOf(error: unknown): { readonly code: string; readonly text: string } {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : '';
  return { code, text: first instanceof Error && first.message !== '' ? first.message : code || String(error) };
}

function relayErrorOf(code: string, phase: 'connect' | 'answer' | 'body'): RelayError {
  if (code === 'ECONNREFUSED') return 'connect_refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns_not_found';
  if (code === 'ETIMEDOUT') return 'connect_timeout';
  if (code.startsWith('HPE_')) return 'bad_http';
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(code)) return 'tls_untrusted';
  if (phase === 'body') return 'reset_during_answer';
  return phase === 'answer' || code === 'ECONNRESET' ? 'reset_before_answer' : 'connect_failed';
}
