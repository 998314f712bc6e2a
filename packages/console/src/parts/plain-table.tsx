// A short table: all its rows at once, scrolled sideways where it is too narrow. Long lists take design/table.tsx.

import type { ReactNode } from 'react';
import { classNames } from '../design/class-names.ts';
import { Failure, Loading } from '../design/states.tsx';
import styles from './plain-table.module.css';

export interface PlainColumn<Row> {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'end';
}

export interface PlainTableProps<Row> {
  readonly label: string;
  readonly columns: readonly PlainColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly empty: ReactNode;
  readonly isLoading?: boolean;
  readonly error?: unknown;
  readonly onRetry?: () => void;
}

export function PlainTable<Row>({
  label,
  columns,
  rows,
  keyOf,
  empty,
  isLoading = false,
  error,
  onRetry,
}: PlainTableProps<Row>): ReactNode {
  if (isLoading)
    return (
      <div className={styles.padded}>
        <Loading />
      </div>
    );
  if (error !== undefined && error !== null && rows.length === 0)
    return <Failure error={error} {...(onRetry === undefined ? {} : { onRetry })} />;
  if (rows.length === 0) return empty;
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={classNames(column.align === 'end' && styles.end)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.id} className={classNames(column.align === 'end' && styles.end)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
