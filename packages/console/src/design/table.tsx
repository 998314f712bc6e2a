// A table of any length: only the rows in view are in the page, so a hundred thousand scroll as ten do.
//
// It scrolls in itself and fills the height it is given. Each row has one link, in its first column: that is what Enter
// opens, what `j` and `k` move between, and where the row's other places lead when clicked. Columns leave from the right
// as it gets narrow, by their `from` width. More rows are asked for before the end is reached.

import { Link } from '@tanstack/react-router';
import type { LinkProps } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { CSSProperties, ReactNode } from 'react';
import { useMoves } from './moves.ts';
import { Failure, Skeleton } from './states.tsx';
import styles from './table.module.css';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** A CSS grid track: `minmax(160px, 2fr)`, `90px`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  /** Shown only where the table is at least this wide, in pixels. */
  readonly from?: number;
  readonly align?: 'end';
}

export interface TableProps<Row> {
  /** Names the table for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Where a row leads. */
  readonly linkOf: (row: Row) => Pick<LinkProps, 'to' | 'params' | 'search'>;
  /** Shown in place of rows when there are none. */
  readonly empty: ReactNode;
  readonly isLoading?: boolean;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  /** There are more: asked for as the end comes near. */
  readonly onMore?: (() => void) | undefined;
  readonly isLoadingMore?: boolean;
  /** Told of the row that `j`, `k` or a click made current. */
  readonly onCurrent?: (row: Row | null) => void;
  /** Grows with its rows up to this height in place of filling the page. */
  readonly maxHeight?: number;
}

const ROW_PX = 44;
const AHEAD_ROWS = 20;
const SKELETON_ROWS = 12;

export function Table<Row>(props: TableProps<Row>): ReactNode {
  const { label, rows, keyOf, linkOf, isLoading = false, error, onMore, isLoadingMore = false, onCurrent, maxHeight } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const columns = useMemo(
    () => props.columns.filter((column) => column.from === undefined || width === 0 || width >= column.from),
    [props.columns, width],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onMore !== undefined && !isLoadingMore && rows.length > 0 && last >= rows.length - AHEAD_ROWS) onMore();
  }, [onMore, isLoadingMore, last, rows.length]);

  const current = useMoves({
    count: rows.length,
    show: (index) => virtual.scrollToIndex(index),
    scroller,
    onCurrent: (index) => onCurrent?.(index === null ? null : (rows[index] ?? null)),
  });

  const tracks: CSSProperties = { gridTemplateColumns: columns.map((column) => column.width).join(' ') };
  const body = isLoading ? (
    <SkeletonRows tracks={tracks} columns={columns.length} />
  ) : error !== undefined && error !== null && rows.length === 0 ? (
    <Notice columns={columns.length}>
      <Failure error={error} {...(props.onRetry === undefined ? {} : { onRetry: props.onRetry })} />
    </Notice>
  ) : rows.length === 0 ? (
    <Notice columns={columns.length}>{props.empty}</Notice>
  ) : (
    <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
      {items.map((item) => {
        const row = rows[item.index];
        if (row === undefined) return null;
        return (
          <div
            key={item.key}
            role="row"
            aria-rowindex={item.index + 2}
            data-index={item.index}
            data-current={current === item.index ? '' : undefined}
            className={styles.row}
            style={{ ...tracks, transform: `translateY(${item.index * ROW_PX}px)` }}
          >
            {columns.map((column, place) => (
              <div key={column.id} role="cell" className={styles.cell} data-align={column.align}>
                {place === 0 ? (
                  <Link {...linkOf(row)} className={styles.link ?? ''}>
                    {column.cell(row)}
                  </Link>
                ) : (
                  column.cell(row)
                )}
              </div>
            ))}
          </div>
        );
      })}
    </div>
  );

  return (
    <div
      ref={scroller}
      role="table"
      aria-label={label}
      aria-rowcount={onMore === undefined ? rows.length + 1 : -1}
      aria-busy={isLoading}
      className={styles.table}
      style={maxHeight === undefined ? undefined : { maxHeight, flex: 'none' }}
      tabIndex={rows.length === 0 ? 0 : -1}
    >
      <div role="rowgroup" className={styles.headGroup}>
        <div role="row" aria-rowindex={1} className={styles.head} style={tracks}>
          {columns.map((column) => (
            <div key={column.id} role="columnheader" className={styles.headCell} data-align={column.align}>
              {column.title}
            </div>
          ))}
        </div>
      </div>
      {body}
    </div>
  );
}

function SkeletonRows({ tracks, columns }: { readonly tracks: CSSProperties; readonly columns: number }): ReactNode {
  return Array.from({ length: SKELETON_ROWS }, (_, row) => (
    <div key={row} role="row" aria-hidden="true" className={styles.skeletonRow} style={tracks}>
      {Array.from({ length: columns }, (__, column) => (
        <div key={column} role="cell" className={styles.cell}>
          <Skeleton width={column === 0 ? 9 + ((row * 5) % 6) : 5} />
        </div>
      ))}
    </div>
  ));
}

function Notice({ columns, children }: { readonly columns: number; readonly children: ReactNode }): ReactNode {
  return (
    <div role="rowgroup">
      <div role="row">
        <div role="cell" aria-colspan={columns}>
          {children}
        </div>
      </div>
    </div>
  );
}

/** An element's width in pixels, kept true; 0 before it is known. */
function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
