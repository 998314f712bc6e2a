// What waits for the committer. Each kind prepares itself when its batch is formed, against the configuration as it was
// last committed, so that what is matched and what is changed can never pass each other.

import type { WaxwingError } from '@waxwing/protocol';
import type { Change, GroupResult, InsertGroup, Settle } from '../store/store.ts';

/** Events with their deliveries: a publish, a batch of them, a retry, a chunk of a wide fan-out. */
export interface GroupItem {
  readonly kind: 'group';
  /** Whose turn it takes. */
  readonly tenant: string;
  /** About how many rows and bytes it brings. */
  readonly rows: number;
  readonly bytes: number;
  /** Called once a try. A WaxwingError thrown here fails the item alone. */
  prepare(): InsertGroup;
  done(result: GroupResult): void;
  failed(error: WaxwingError): void;
}

/** What a change writes, in one transaction. */
export interface Writes {
  readonly changes: readonly Change[];
  /** Events that tell of it. */
  readonly group: InsertGroup | null;
  /** Called when durable, after the item's own `done`. */
  readonly written: (group: GroupResult | null) => void;
}

/** A change that comes with an attempt's end: both are written, or neither is. */
export interface AttachedChange {
  /** As a ChangeItem's. */
  readonly key: string;
  /** Called once a try. */
  prepare(): Writes;
  done(touched: readonly number[]): void;
}

/** An attempt's end or a person's hand on a delivery. Never given up: kept and tried again while the store is away. */
export interface SettleItem {
  readonly kind: 'settle';
  readonly bytes: number;
  readonly settle: Settle;
  /** What the attempt means for its endpoint. */
  readonly change: AttachedChange | null;
  done(): void;
  /** The row itself cannot be written. */
  failed(error: WaxwingError): void;
}

/** A change of configuration. */
export interface ChangeItem {
  readonly kind: 'change';
  /** Two changes with the same key never share a batch: the second is prepared after the first is committed. */
  readonly key: string;
  prepare(): Writes;
  done(touched: readonly number[]): void;
  failed(error: WaxwingError): void;
}

/** Changes that nothing tells of. */
export function untold(changes: readonly Change[]): Writes {
  return { changes, group: null, written: () => {} };
}

export type CommitItem = GroupItem | SettleItem | ChangeItem;

/** What a change needs in numbers of rows, mostly: an endpoint, or an event that tells of it and its deliveries. */
const CHANGE_ROWS = 4;

/** About how many numbered rows it makes. */
export function rowsOf(item: CommitItem): number {
  switch (item.kind) {
    case 'group':
      return item.rows;
    case 'change':
      return CHANGE_ROWS;
    case 'settle':
      return item.change === null ? 0 : CHANGE_ROWS;
    default:
      return item satisfies never;
  }
}
