// The running engine: the public face over the joined rooms, its upkeep, and its orderly end.

import { OPERATIONAL_TENANT, WaxwingError, type Cluster, type LookupResult, type PublishResult } from '@waxwing/protocol';
import { fresh, onceFresh, type CatchUp } from './cluster/fresh.ts';
import type { Membership } from './cluster/membership.ts';
import { awayText } from './commit/away.ts';
import type { Engine, EventStream, PublishInput, StreamFilter } from './engine.ts';
import type { EngineStatus } from './engine-status.ts';
import type { Expander } from './expand.ts';
import type { FlightLog } from './flight/flight-log.ts';
import type { Tail } from './feed/tail.ts';
import type { Replayer } from './replay/replayer.ts';
import { Retention } from './retention.ts';
import type { OutboxDrain } from './outbox/drain.ts';
import type { FailureCount } from './notices/failure-count.ts';
import type { Postman } from './notices/postman.ts';
import type { Publisher } from './publish.ts';
import type { Sender } from './send/order.ts';
import { cancelPendingOf } from './services/cancel-pending.ts';
import { cluster } from './services/cluster.ts';
import { change, type ServiceContext } from './services/context.ts';
import { deliveryService } from './services/deliveries.ts';
import { endpointService } from './services/endpoints.ts';
import { eventTypeService } from './services/event-types.ts';
import { eventService } from './services/events.ts';
import { keyService } from './services/keys.ts';
import { listenerService } from './services/listeners.ts';
import { lookup } from './services/lookup.ts';
import { noticeService } from './services/notices.ts';
import { forgetPortalLinks, portalLinkService } from './services/portal-links.ts';
import { profileService } from './services/profiles.ts';
import { replayService } from './services/replays.ts';
import { statService } from './services/stats.ts';
import { stream } from './services/stream.ts';
import { operationalTenant, tenantService } from './services/tenants.ts';
import type { RollUp } from './stats/roll-up.ts';
import { SHARDS } from './store/sharing.ts';
import type { StoreSnapshot } from './store/store.ts';
import { checkValue, VAULT_CHECK } from './vault.ts';

export interface RunningEngineParts {
  readonly context: ServiceContext;
  readonly publisher: Publisher;
  readonly expander: Expander;
  readonly replayer: Replayer;
  readonly postman: Postman;
  readonly failures: FailureCount;
  readonly sender: Sender;
  readonly tail: Tail;
  readonly flights: FlightLog;
  readonly rollUp: RollUp;
  /** Among the nodes that share the store; null alone. */
  readonly membership: Membership | null;
  /** Where the store has an outbox. */
  readonly drain: OutboxDrain | null;
}

const IDEMPOTENCY_MS = 7 * 24 * 3_600_000;
const FORGET_AT_ONCE = 5_000;
const GRACE_MS_DEFAULT = 30_000;

export class RunningEngine implements Engine {
  readonly #parts: RunningEngineParts;
  readonly tenants: Engine['tenants'];
  readonly endpoints: Engine['endpoints'];
  readonly events: Engine['events'];
  readonly deliveries: Engine['deliveries'];
  readonly replays: Engine['replays'];
  readonly eventTypes: Engine['eventTypes'];
  readonly profiles: Engine['profiles'];
  readonly keys: Engine['keys'];
  readonly notices: Engine['notices'];
  readonly listeners: Engine['listeners'];
  readonly portalLinks: Engine['portalLinks'];
  readonly stats: Engine['stats'];
  readonly #catchUp: CatchUp | null;
  readonly #retention: Retention;
  readonly #startedMs: number;
  #cancelUpkeep: (() => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: RunningEngineParts) {
    this.#parts = parts;
    const { context, expander, replayer } = parts;
    this.#retention = new Retention(context, parts.postman.isSet, (delivery) => {
      const entry = context.registry.endpoint(delivery.endpointSeq);
      if (entry !== undefined && delivery.cause !== 'test') parts.failures.add(entry.row, 'expired', delivery, null);
    });
    const { membership } = parts;
    this.#catchUp = membership === null ? null : () => membership.catchUp();
    const shown = <T extends object>(service: T): T => (this.#catchUp === null ? service : fresh(service, this.#catchUp));
    this.tenants = shown(tenantService(context));
    this.endpoints = shown(endpointService(context));
    this.events = shown(eventService(context, (eventSeq) => expander.isExpanding(eventSeq)));
    this.deliveries = shown(deliveryService(context));
    this.replays = shown(replayService(context, replayer));
    this.eventTypes = shown(eventTypeService(context));
    this.profiles = shown(profileService(context));
    this.keys = shown(keyService(context));
    this.listeners = shown(listenerService(context, membership?.relay ?? null));
    this.portalLinks = shown(portalLinkService(context));
    this.notices = shown(noticeService(context, parts.postman));
    this.stats = shown(statService(context));
    this.#startedMs = context.clock.nowMs();
  }

  async publish(tenant: string, event: PublishInput): Promise<PublishResult> {
    this.#refuseWhenClosing();
    return onceFresh(() => this.#parts.publisher.publish(tenant, event), this.#catchUp);
  }

  async publishBatch(tenant: string, events: readonly PublishInput[]): Promise<readonly PublishResult[]> {
    this.#refuseWhenClosing();
    return onceFresh(() => this.#parts.publisher.publishBatch(tenant, events), this.#catchUp);
  }

  async refresh(): Promise<boolean> {
    return this.#catchUp === null ? false : this.#catchUp().catch(() => false);
  }

  stream(tenant: string | null, filter: StreamFilter = {}): EventStream {
    this.#refuseWhenClosing();
    return stream(this.#parts.context, this.#parts.tail, tenant, filter);
  }

  cluster(): Promise<Cluster> {
    const { context } = this.#parts;
    const state = this.#closing !== null ? 'draining' : context.committer.away === null ? 'running' : 'stalled';
    return cluster(context, this.#startedMs, state);
  }

  async lookup(id: string): Promise<LookupResult> {
    return lookup(this.#parts.context, id);
  }

  status(): EngineStatus {
    const { context, publisher, postman, drain } = this.#parts;
    const { committer, dispatcher, settler, registry, store } = context;
    const { oldestDueMs } = dispatcher;
    const notReady =
      this.#closing !== null
        ? 'shutting down'
        : store.sharing?.isLost === true
          ? 'its lease was ended by another node'
          : store.sharing?.isHeld === false
            ? 'its lease on the database has run out'
            : committer.away === null
              ? null
              : awayText(committer.away);
    return {
      ready: notReady === null,
      notReady,
      tenants: registry.tenants.size,
      endpoints: registry.endpointCount,
      pending: dispatcher.pending,
      oldestDueAt: oldestDueMs === null ? null : new Date(oldestDueMs).toISOString(),
      shards: context.ownership.isShared ? { owned: context.ownership.shards.length, of: SHARDS } : null,
      inFlight: dispatcher.inFlight,
      inMemory: dispatcher.inMemory,
      commitQueue: committer.waitingGroups,
      commitQueueBytes: committer.waitingBytes,
      eventsPublished: publisher.published,
      commits: committer.commits,
      attempts: { ...settler.attempts },
      finished: { ...settler.finished },
      removed: this.#retention.removed,
      outbox: { taken: drain?.taken ?? 0, rejected: drain?.rejected ?? 0 },
      emails: { isSet: postman.isSet, waiting: postman.waiting, sent: postman.sent, failed: postman.failed },
    };
  }

  /** Takes up what the last run left half done, and starts the upkeep. */
  async tidy(snapshot: StoreSnapshot): Promise<void> {
    const { context } = this.#parts;
    if (!(VAULT_CHECK in snapshot.meta)) {
      await change(context, 'meta', () => [{ kind: 'putMeta', name: VAULT_CHECK, value: checkValue(context.vault) }]);
    }
    if (!context.registry.tenants.has(OPERATIONAL_TENANT)) {
      await change(context, `tenant:${OPERATIONAL_TENANT}`, () => [
        { kind: 'putTenant', tenant: operationalTenant(context.clock.nowMs()) },
      ]);
    }
    if (!context.ownership.isShared) this.cancelLeftovers(snapshot.backlog);
    this.#upkeep();
    this.#retention.start();
  }

  /** Cancels what deleted endpoints still have to deliver. */
  cancelLeftovers(left: readonly { readonly endpointSeq: number }[]): void {
    const { context } = this.#parts;
    for (const { endpointSeq } of left)
      if (context.registry.endpoint(endpointSeq) === undefined) void cancelPendingOf(context, endpointSeq);
  }

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.graceMs ?? GRACE_MS_DEFAULT);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const { context, expander, replayer, postman, failures, sender, flights, drain, membership } = this.#parts;
    const { committer, dispatcher, health, store, clock } = context;
    this.#cancelUpkeep?.();
    membership?.leave();
    this.#parts.tail.close();
    this.#parts.context.relay.detachAll();
    membership?.relay.detachAll();
    this.#retention.stop();
    this.#parts.rollUp.stop();
    expander.stop();
    replayer.stop();
    const within = (work: Promise<void>): Promise<void> =>
      new Promise((resolve) => {
        const cancel = clock.after(graceMs, resolve);
        void work.then(() => (cancel(), resolve()));
      });
    await within(drain?.stop() ?? Promise.resolve());
    await within(dispatcher.stop());
    await sender.close(0);
    health.flush();
    await within(postman.stop());
    await within(committer.drained());
    failures.stop();
    membership?.stop();
    await committer.close();
    context.settler.close();
    context.waits.close();
    flights.close(); // while the store's lock is still held
    await store.close();
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== null)
      throw new WaxwingError(
        'shutting_down',
        'The engine is shutting down; nothing was accepted. Publish again elsewhere or later, with the same id.',
        { retryAfterSeconds: 5 },
      );
  }

  #upkeep(): void {
    const { context } = this.#parts;
    this.#cancelUpkeep = context.clock.after(context.limits.upkeepMs, () => {
      void (context.ownership.doesUpkeep ? this.#forgetOld() : Promise.resolve())
        .catch((error: unknown) => this.#warn(error))
        .then(() => {
          if (this.#closing === null) this.#upkeep();
        });
    });
  }

  async #forgetOld(): Promise<void> {
    await this.#forgetIdempotency();
    await forgetPortalLinks(this.#parts.context);
  }

  async #forgetIdempotency(): Promise<void> {
    const { context } = this.#parts;
    const beforeMs = context.clock.nowMs() - IDEMPOTENCY_MS;
    let forgotten = FORGET_AT_ONCE;
    while (forgotten === FORGET_AT_ONCE && this.#closing === null) {
      [forgotten = 0] = await change(context, 'upkeep', () => [{ kind: 'forgetIdempotency', beforeMs, limit: FORGET_AT_ONCE }]);
    }
  }

  #warn(error: unknown): void {
    this.#parts.context.log.warn('upkeep failed; it is tried again', { error: String(error) });
  }
}
