// Notices: what Waxwing has told, and what became of each email. For operators.

import { isMintedId, WaxwingError, type Notice, type NoticeEmail, type NoticeId } from '@waxwing/protocol';
import type { Engine } from '../engine.ts';
import type { Postman } from '../notices/postman.ts';
import type { NoticeRow } from '../store/rows.ts';
import type { ServiceContext } from './context.ts';
import { pageLimit, readCursor, writeCursor } from './paging.ts';
import { iso, isoOrNull } from './present.ts';
import { find as findTenant } from './tenants.ts';

export function noticeService(context: ServiceContext, postman: Postman): Engine['notices'] {
  return {
    async list(filter = {}) {
      if (filter.tenant !== undefined) findTenant(context, filter.tenant);
      const before = beforeOf(readCursor('notices', filter.cursor));
      const page = await context.store.read.notices({
        tenant: filter.tenant ?? null,
        kind: filter.kind ?? null,
        limit: pageLimit(filter),
        before,
      });
      const data = page.rows.map((row) => present(row, postman.isSet));
      return { data, nextCursor: page.next === null ? null : writeCursor('notices', page.next) };
    },
  };
}

function beforeOf(position: string | null): NoticeId | null {
  if (position === null || isMintedId(position, 'ntc')) return position;
  throw new WaxwingError('invalid_cursor', 'The cursor is not one that this list gave. Start again without it.', {
    fields: [{ path: 'query/cursor', message: 'not a cursor of this list' }],
  });
}

function present(row: NoticeRow, isMailSet: boolean): Notice {
  const recipients = row.mail?.recipients ?? [];
  return {
    id: row.id,
    kind: row.kind,
    tenant: row.tenant,
    endpoint: row.endpoint,
    createdAt: iso(row.createdMs),
    event: row.eventId,
    data: row.data,
    email: emailOf(row, isMailSet),
    emailTo: recipients.map(({ address }) => address),
    emailError: recipients.findLast(({ error }) => error !== null)?.error ?? null,
    emailNextAt: isMailSet ? isoOrNull(row.mail?.dueMs ?? null) : null,
  };
}

function emailOf({ mail }: NoticeRow, isMailSet: boolean): NoticeEmail {
  if (mail === null) return 'none';
  if (mail.dueMs !== null) return isMailSet ? 'pending' : 'unsent';
  return mail.recipients.some(({ state }) => state === 'sent') ? 'sent' : 'unsent';
}
