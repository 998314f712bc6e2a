// The notice reader: the list of notices, and those whose email waits, on the reader's connection.

import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { NoticeRow } from '../rows.ts';
import type { NoticePage, NoticeQuery } from '../store.ts';
import { json } from '../columns.ts';

export class NoticeReader {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  notices({ tenant, kind, limit, before }: NoticeQuery): NoticePage {
    const conditions = ['TRUE'];
    const values: SQLInputValue[] = [];
    const add = (condition: string, value: SQLInputValue): void => {
      conditions.push(condition);
      values.push(value);
    };
    if (tenant !== null) add('tenant = ?', tenant);
    if (kind !== null) add('kind = ?', kind);
    if (before !== null) add('id < ?', before);
    const found = this.#rows(`SELECT row FROM notices WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`, ...values, limit + 1);
    const rows = found.slice(0, limit);
    return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
  }

  mailsDue(limit: number): readonly NoticeRow[] {
    return this.#rows(
      'SELECT row FROM notices INDEXED BY notices_to_mail WHERE mail_due_ms IS NOT NULL ORDER BY mail_due_ms, id LIMIT ?',
      limit,
    );
  }

  #rows(sql: string, ...values: readonly SQLInputValue[]): readonly NoticeRow[] {
    return this.#db
      .prepare(sql)
      .all(...values)
      .map((row) => json<NoticeRow>(row, 'row'));
  }
}
