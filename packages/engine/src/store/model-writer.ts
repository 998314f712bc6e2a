// The model's writer: what a batch does to the disk, by the store's invariants and nothing cleverer.
//
// Refuses as `row` what a database's constraints would: a used key, a number that is not whole, a text that is not one.

import { candidateOf, whole, texts, unused } from './model-checks.ts';
import { attemptEndMs, isFinal } from '../stats/step-counts.ts';
import type { AttemptRow, DeliveryRow, EndpointRow, EventRow } from './rows.ts';
import { type Batch, type BatchResult, type Change, type GroupResult, type Insert, type InsertGroup, type Settle } from './store.ts';
import { answerOf, judge, type Known, type RememberedName } from './judge.ts';
import { isTold } from './feed.ts';
import type { ModelDisk } from './model-disk.ts';
import type { ClusterNews } from './model-cluster.ts';
import { deliveryMark, ModelFeedWriter } from './model-feed.ts';
import { removeDelivery, removeEndpoints, removeEvent, removeNotices, removeReplays } from './model-removal.ts';
import { noteFact, removeSteps, rollUp } from './model-stats.ts';

/** What is left of a deleted endpoint's. */
const WITHOUT_SECRETS: Pick<EndpointRow, 'secretSealed' | 'previousSecretSealed' | 'headersSealed'> = {
  secretSealed: '',
  previousSecretSealed: null,
  headersSealed: null,
};

export class ModelWriter implements Known {
  readonly #disk: ModelDisk;
  readonly #feed: ModelFeedWriter;
  /** Of the batch, what other nodes are to hear of and the feed does not tell. */
  #untold: ClusterNews[] = [];

  constructor(disk: ModelDisk) {
    this.#disk = disk;
    this.#feed = new ModelFeedWriter(disk);
  }

  /** Throws StoreError `row`, having written nothing. */
  write(batch: Batch, source = 0): BatchResult {
    this.#untold = [];
    try {
      const groups = batch.groups.map((group) => this.#group(group));
      for (const settle of batch.settles) this.#settle(settle);
      const changes = batch.changes.map((change) => this.#change(change));
      this.#disk.cluster.written(source, batch, this.#feed.flush(source), this.#untold);
      return { groups, changes };
    } catch (error) {
      this.#disk.log.undo();
      this.#feed.reset();
      throw error;
    } finally {
      this.#disk.log.clear();
    }
  }

  name(tenant: string, name: string): RememberedName | null {
    return this.#disk.names.get(`${tenant} ${name}`)?.remembered ?? null;
  }

  eventId(tenant: string, id: string): boolean {
    return this.#disk.eventIds.has(`${tenant} ${id}`);
  }

  eventSeq(seq: number): boolean {
    return this.#disk.events.has(seq);
  }

  expansion(eventSeq: number): boolean {
    return this.#disk.expansions.has(eventSeq);
  }

  replayRuns(replaySeq: number): boolean {
    const replay = this.#disk.replays.get(replaySeq);
    return replay !== undefined && replay.finishedMs === null;
  }

  #group(group: InsertGroup): GroupResult {
    const judgement = judge(group.inserts.map(candidateOf), this);
    if (judgement.kind !== 'write') return judgement;
    for (const [index, insert] of group.inserts.entries()) if (judgement.inserts[index]?.kind === 'stored') this.#insert(insert);
    return { kind: 'stored', inserts: judgement.inserts };
  }

  #insert(insert: Insert): void {
    const disk = this.#disk;
    switch (insert.kind) {
      case 'event': {
        const { event } = insert;
        this.#insertEvent(event);
        this.#feed.add({ kind: 'event', seq: event.seq }, event.receivedMs);
        if (insert.expansion !== null && insert.expansion.length > 0) {
          disk.expansions.put(event.seq, { eventSeq: event.seq, matches: insert.expansion, done: 0 });
          this.#untold.push({ kind: 'expansion', eventSeq: event.seq });
        }
        if (insert.idempotency !== null) {
          const remembered = {
            contentHash: insert.idempotency.contentHash,
            ...answerOf({ ...event, deliveryCount: insert.deliveryCount }),
          };
          for (const name of insert.idempotency.names)
            disk.names.put(`${event.tenant} ${name}`, { tenant: event.tenant, name, remembered });
        }
        break;
      }
      case 'chunk': {
        const expansion = disk.expansions.get(insert.eventSeq);
        if (expansion === undefined) break;
        if (insert.done >= expansion.matches.length) disk.expansions.delete(insert.eventSeq);
        else disk.expansions.put(insert.eventSeq, { ...expansion, done: insert.done });
        break;
      }
      case 'replay':
        disk.replays.put(insert.replay.seq, insert.replay);
        this.#untold.push({ kind: 'replay', seq: insert.replay.seq });
        break;
      case 'deliveries':
        break;
      default:
        insert satisfies never;
    }
    for (const delivery of insert.deliveries) {
      this.#insertDelivery(delivery);
      if (isTold(insert.kind, delivery.state === 'pending')) this.#feed.add(deliveryMark(delivery.seq), delivery.createdMs);
      else if (insert.kind !== 'event') this.#untold.push(deliveryMark(delivery.seq));
    }
  }

  #insertEvent(event: EventRow): void {
    whole(event.seq, event.timestampMs, event.receivedMs);
    texts(event.id, event.tenant, event.type, event.data);
    const id = `${event.tenant} ${event.id}`;
    unused(!this.#disk.events.has(event.seq), `event ${event.seq}`);
    unused(!this.#disk.eventIds.has(id), `event ${id}`);
    this.#disk.events.put(event.seq, event);
    this.#disk.eventIds.put(id, event.seq);
    noteFact(this.#disk, { kind: 'event', tenant: event.tenant, atMs: event.receivedMs });
  }

  #insertDelivery(delivery: DeliveryRow): void {
    whole(
      delivery.seq,
      delivery.eventSeq,
      delivery.endpointSeq,
      delivery.attempts,
      delivery.dueMs,
      delivery.createdMs,
      delivery.finishedMs ?? 0,
    );
    texts(delivery.id, delivery.tenant, delivery.facts ?? '', delivery.stateReason ?? '');
    unused(!this.#disk.deliveries.has(delivery.seq), `delivery ${delivery.seq}`);
    unused(!this.#disk.deliveryIds.has(delivery.id), `delivery ${delivery.id}`);
    this.#disk.deliveryIds.put(delivery.id, delivery.seq);
    this.#putDelivery(delivery);
  }

  #putDelivery(delivery: DeliveryRow): void {
    const { endpointSeq, state, finishedMs } = delivery;
    const isNews = (this.#disk.deliveries.get(delivery.seq)?.state ?? 'pending') === 'pending';
    if (isNews && isFinal(state))
      noteFact(this.#disk, { kind: 'ended', endpointSeq, atMs: finishedMs ?? delivery.createdMs, state, count: 1 });
    this.#disk.deliveries.put(delivery.seq, delivery);
    const pending = this.#disk.pendingOf(delivery.endpointSeq);
    if (delivery.state === 'pending') pending.put(delivery.seq, delivery);
    else pending.delete(delivery.seq);
  }

  #settle(settle: Settle): void {
    whole(settle.attempts, settle.dueMs, settle.finishedMs ?? 0);
    const delivery = this.#disk.deliveries.get(settle.deliverySeq);
    if (delivery === undefined) return;
    if (delivery.state === 'pending') {
      const { state, stateReason, dueMs, finishedMs } = settle;
      // A hand knows of no attempt: what was made of them stands.
      const { outcome, attempts } = settle.attempt === null ? delivery : settle;
      this.#putDelivery({ ...delivery, state, stateReason, outcome, attempts, dueMs, finishedMs });
    } else if (settle.attempt !== null) {
      this.#putDelivery({ ...delivery, attempts: Math.max(delivery.attempts, settle.attempts) });
    }
    if (settle.attempt !== null) this.#keepAttempt(settle, settle.attempt, delivery.state !== 'pending');
    else if (delivery.state === 'pending') this.#feed.add(deliveryMark(settle.deliverySeq), settle.finishedMs ?? settle.dueMs);
  }

  #keepAttempt({ deliverySeq, endpointSeq }: Settle, attempt: AttemptRow, isKeptOnly: boolean): void {
    whole(attempt.number, attempt.startedMs, attempt.durationMs, attempt.status ?? 0, attempt.nextDueMs ?? 0);
    texts(attempt.record);
    const kept = this.#disk.attempts.get(deliverySeq) ?? new Map<number, AttemptRow>();
    if (kept.has(attempt.number)) return;
    this.#disk.attempts.put(deliverySeq, new Map(kept).set(attempt.number, attempt));
    this.#feed.add({ kind: 'attempt', deliverySeq, number: attempt.number, isKeptOnly }, attempt.startedMs);
    const { outcome, durationMs } = attempt;
    noteFact(this.#disk, { kind: 'attempt', endpointSeq, atMs: attemptEndMs(attempt), outcome, durationMs });
  }

  #change(change: Change): number {
    const disk = this.#disk;
    switch (change.kind) {
      case 'putTenant':
        disk.tenants.put(change.tenant.id, change.tenant);
        return 1;
      case 'deleteTenant':
        return disk.tenants.delete(change.id) ? 1 : 0;
      case 'putEndpoint': {
        const { endpoint } = change;
        const before = disk.endpoints.get(endpoint.seq);
        if (before !== undefined && before.deletedMs !== null) return 0;
        whole(endpoint.seq);
        const sameId = disk.endpoints.values().find(({ row, deletedMs }) => row.id === endpoint.id && deletedMs === null);
        unused(sameId === undefined || sameId.row.seq === endpoint.seq, `endpoint ${endpoint.id}`);
        disk.endpoints.put(endpoint.seq, { row: endpoint, deletedMs: null });
        if (change.untold !== true) this.#feed.add({ kind: 'endpoint', endpointSeq: endpoint.seq }, endpoint.updatedMs);
        return 1;
      }
      case 'deleteEndpoint': {
        const kept = disk.endpoints.get(change.seq);
        if (kept === undefined || kept.deletedMs !== null) return 0;
        disk.endpoints.put(change.seq, { row: { ...kept.row, ...WITHOUT_SECRETS }, deletedMs: change.deletedMs });
        this.#feed.add({ kind: 'endpoint', endpointSeq: change.seq }, change.deletedMs);
        return 1;
      }
      case 'touchEndpoint': {
        const kept = disk.endpoints.get(change.seq);
        if (kept === undefined || kept.deletedMs !== null) return 0;
        const { row } = kept;
        if (row.lastTriggeredMs !== null && row.lastTriggeredMs >= change.lastTriggeredMs) return 0;
        disk.endpoints.put(change.seq, { ...kept, row: { ...row, lastTriggeredMs: change.lastTriggeredMs } });
        return 1;
      }
      case 'putProfile':
        disk.profiles.put(`${change.profile.name} ${change.profile.version}`, change.profile);
        return 1;
      case 'putEventType':
        disk.eventTypes.put(change.eventType.name, change.eventType);
        return 1;
      case 'deleteEventType':
        return disk.eventTypes.delete(change.name) ? 1 : 0;
      case 'putKey':
        disk.keys.put(change.key.id, change.key);
        return 1;
      case 'deleteKey':
        return disk.keys.delete(change.id) ? 1 : 0;
      case 'putMeta':
        disk.meta.put(change.name, change.value);
        return 1;
      case 'cancelPending': {
        const pending = disk.pendingOf(change.endpointSeq).values();
        const nearest = pending.toSorted((a, b) => a.dueMs - b.dueMs || a.seq - b.seq).slice(0, change.limit);
        for (const row of nearest) {
          this.#putDelivery({ ...row, state: 'cancelled', stateReason: change.reason, finishedMs: change.nowMs });
          this.#feed.add(deliveryMark(row.seq), change.nowMs);
        }
        return nearest.length;
      }
      case 'forgetIdempotency': {
        const old = disk.names.values().filter(({ remembered }) => remembered.receivedMs < change.beforeMs);
        const oldest = old.toSorted((a, b) => a.remembered.receivedMs - b.remembered.receivedMs).slice(0, change.limit);
        for (const { tenant, name } of oldest) disk.names.delete(`${tenant} ${name}`);
        return oldest.length;
      }
      case 'putReplay': {
        const before = disk.replays.get(change.replay.seq);
        if (before !== undefined && before.finishedMs !== null) return 0;
        whole(change.replay.seq);
        disk.replays.put(change.replay.seq, change.replay);
        this.#untold.push({ kind: 'replay', seq: change.replay.seq });
        return 1;
      }
      case 'removeDeliveries':
        return change.seqs.filter((seq) => removeDelivery(disk, seq)).length;
      case 'removeEvents':
        return change.seqs.filter((seq) => removeEvent(disk, seq)).length;
      case 'removeEndpoints':
        return removeEndpoints(disk, change.deletedBeforeMs, change.limit);
      case 'removeReplays':
        return removeReplays(disk, change.finishedBeforeMs, change.limit);
      case 'trimFeed':
        return this.#feed.trim(change.beforeMs, change.limit);
      case 'rollUp':
        return rollUp(disk, change);
      case 'removeSteps':
        return removeSteps(disk, change);
      case 'putNotice':
        whole(change.notice.createdMs);
        disk.notices.put(change.notice.id, change.notice);
        return 1;
      case 'rejectEvent':
      case 'removeRejected':
        return 0; // it has no outbox
      case 'removeNotices':
        return removeNotices(disk, change);
      default:
        return change satisfies never;
    }
  }
}
