// Relay reports: what a listener says of one attempt, as the engine takes it from every sender.

import type { Profile, RelayResult } from '@waxwing/protocol';
import { parseRetryAfter } from '@waxwing/protocol';
import { Answer } from './answer.ts';
import { explainFailure, explainStatus, type Circumstances, type Explained } from './explain.ts';
import { failure } from './failure.ts';
import type { RecordedHeader } from './message.ts';
import type { AttemptRecord, AttemptReport, SendOrder } from './order.ts';
import { RELAY_URL } from './relay-url.ts';

/** A result that says how an attempt ended. */
export type RelayEnd = RelayResult &
  ({ readonly response: NonNullable<RelayResult['response']> } | { readonly error: NonNullable<RelayResult['error']> });

/** What was handed over of an order. */
export interface Handed {
  readonly order: SendOrder;
  readonly startedMs: number;
  readonly headers: readonly RecordedHeader[];
  readonly bodyBytes: number;
}

export function isEnd(result: RelayResult): result is RelayEnd {
  return result.response !== undefined || result.error !== undefined;
}

/** Bytes beyond what is kept are read by nobody. */
export function relayReport(
  { order, startedMs, headers, bodyBytes }: Handed,
  result: RelayEnd,
  definition: Profile['definition'] | null,
): AttemptReport {
  const totalMs = Math.max(0, result.durationMs ?? 0);
  const url = result.url ?? RELAY_URL;
  const at: Circumstances = { definition, host: hostOf(url), timeoutMs: order.target.timeoutMs, bodyBytes };
  const ended = { delivery: order.delivery, startedMs, durationMs: Math.round(totalMs) };
  const record = { url, requestHeaders: headers, address: null, dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs };
  if (result.response === undefined) {
    const failed = failure(result.error?.code ?? 'connect_failed', result.error?.message ?? '');
    const error = explainFailure(failed, 'answer', false, at);
    return {
      ...ended,
      outcome: failed.outcome,
      retryAfterMs: null,
      error: error.words,
      record: recordText({ ...record, response: null, error }),
    };
  }
  const { status } = result.response;
  const answer = answerOf(result.response);
  const error = answer.success ? null : explainStatus(status, answer.header('location'), at);
  const retryAfter = answer.header('retry-after');
  return {
    ...ended,
    outcome: { kind: answer.success ? 'delivered' : 'refused', status },
    retryAfterMs: retryAfter === null || answer.success ? null : parseRetryAfter(retryAfter, startedMs + totalMs),
    error: error?.words ?? null,
    record: recordText({ ...record, response: keptOf(answer, result.response), error }),
  };
}

function answerOf({ status, headers, body }: NonNullable<RelayResult['response']>): Answer {
  const answer = new Answer(status, headers.flat());
  answer.add(Buffer.from(body, 'base64'));
  answer.end();
  return answer;
}

function keptOf(answer: Answer, { bodyBytes = 0 }: NonNullable<RelayResult['response']>): NonNullable<AttemptRecord['response']> {
  const kept = answer.kept();
  return bodyBytes > kept.bodyBytes ? { ...kept, bodyBytes, bodyTruncated: true } : kept;
}

function recordText(record: Omit<AttemptRecord, 'error'> & { readonly error: Explained | null }): string {
  const { error } = record;
  const kept: AttemptRecord = {
    ...record,
    error: error === null ? null : { code: error.code, message: error.message, explanation: error.explanation },
  };
  return JSON.stringify(kept);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
