// The notice reader: the list of notices, and those whose email waits.

import type { NoticeRow } from '../rows.ts';
import type { NoticePage, NoticeQuery, StoreReader } from '../store.ts';
import { json } from '../columns.ts';
import { conditions, type Ask, type Condition } from './list-scan.ts';

export class NoticeReader implements Pick<StoreReader, 'notices' | 'mailsDue'> {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async notices({ tenant, kind, limit, before }: NoticeQuery): Promise<NoticePage> {
    const asked: Condition[] = [];
    if (tenant !== null) asked.push({ sql: 'tenant = ?', values: [tenant] });
    if (kind !== null) asked.push({ sql: 'kind = ?', values: [kind] });
    if (before !== null) asked.push({ sql: 'id < ?', values: [before] });
    const where = conditions(asked);
    const found = await this.#ask(
      { text: `SELECT "row" FROM waxwing.notices WHERE ${where.sql} ORDER BY id DESC LIMIT ${limit + 1}` },
      where.values,
    );
    const rows = found.slice(0, limit).map((row) => json<NoticeRow>(row, 'row'));
    return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
  }

  async mailsDue(limit: number): Promise<readonly NoticeRow[]> {
    const text = 'SELECT "row" FROM waxwing.notices WHERE mail_due_ms IS NOT NULL ORDER BY mail_due_ms, id LIMIT $1';
    return (await this.#ask({ text }, [limit])).map((row) => json<NoticeRow>(row, 'row'));
  }
}
