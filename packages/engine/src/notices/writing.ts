// Writing notices: what a notice consists of, ready to be committed with the change that it tells of.
//
// Invariants:
//  1. The notice's row, its operational event with its deliveries, and the change that they tell of are one transaction:
//     a crash leaves all of them or none. Emails are part of the row, so none is lost either.
//  2. Nothing is told of the operational tenant's own endpoints.
//  3. A notice holds no secret and no header: names, URLs, times, and errors in plain words.

import { OPERATIONAL_TENANT, type IdMint, type NoticeKind } from '@waxwing/protocol';
import { untold, type Writes } from '../commit/items.ts';
import type { StatusChange } from '../decide.ts';
import type { Clock } from '../ports.ts';
import type { Publisher } from '../publish.ts';
import type { Registry } from '../registry.ts';
import type { AttemptRecord, AttemptReport } from '../send/order.ts';
import type { EndpointRow, NoticeMail, NoticeRow, PendingDelivery, ReplayRow } from '../store/rows.ts';

export interface NoticeWriterOptions {
  readonly clock: Clock;
  readonly ids: IdMint;
  readonly registry: Registry;
  readonly publisher: () => Publisher;
  /** Told when a notice with an email is durable. */
  readonly mailWaits: () => void;
}

/** The attempt that a notice comes from. */
export interface Occasion {
  readonly delivery: PendingDelivery;
  readonly report: AttemptReport;
}

/** What a notice says: its operational event's data. */
export type NoticeData = NoticeRow['data'];

/** Which kinds are mailed: those that a person must do something about, once per incident. */
const MAILED: ReadonlySet<NoticeKind> = new Set(['endpoint.failing', 'endpoint.disabled']);

export class NoticeWriter {
  readonly #options: NoticeWriterOptions;

  constructor(options: NoticeWriterOptions) {
    this.#options = options;
  }

  /** Of an endpoint whose status an attempt changed. Call when the batch is formed. */
  ofStatus(row: EndpointRow, change: StatusChange, failingSinceMs: number | null, occasion: Occasion): Writes {
    const { delivery, report } = occasion;
    const shared = { ...endpointFacts(row), ...deliveryFacts(delivery) };
    switch (change.status) {
      case 'failing':
      case 'disabled':
        return this.#of(
          `endpoint.${change.status}`,
          row,
          { ...shared, reason: change.reason, lastError: explanationOf(report) },
          delivery.seq,
        );
      case 'active':
        return this.#of(
          'endpoint.recovered',
          row,
          failingSinceMs === null ? shared : { ...shared, failingSince: new Date(failingSinceMs).toISOString() },
          delivery.seq,
        );
      default:
        return change satisfies never;
    }
  }

  /** Of a replay that has completed. Call when the batch is formed. */
  ofReplay(replay: ReplayRow): Writes {
    if (replay.tenant === OPERATIONAL_TENANT) return untold([]);
    const { clock } = this.#options;
    const made = this.row('replay.completed', {
      tenant: replay.tenant,
      endpointSeq: replay.filter.endpointSeq,
      endpoint: null,
      deliverySeq: null,
      data: {
        tenant: replay.tenant,
        replay: replay.id,
        endpoint: replay.filter.endpoint,
        total: replay.total,
        made: replay.made,
        failed: replay.failed,
        createdAt: new Date(replay.createdMs).toISOString(),
        finishedAt: new Date(replay.finishedMs ?? clock.nowMs()).toISOString(),
      },
    });
    // Named after the replay: when a commit's result is unknown and it is tried again, it is the same notice.
    const name = replay.id.slice('rpl_'.length);
    return this.told({ ...made, id: `ntc_${name}`, eventId: `evt_${name}` });
  }

  /** A new notice's row, with its email; its operational event is still to be named. */
  row(kind: NoticeKind, of: Pick<NoticeRow, 'tenant' | 'endpointSeq' | 'endpoint' | 'deliverySeq' | 'data'>): NoticeRow {
    const { clock, ids } = this.#options;
    const nowMs = clock.nowMs();
    const mail = MAILED.has(kind) ? this.#mailTo(of.tenant, nowMs) : null;
    return { ...of, id: ids.mint('ntc'), kind, eventId: null, openUntilMs: null, mail, createdMs: nowMs };
  }

  /** Writes a notice together with its operational event. */
  told(notice: NoticeRow): Writes {
    const { publisher, ids, mailWaits } = this.#options;
    const eventId = notice.eventId ?? ids.mint('evt');
    const event = publisher().tell(notice.kind, notice.data, eventId);
    return {
      changes: [{ kind: 'putNotice', notice: { ...notice, eventId } }],
      group: event.group,
      written: (result) => {
        event.stored(result);
        if (notice.mail !== null) mailWaits();
      },
    };
  }

  #of(kind: NoticeKind, { seq, id, tenant }: EndpointRow, data: NoticeData, deliverySeq: number): Writes {
    if (tenant === OPERATIONAL_TENANT) return untold([]);
    return this.told(this.row(kind, { tenant, endpointSeq: seq, endpoint: id, deliverySeq, data }));
  }

  #mailTo(tenant: string, nowMs: number): NoticeMail | null {
    const addresses = new Set(this.#options.registry.tenants.get(tenant)?.notifyEmails);
    if (addresses.size === 0) return null;
    return { recipients: [...addresses].map((address) => ({ address, state: 'waiting', error: null })), attempts: 0, dueMs: nowMs };
  }
}

/** One transaction of both. */
export function together(a: Writes, b: Writes): Writes {
  return {
    changes: [...a.changes, ...b.changes],
    group: a.group ?? b.group,
    written: (group) => {
      a.written(a.group === null ? null : group);
      b.written(a.group === null ? group : null);
    },
  };
}

/** What every notice of an endpoint says of it. */
export function endpointFacts(row: EndpointRow): NoticeData {
  return { tenant: row.tenant, endpoint: row.id, endpointName: row.name, endpointUrl: row.url };
}

export function deliveryFacts({ id, event }: PendingDelivery): NoticeData {
  return { delivery: id, event: event.id, eventType: event.type };
}

/** What went wrong, in plain words; null when nothing did. */
export function explanationOf(report: AttemptReport): string | null {
  const record: AttemptRecord = JSON.parse(report.record);
  return record.error?.explanation ?? report.error;
}
