// Explain: why an endpoint did or did not get an event. Looks at the latest delivery of the two, or at why there is none.

import { matchesEventType, WaxwingError, type DeliveryId, type Explanation, type ExplanationReason } from '@waxwing/protocol';
import type { AttemptRecord } from '../send/order.ts';
import type { EndpointRow, EventRow } from '../store/rows.ts';
import type { DeliveryListRow, EverEndpoint } from '../store/store.ts';
import type { ServiceContext } from './context.ts';
import { findEvent } from './find-event.ts';
import { iso, presentDelivery } from './present.ts';
import { find as findTenant } from './tenants.ts';

/** Why, in a word and in a sentence. */
interface Why {
  readonly reason: ExplanationReason;
  readonly sentence: string;
  readonly behind?: DeliveryId;
}

/** Deliveries of one event to one endpoint that are looked at. */
const DELIVERIES_LOOKED_AT = 50;
const DAY_MS = 24 * 3_600_000;

/**
 * Throws `tenant_not_found`, `event_not_found`, `endpoint_not_found` (also where it is another tenant's).
 * @param isExpanding whether deliveries of an event are still being made
 */
export async function explain(
  context: ServiceContext,
  tenant: string,
  eventId: string,
  endpointId: string,
  isExpanding: (eventSeq: number) => boolean,
): Promise<Explanation> {
  findTenant(context, tenant);
  const event = await findEvent(context, tenant, eventId);
  const endpoint = await findEver(context, tenant, endpointId);
  const deliveries = await deliveriesOf(context, event, endpoint.row.seq);
  const [latest] = deliveries;
  const lastError = latest === undefined || latest.state === 'delivered' ? null : await lastErrorOf(context, latest);
  const why =
    latest === undefined ? whyNone(context, event, endpoint, isExpanding(event.seq)) : await whyState(context, latest, endpoint, lastError);
  return {
    event: event.id,
    eventType: event.type,
    endpoint: endpoint.row.id,
    reason: why.reason,
    sentence: why.sentence,
    notes: notesOf(context, event, endpoint, deliveries),
    delivery: latest === undefined ? null : presentDelivery(latest),
    lastError,
    behind: why.behind ?? null,
  };
}

async function findEver(context: ServiceContext, tenant: string, id: string): Promise<EverEndpoint> {
  const entry = context.registry.endpointById(id);
  const found = entry === undefined ? await context.store.read.endpointEver(id) : { row: entry.row, deletedMs: null };
  if (found === null || found.row.tenant !== tenant)
    throw new WaxwingError('endpoint_not_found', `Tenant ${tenant} has no endpoint ${JSON.stringify(id)}, and had none.`);
  return found;
}

/** Newest first. */
async function deliveriesOf(context: ServiceContext, event: EventRow, endpointSeq: number): Promise<readonly DeliveryListRow[]> {
  const any = { before: null, fromMs: null, toMs: null, type: null, state: null, outcome: null, cause: null };
  const query = { ...any, tenant: event.tenant, limit: DELIVERIES_LOOKED_AT, eventId: event.id, endpointSeq };
  return (await context.store.read.deliveries(query)).rows;
}

async function lastErrorOf(context: ServiceContext, delivery: DeliveryListRow): Promise<string | null> {
  if (delivery.attempts === 0) return null;
  const last = (await context.store.read.attempts(delivery.seq)).at(-1);
  if (last === undefined) return null;
  const record: AttemptRecord = JSON.parse(last.record);
  if (record.error !== null) return `${last.status === null ? '' : `HTTP ${last.status}. `}${record.error.explanation}`;
  return last.outcome === 'delivered'
    ? null
    : `The attempt ended as ${last.outcome}${last.status === null ? '' : ` (HTTP ${last.status})`}.`;
}

/** Why the latest delivery is in its state. */
async function whyState(
  context: ServiceContext,
  delivery: DeliveryListRow,
  endpoint: EverEndpoint,
  lastError: string | null,
): Promise<Why> {
  const attempts = `${delivery.attempts} attempt${delivery.attempts === 1 ? '' : 's'}`;
  const ended = delivery.finishedMs === null ? '' : ` on ${iso(delivery.finishedMs)}`;
  const because = delivery.stateReason === null ? '' : `: ${delivery.stateReason}`;
  switch (delivery.state) {
    case 'delivered':
      return { reason: 'delivered', sentence: `It was delivered${ended}, after ${attempts}.` };
    case 'failed':
      return delivery.stateReason === 'expired'
        ? {
            reason: 'expired',
            sentence: `It was still pending when its retention ended, and failed as expired${ended}, after ${attempts}.`,
          }
        : { reason: 'failed', sentence: `It failed${ended} after ${attempts}${because}.${lastError === null ? '' : ` ${lastError}`}` };
    case 'skipped':
      return { reason: 'skipped', sentence: `It was skipped when it was published${ended}${because}. A replay can deliver it.` };
    case 'cancelled':
      return endpoint.deletedMs !== null && delivery.finishedMs !== null && delivery.finishedMs >= endpoint.deletedMs
        ? { reason: 'endpoint_deleted', sentence: `It was cancelled${ended}, because the endpoint was deleted.` }
        : { reason: 'cancelled', sentence: `It was cancelled${ended}${because}.` };
    case 'pending':
      return whyPending(context, delivery, endpoint, lastError);
    default:
      return delivery.state satisfies never;
  }
}

/**
 * What keeps a pending delivery beside its own schedule: a hold, another one that goes first, a rate, a rest; null for nothing.
 * In the words of `explain`.
 */
export async function whatKeeps(context: ServiceContext, delivery: DeliveryListRow): Promise<string | null> {
  const entry = context.registry.endpoint(delivery.endpointSeq);
  if (delivery.state !== 'pending' || entry === undefined) return null;
  const { reason, sentence } = await whyPending(context, delivery, { row: entry.row, deletedMs: null }, null);
  return KEEPING.has(reason) || (reason === 'waiting' && context.dispatcher.quarantine.has(delivery.seq)) ? sentence : null;
}

const KEEPING: ReadonlySet<ExplanationReason> = new Set(['held', 'fifo_wait', 'rate_limited', 'resting']);

/** What a pending delivery waits for. */
async function whyPending(
  context: ServiceContext,
  delivery: DeliveryListRow,
  { row, deletedMs }: EverEndpoint,
  lastError: string | null,
): Promise<Why> {
  const { dispatcher, clock } = context;
  const nowMs = clock.nowMs();
  const since = `It has been waiting since ${iso(delivery.createdMs)}`;
  if (deletedMs !== null) return { reason: 'endpoint_deleted', sentence: 'The endpoint was deleted; the delivery is being cancelled.' };
  if (dispatcher.isInFlight(delivery.seq))
    return { reason: 'in_flight', sentence: `Attempt ${delivery.attempts + 1} is under way; it may take up to ${row.timeoutSeconds} s.` };
  if (row.status === 'paused' || row.status === 'disabled') return held(since, row);
  if (context.registry.isAway(row) && !context.registry.attachedElsewhere.has(row.id))
    return { reason: 'held', sentence: `${since}: no listener is attached. It goes out when one is (waxwing listen).` };
  const first = row.ordering === 'fifo' ? await firstOf(context, row.seq) : null;
  if (first !== null && first.seq !== delivery.seq) {
    const sentence = `${since} behind ${first.id}: the endpoint takes events in the order of their publishing, and that one goes first${first.attempts === 0 ? '' : ` (${first.attempts} failed so far, next on ${iso(first.dueMs)})`}.`;
    return { reason: 'fifo_wait', sentence, behind: first.id };
  }
  if (delivery.dueMs > nowMs)
    return {
      reason: delivery.attempts === 0 ? 'waiting' : 'retrying',
      sentence: `${delivery.attempts === 0 ? since : `Attempt ${delivery.attempts} failed`}; the next attempt is on ${iso(delivery.dueMs)}.${lastError === null ? '' : ` ${lastError}`}`,
    };
  return whyDue(context, delivery, row, since);
}

/** What a delivery waits for whose time has come. */
function whyDue(context: ServiceContext, delivery: DeliveryListRow, row: EndpointRow, since: string): Why {
  const { dispatcher, clock } = context;
  const pace = dispatcher.pace(row.seq);
  const due = `${since} and is due since ${iso(delivery.dueMs)}`;
  if (pace !== null && pace.nextStartMs > clock.nowMs()) {
    const next = iso(Math.ceil(pace.nextStartMs));
    return row.rateLimitPerSecond !== null && pace.nextStartMs - clock.nowMs() <= 1_000 / row.rateLimitPerSecond
      ? { reason: 'rate_limited', sentence: `${due}; the endpoint takes ${row.rateLimitPerSecond} a second, the next one on ${next}.` }
      : { reason: 'resting', sentence: `${due}; its receiver asked for a rest, until ${next}.` };
  }
  if (dispatcher.quarantine.has(delivery.seq))
    return {
      reason: 'waiting',
      sentence: `${due}; it was under way when the process stopped unexpectedly, and so goes last and alone.`,
    };
  const busy = pace !== null && pace.inFlight >= pace.slots;
  return {
    reason: 'waiting',
    sentence: busy
      ? `${due}; the endpoint has ${pace.inFlight} attempts under way, as many as it is given just now.`
      : `${due}; its turn comes at once.`,
  };
}

function held(since: string, row: EndpointRow): Why {
  const when = row.statusChangedMs === null ? '' : ` since ${iso(row.statusChangedMs)}`;
  const reason = row.statusReason === null ? '' : ` (${row.statusReason})`;
  const verb = row.status === 'paused' ? 'Resume' : 'Enable';
  return { reason: 'held', sentence: `${since}: the endpoint is ${row.status}${when}${reason}. ${verb} it, and this is delivered.` };
}

/** The delivery of a FIFO endpoint whose turn it is. */
async function firstOf(
  context: ServiceContext,
  endpointSeq: number,
): Promise<{ readonly seq: number; readonly id: DeliveryId; readonly attempts: number; readonly dueMs: number } | null> {
  const [first] = await context.store.refill({ endpointSeq, order: 'seq', after: null, rowsMax: 1, bytesMax: 1 });
  return first ?? null;
}

/** Why there is no delivery. */
function whyNone({ clock, limits }: ServiceContext, event: EventRow, { row, deletedMs }: EverEndpoint, expanding: boolean): Why {
  if (row.createdMs > event.receivedMs) {
    const sentence = `The endpoint was made on ${iso(row.createdMs)}, after the event was published on ${iso(event.receivedMs)}.`;
    return { reason: 'endpoint_newer', sentence };
  }
  if (event.receivedMs < clock.nowMs() - limits.retentionDays * DAY_MS)
    return {
      reason: 'no_longer_kept',
      sentence: `What became of it is no longer kept: it was published more than ${limits.retentionDays} days ago.`,
    };
  if (deletedMs !== null && deletedMs <= event.receivedMs) {
    const sentence = `The endpoint was deleted on ${iso(deletedMs)}, before the event was published on ${iso(event.receivedMs)}.`;
    return { reason: 'endpoint_deleted', sentence };
  }
  if (!matchesEventType(row.eventTypes, event.type)) {
    const sentence = `The endpoint subscribes to ${row.eventTypes.join(', ')}, which does not take ${event.type}.`;
    return { reason: 'not_subscribed', sentence };
  }
  if (expanding)
    return {
      reason: 'not_made_yet',
      sentence: 'The event goes to very many endpoints, and its deliveries are still being made; this one comes.',
    };
  const sentence =
    row.updatedMs > event.receivedMs
      ? `The subscription takes ${event.type} now, but the endpoint was edited on ${iso(row.updatedMs)}, after the event was published on ${iso(event.receivedMs)}: it did not take it then.`
      : `The subscription takes ${event.type} now, but did not when the event was published on ${iso(event.receivedMs)}.`;
  return { reason: 'subscription_edited', sentence };
}

function notesOf(
  { registry }: ServiceContext,
  event: EventRow,
  { row, deletedMs }: EverEndpoint,
  deliveries: readonly DeliveryListRow[],
): readonly string[] {
  const [latest, ...earlier] = deliveries;
  const shown = latest === undefined ? event.type : registry.profile(row.profile, row.profileVersion).eventType(event.type, latest.facts);
  const edited = row.updatedMs > event.receivedMs && row.updatedMs > row.createdMs;
  return [
    ...(edited && latest === undefined ? [`The endpoint was edited on ${iso(row.updatedMs)}, after the event was published.`] : []),
    ...(deletedMs !== null ? [`The endpoint was deleted on ${iso(deletedMs)}.`] : []),
    ...(latest === undefined || latest.cause === 'publish'
      ? []
      : [`This delivery was made by a ${latest.cause} on ${iso(latest.createdMs)}.`]),
    ...(shown === event.type
      ? []
      : [`Its receiver gets it as ${shown}: the event’s data, with the payload that the endpoint had when it was published.`]),
    ...earlier.map((delivery) => `An earlier delivery, ${delivery.id} (${delivery.cause}), is ${delivery.state}.`),
  ];
}
