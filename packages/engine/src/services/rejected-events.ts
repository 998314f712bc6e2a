// Rejected events: what was published within database transactions and could not be accepted.

import { ERRORS, type ErrorCode, type Page, type RejectedEvent } from '@waxwing/protocol';
import type { ListOptions } from '../engine.ts';
import type { RejectedEventRow } from '../store/store.ts';
import type { ServiceContext } from './context.ts';
import { pageLimit, readSeqCursor, writeCursor } from './paging.ts';
import { iso } from './present.ts';
import { find as findTenant } from './tenants.ts';

/** Of all tenants when null, also of those that do not exist. Empty where the store has no outbox. */
export async function rejectedEvents(
  context: ServiceContext,
  tenant: string | null,
  options: ListOptions = {},
): Promise<Page<RejectedEvent>> {
  if (tenant !== null) findTenant(context, tenant);
  const { outbox } = context.store;
  const query = { tenant, limit: pageLimit(options), before: readSeqCursor('rejected-events', options.cursor) };
  const page = outbox === undefined ? { rows: [], next: null } : await outbox.rejected(query);
  return { data: page.rows.map(present), nextCursor: page.next === null ? null : writeCursor('rejected-events', page.next) };
}

function present({ seq, rejectedMs, code, ...event }: RejectedEventRow): RejectedEvent {
  return { ...event, no: seq, code: isErrorCode(code) ? code : 'internal', rejectedAt: iso(rejectedMs) };
}

function isErrorCode(code: string): code is ErrorCode {
  return code in ERRORS;
}
