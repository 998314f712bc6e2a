// Deliveries and attempts as a person reads them: a row in a table, or the whole story of one.

import type { Attempt, AttemptTimings, DeliveryDetail, DeliveryState, DeliverySummary, OutcomeKind } from '@waxwing/protocol';

import type { Column } from './listing.ts';
import { bold, dim, green, printable, red, yellow } from './terminal.ts';

export function deliveryColumns(without: readonly string[] = []): Column<DeliverySummary>[] {
  const columns: Column<DeliverySummary>[] = [
    { heading: 'ID', cell: (delivery) => delivery.id },
    { heading: 'TYPE', cell: (delivery) => delivery.eventType },
    { heading: 'EVENT', cell: (delivery) => delivery.event },
    { heading: 'ENDPOINT', cell: (delivery) => delivery.endpoint },
    { heading: 'STATE', cell: (delivery) => stateText(delivery.state) },
    { heading: 'ATTEMPTS', cell: (delivery) => String(delivery.attempts) },
    { heading: 'LAST', cell: (delivery) => delivery.outcome ?? '–' },
    { heading: 'NEXT', cell: (delivery) => delivery.nextAttemptAt ?? '–' },
  ];
  return columns.filter((column) => !without.includes(column.heading));
}

export function stateText(state: DeliveryState): string {
  switch (state) {
    case 'delivered':
      return green(state);
    case 'failed':
      return red(state);
    case 'pending':
      return yellow(state);
    case 'cancelled':
    case 'skipped':
      return dim(state);
    default:
      return state satisfies never;
  }
}

/** One delivery with every attempt: what was sent, what came back, what it means, what comes next. */
export function deliveryLines(delivery: DeliveryDetail): string[] {
  return [
    `${bold(delivery.id)}  ${stateText(delivery.state)}${delivery.stateReason === null ? '' : `  ${delivery.stateReason}`}`,
    dim(
      `event ${delivery.event} (${delivery.eventType}) to ${delivery.endpoint}, because of ${causeText(delivery)}, since ${delivery.createdAt}`,
    ),
    ...delivery.attemptLog.flatMap((attempt) => ['', ...attemptLines(attempt)]),
    '',
    endingText(delivery),
  ];
}

function causeText(delivery: DeliverySummary): string {
  return delivery.origin === null ? delivery.cause : `${delivery.cause} of ${delivery.origin}`;
}

function endingText(delivery: DeliveryDetail): string {
  if (delivery.nextAttemptAt !== null) return `Next attempt at ${delivery.nextAttemptAt}.`;
  if (delivery.finishedAt !== null) return `Finished at ${delivery.finishedAt}.`;
  return 'Held: its endpoint is paused or disabled.';
}

function attemptLines(attempt: Attempt): string[] {
  const status = attempt.response === null ? '' : `  HTTP ${attempt.response.status}`;
  const lines = [
    `${bold(`Attempt ${attempt.number}`)}  ${outcomeText(attempt.outcome)}${status}  ${dim(attempt.startedAt)}`,
    dim(`  ${timingText(attempt.timings)}${attempt.address === null ? '' : `, to ${attempt.address}`}`),
  ];
  if (attempt.error !== null) {
    lines.push(`  ${red(printable(attempt.error.message))} (${attempt.error.code})`);
    if (attempt.error.explanation !== '') lines.push(`  ${printable(attempt.error.explanation)}`);
  }
  lines.push(
    `  → ${attempt.request.method} ${attempt.request.url}`,
    ...headerLines(attempt.request.headers),
    ...bodyLines(attempt.request.body),
  );
  const { response } = attempt;
  if (response !== null) {
    lines.push(`  ← HTTP ${response.status}`, ...headerLines(response.headers), ...bodyLines(response.body));
    if (response.bodyTruncated) lines.push(dim(`    (the first part of ${response.bodyBytes} bytes)`));
    if (response.bodyEncoding === 'base64') lines.push(dim('    (not text: shown as base64)'));
  }
  return lines;
}

function outcomeText(outcome: OutcomeKind): string {
  return outcome === 'delivered' ? green(outcome) : red(outcome);
}

function timingText(timings: AttemptTimings): string {
  const stages: readonly (readonly [string, number | null])[] = [
    ['dns', timings.dnsMs],
    ['connect', timings.connectMs],
    ['tls', timings.tlsMs],
    ['first byte', timings.firstByteMs],
  ];
  const parts = stages.flatMap(([stage, ms]) => (ms === null ? [] : [`${stage} ${ms} ms`]));
  return [`${timings.totalMs} ms`, ...parts].join(', ');
}

function headerLines(headers: readonly (readonly [string, string])[]): string[] {
  return headers.map(([name, value]) => dim(`    ${name}: ${printable(value)}`));
}

function bodyLines(body: string): string[] {
  return body === ''
    ? []
    : printable(body)
        .split('\n')
        .map((line) => `    ${line}`);
}
