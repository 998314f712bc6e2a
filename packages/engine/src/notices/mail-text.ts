// The text of an email: what happened, to which endpoint, the last errors in plain words, what to do, and a link.

import type { AttemptRecord } from '../send/order.ts';
import type { AttemptRow, NoticeRow } from '../store/rows.ts';

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** Attempts quoted, latest last. */
const ATTEMPTS_QUOTED = 5;

/** @param publicUrl where people reach this deployment; null where nobody said */
export function mailText(notice: NoticeRow, attempts: readonly AttemptRow[], publicUrl: string | null): MailText {
  const { data } = notice;
  const name = oneLine(data['endpointName'] ?? notice.endpoint ?? '');
  const disabled = notice.kind === 'endpoint.disabled';
  const lines = [
    disabled ? 'Waxwing has disabled a webhook endpoint.' : 'A webhook endpoint is failing.',
    '',
    `Endpoint:  ${name} (${notice.endpoint ?? ''})`,
    `URL:       ${oneLine(data['endpointUrl'] ?? '')}`,
    `Tenant:    ${notice.tenant}`,
    `When:      ${readable(notice.createdMs)}`,
    `Why:       ${oneLine(data['reason'] ?? '')}`,
    '',
    ...errorLines(notice, attempts),
    ...(disabled
      ? [
          'New events are recorded as skipped, and what was waiting is held, until somebody enables the endpoint',
          'again. What was skipped can be replayed then.',
        ]
      : ['Events go on being delivered to it. You will hear of it again only after something has succeeded, or when it is disabled.']),
    '',
    ...linkLines(notice, publicUrl),
  ];
  return { subject: `${disabled ? 'Disabled' : 'Failing'}: webhook endpoint ${name}`, text: `${lines.join('\n')}\n` };
}

function errorLines(notice: NoticeRow, attempts: readonly AttemptRow[]): readonly string[] {
  const failed = attempts.filter(({ outcome }) => outcome !== 'delivered').slice(-ATTEMPTS_QUOTED);
  const about = `event ${oneLine(notice.data['event'] ?? '')} (${oneLine(notice.data['eventType'] ?? '')})`;
  if (failed.length === 0) {
    const last = notice.data['lastError'] ?? null;
    return last === null ? [] : [`The last error, of ${about}:`, '', `  ${oneLine(last)}`, ''];
  }
  const shown = failed.map((attempt) => `  attempt ${attempt.number}, ${readable(attempt.startedMs)}: ${explained(attempt)}`);
  return [`The last errors, of ${about}:`, '', ...shown, ''];
}

function explained(attempt: AttemptRow): string {
  const record: AttemptRecord = JSON.parse(attempt.record);
  return oneLine(record.error?.explanation ?? (attempt.status === null ? attempt.outcome : `answered ${attempt.status}`));
}

function linkLines({ endpoint }: NoticeRow, publicUrl: string | null): readonly string[] {
  if (endpoint === null) return [];
  if (publicUrl === null) return [`More about it: waxwing deliveries list --endpoint ${endpoint}`];
  return ['More about it:', `  ${publicUrl}/v1/lookup/${endpoint}`];
}

function readable(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Names and errors come from others: no line of theirs begins a line of ours. */
function oneLine(value: string | number): string {
  return String(value)
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}
