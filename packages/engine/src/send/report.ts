// Reports: what the engine learns of an attempt, and the record of it that is kept.

import type { Outcome, ProfileDefinition } from '@waxwing/protocol';
import { parseRetryAfter } from '@waxwing/protocol';
import { echoHider, withoutEchoes } from './echoes.ts';
import type { Exchange } from './exchange.ts';
import { explainFailure, explainStatus } from './explain.ts';
import type { Circumstances, Explained } from './explain.ts';
import type { Failure } from './failure.ts';
import type { RecordedHeader } from './message.ts';
import type { AttemptRecord, AttemptReport, SendOrder } from './order.ts';

/** The report of an exchange that has settled. Its record shows the headers that were to be sent also where none left the sender. */
export function exchangeReport(
  order: SendOrder,
  exchange: Exchange,
  startedMs: number,
  definition: ProfileDefinition | null,
): AttemptReport {
  const { answer, failed } = exchange;
  let outcome: Outcome;
  let error: Explained | null = null;
  let retryAfterMs: number | null = null;
  const hide = echoHider(order.target.headers);
  if (failed !== null) {
    outcome = failed.outcome;
    error = explainFailure(failed, exchange.stage, exchange.reused, circumstances(order, exchange, definition));
  } else if (answer === null) {
    throw new Error('an exchange settled with neither an answer nor a failure');
  } else if (answer.success) {
    outcome = { kind: 'delivered', status: answer.status };
  } else {
    outcome = { kind: 'refused', status: answer.status };
    const location = answer.header('location');
    error = explainStatus(
      answer.status,
      location === null || hide === null ? location : hide(location),
      circumstances(order, exchange, definition),
    );
    const retryAfter = answer.header('retry-after');
    if (retryAfter !== null) retryAfterMs = parseRetryAfter(retryAfter, startedMs + exchange.totalMs);
  }
  const record: AttemptRecord = {
    url: order.target.url,
    requestHeaders: exchange.message.recorded,
    response: answer === null || hide === null ? (answer?.kept() ?? null) : withoutEchoes(answer.kept(), hide),
    address: exchange.address,
    dnsMs: hundredths(exchange.dnsMs),
    connectMs: hundredths(exchange.connectMs),
    tlsMs: hundredths(exchange.tlsMs),
    firstByteMs: hundredths(exchange.firstByteMs),
    totalMs: hundredths(exchange.totalMs),
    error: error === null ? null : { code: error.code, message: error.message, explanation: error.explanation },
  };
  return {
    delivery: order.delivery,
    startedMs,
    durationMs: Math.round(exchange.totalMs),
    outcome,
    retryAfterMs,
    error: error === null ? null : error.words,
    record: JSON.stringify(record),
  };
}

/** The report of an attempt that failed before it reached the wire: blocked, or an error of the sender's own. */
export function unsentReport(order: SendOrder, failed: Failure, startedMs: number, headers: readonly RecordedHeader[] = []): AttemptReport {
  const error = explainFailure(failed, 'answer', false, { definition: null, host: '', timeoutMs: order.target.timeoutMs, bodyBytes: 0 });
  const record: AttemptRecord = {
    url: order.target.url,
    requestHeaders: headers,
    response: null,
    address: null,
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    firstByteMs: null,
    totalMs: 0,
    error: { code: error.code, message: error.message, explanation: error.explanation },
  };
  return {
    delivery: order.delivery,
    startedMs,
    durationMs: 0,
    outcome: failed.outcome,
    retryAfterMs: null,
    error: error.words,
    record: JSON.stringify(record),
  };
}

function circumstances(order: SendOrder, exchange: Exchange, definition: ProfileDefinition | null): Circumstances {
  return { definition, host: exchange.target.host, timeoutMs: order.target.timeoutMs, bodyBytes: exchange.message.body.length };
}

function hundredths(ms: number): number;
function hundredths(ms: number | null): number | null;
function hundredths(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 100) / 100;
}
