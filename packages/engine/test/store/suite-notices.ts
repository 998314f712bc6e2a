// What every store must do with notices: keep them with the change that they tell of, list them, and find what is open or to be mailed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NoticeMail, NoticeRow } from '../../src/store/rows.ts';
import { batchOf, endpointId, endpointRow, eventRow, publish, T0 } from './sample-rows.ts';
import { rejectsWith, reopened, type Suite } from './suite.ts';

function noticeRow(n: number, over: Partial<NoticeRow> = {}): NoticeRow {
  return {
    id: `ntc_${String(n).padStart(26, '0')}`,
    kind: 'endpoint.failing',
    tenant: 'acme',
    endpointSeq: 1,
    endpoint: endpointId(1),
    data: { tenant: 'acme', reason: 'é \u0000', count: n, nothing: null },
    eventId: `evt_${n}`,
    deliverySeq: n,
    openUntilMs: null,
    mail: null,
    createdMs: T0 + n,
    ...over,
  };
}

function mailDue(dueMs: number | null): NoticeMail {
  return { recipients: [{ address: 'a@acme.example', state: dueMs === null ? 'sent' : 'waiting', error: null }], attempts: 1, dueMs };
}

const put = (...notices: readonly NoticeRow[]): Parameters<typeof batchOf>[1] => ({
  changes: notices.map((notice) => ({ kind: 'putNotice', notice })),
});

const all = { tenant: null, kind: null, limit: 50, before: null };

export function noticeSuite(suite: Suite): void {
  const { fresh, furnished } = suite;
  describe('a notice', () => {
    test('is kept whole, replaced by one of the same id, and listed newest first in pages, by tenant and kind', async () => {
      const { store } = await fresh();
      const rows = [
        noticeRow(1),
        noticeRow(2, { tenant: 'other', mail: mailDue(T0) }),
        noticeRow(3, { kind: 'replay.completed', endpointSeq: null, endpoint: null }),
        noticeRow(4),
      ];
      await store.commit(batchOf([], put(noticeRow(1, { eventId: null }), ...rows)));
      assert.deepEqual(await store.read.notices(all), { rows: rows.toReversed(), next: null });
      assert.deepEqual(await store.read.notices({ ...all, limit: 3 }), { rows: rows.toReversed().slice(0, 3), next: rows[1]?.id });
      assert.deepEqual(await store.read.notices({ ...all, limit: 3, before: rows[1]?.id ?? null }), { rows: rows.slice(0, 1), next: null });
      assert.deepEqual(await store.read.notices({ ...all, tenant: 'acme', kind: 'endpoint.failing' }), {
        rows: [rows[3], rows[0]],
        next: null,
      });
    });

    test('stands or falls with the event and the status that it belongs to', async () => {
      const store = await furnished();
      const endpoint = endpointRow(1, { status: 'failing' });
      const change = (notice: NoticeRow): Parameters<typeof batchOf>[1] => ({
        changes: [
          { kind: 'putEndpoint', endpoint },
          { kind: 'putNotice', notice },
        ],
      });
      await rejectsWith('row', store.commit(batchOf([publish(eventRow(1)), publish(eventRow(1))], change(noticeRow(1)))));
      const before = await reopened(store);
      assert.deepEqual([before.endpoints[0]?.status, await store.read.notices(all)], ['active', { rows: [], next: null }]);
      await store.commit(batchOf([publish(eventRow(1))], change(noticeRow(1))));
      const after = await reopened(store);
      assert.deepEqual([after.endpoints[0]?.status, (await store.read.notices(all)).rows], ['failing', [noticeRow(1)]]);
    });

    test('that is open is found at opening, and how many have an email that waits', async () => {
      const { store } = await fresh();
      const open = noticeRow(2, { openUntilMs: T0 + 9, eventId: null });
      await store.commit(
        batchOf(
          [],
          put(noticeRow(1, { mail: mailDue(T0) }), open, noticeRow(3, { openUntilMs: T0 }), noticeRow(4, { mail: mailDue(null) })),
        ),
      );
      await store.commit(batchOf([], put(noticeRow(3))));
      assert.deepEqual((await reopened(store)).notices, { open: [open], mailsWaiting: 1 });
    });

    test('whose email waits is found by when it is due, nearest first, until none waits', async () => {
      const { store } = await fresh();
      const rows = [
        noticeRow(1, { mail: mailDue(T0 + 30) }),
        noticeRow(2),
        noticeRow(3, { mail: mailDue(T0 + 10) }),
        noticeRow(4, { mail: mailDue(T0 + 20) }),
      ];
      await store.commit(batchOf([], put(...rows)));
      assert.deepEqual(await store.read.mailsDue(2), [rows[2], rows[3]]);
      await store.commit(batchOf([], put(noticeRow(3, { mail: mailDue(null) }))));
      assert.deepEqual(await store.read.mailsDue(9), [rows[3], rows[0]]);
    });

    test('is removed when it is old, the oldest first and no more than asked for; never an open one, nor unasked one whose email waits', async () => {
      const { store } = await fresh();
      const waiting = noticeRow(1, { mail: mailDue(T0) });
      const open = noticeRow(2, { openUntilMs: T0 });
      await store.commit(batchOf([], put(waiting, open, noticeRow(3), noticeRow(4), noticeRow(5), noticeRow(9))));
      const remove = async (limit: number, unsentToo = false): Promise<readonly number[]> =>
        (await store.commit(batchOf([], { changes: [{ kind: 'removeNotices', createdBeforeMs: T0 + 6, unsentToo, limit }] }))).changes;
      assert.deepEqual(await remove(2), [2]);
      assert.deepEqual((await store.read.notices(all)).rows, [noticeRow(9), noticeRow(5), open, waiting]);
      assert.deepEqual([await remove(9), await remove(9), await remove(9, true)], [[1], [0], [1]]);
      assert.deepEqual((await store.read.notices(all)).rows, [noticeRow(9), open]);
    });
  });
}
