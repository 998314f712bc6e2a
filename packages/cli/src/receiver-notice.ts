// What a receiver of ours noticed, in a line for a person.

import type { ReceiverNotice } from '@waxwing/receiver';

export function noticeText(notice: ReceiverNotice): string {
  if ('explanation' in notice) return notice.explanation;
  return 'error' in notice ? String(notice.error) : notice.why;
}
