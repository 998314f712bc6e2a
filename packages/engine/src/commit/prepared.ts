// Prepared items: what was made of each when its batch was formed, the batch they make, and each one's answer from its result.

import { WaxwingError } from '@waxwing/protocol';
import { RunTooShort } from '../cluster/numbers.ts';
import type { Log } from '../ports.ts';
import type { Batch, BatchResult, Change, InsertGroup, Settle } from '../store/store.ts';
import { untold, type ChangeItem, type CommitItem, type GroupItem, type SettleItem, type Writes } from './items.ts';

const NOTHING: Writes = untold([]);

export type Prepared =
  | { readonly item: GroupItem; readonly group: InsertGroup }
  | { readonly item: SettleItem; readonly settle: Settle; readonly writes: Writes }
  | { readonly item: ChangeItem; readonly writes: Writes };

/** Prepares each; those that cannot be are failed and left out. Throws `RunTooShort`, with nobody told of anything. */
export function prepare(items: readonly CommitItem[], log: Log): Prepared[] {
  const prepared: Prepared[] = [];
  const refused: { readonly item: CommitItem; readonly error: WaxwingError }[] = [];
  for (const item of items) {
    try {
      switch (item.kind) {
        case 'group':
          prepared.push({ item, group: item.prepare() });
          break;
        case 'settle':
          prepared.push({ item, settle: item.settle, writes: attachedWrites(item, log) });
          break;
        case 'change':
          prepared.push({ item, writes: item.prepare() });
          break;
        default:
          item satisfies never;
      }
    } catch (error) {
      if (error instanceof RunTooShort) throw error;
      const why =
        error instanceof WaxwingError ? error : new WaxwingError('internal', 'The change could not be prepared.', { cause: error });
      refused.push({ item, error: why });
    }
  }
  for (const { item, error } of refused) item.failed(error);
  return prepared;
}

/** What a settle brings with it. A defect there does not cost the attempt's record. */
function attachedWrites({ change }: SettleItem, log: Log): Writes {
  try {
    return change === null ? NOTHING : change.prepare();
  } catch (error) {
    if (error instanceof RunTooShort) throw error;
    log.error('what an attempt means for its endpoint could not be prepared', { error: String(error) });
    return NOTHING;
  }
}

/** The batch that these make, in their order. */
export function batchOf(items: readonly Prepared[]): Batch {
  const groups: InsertGroup[] = [];
  const settles: Settle[] = [];
  const changes: Change[] = [];
  for (const entry of items) {
    if ('settle' in entry) settles.push(entry.settle);
    const { group } = 'writes' in entry ? entry.writes : entry;
    if (group !== null) groups.push(group);
    if ('writes' in entry) changes.push(...entry.writes.changes);
  }
  return { groups, settles, changes };
}

/** Tells each item what became of it, in the batch's order. */
export function answer(items: readonly Prepared[], result: BatchResult, log: Log): void {
  let group = 0;
  let change = 0;
  for (const entry of items) {
    try {
      if ('group' in entry) {
        const groupResult = result.groups[group++];
        if (groupResult !== undefined) entry.item.done(groupResult);
        continue;
      }
      const { writes } = entry;
      const groupResult = writes.group === null ? null : (result.groups[group++] ?? null);
      const touched = result.changes.slice(change, (change += writes.changes.length));
      if ('settle' in entry) {
        entry.item.done();
        entry.item.change?.done(touched);
      } else {
        entry.item.done(touched);
      }
      writes.written(groupResult);
    } catch (error) {
      log.error('an answer after a commit failed', { error: String(error), kind: entry.item.kind }); // a defect; its neighbours go on
    }
  }
}
