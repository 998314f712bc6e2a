// The model's reader for notices.

import type { NoticeRow } from './rows.ts';
import type { StoreReader } from './store.ts';
import type { ModelDisk } from './model-disk.ts';

export type NoticeReader = Pick<StoreReader, 'notices' | 'mailsDue'>;

export function modelNoticeReader(held: () => ModelDisk): NoticeReader {
  return {
    async notices({ tenant, kind, limit, before }) {
      const found = held()
        .notices.values()
        .filter(
          (row) =>
            (tenant === null || row.tenant === tenant) && (kind === null || row.kind === kind) && (before === null || row.id < before),
        )
        .toSorted((a, b) => (a.id < b.id ? 1 : -1));
      const rows = found.slice(0, limit);
      return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
    },
    async mailsDue(limit) {
      return held()
        .notices.values()
        .filter(mailWaits)
        .toSorted((a, b) => (a.mail?.dueMs ?? 0) - (b.mail?.dueMs ?? 0) || (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
  };
}

export function mailWaits(row: NoticeRow): boolean {
  return row.mail !== null && row.mail.dueMs !== null;
}
