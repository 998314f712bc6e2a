// What a receiver of ours noticed, in a line for a person.

import type { ReceiverNotice } from '@waxwing/receiver';

export function noticeText(notice: ReceiverNotice): string {
  if ('explanation' in notice) return notice.explanation;
  if ('faults' in notice) return notice.faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  return 'error' in notice ? String(notice.error) : notice.why;
}
