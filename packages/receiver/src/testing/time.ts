// Writing times as senders do.

import type { TimeForm } from '../scheme.ts';

export function formatTime(ms: number, form: TimeForm): string {
  switch (form) {
    case 'seconds':
      return String(Math.floor(ms / 1000));
    case 'milliseconds':
      return String(Math.floor(ms));
    case 'iso':
      return new Date(ms).toISOString();
    default:
      return form satisfies never;
  }
}
