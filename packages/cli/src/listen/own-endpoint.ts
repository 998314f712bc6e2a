// The session's own endpoint: made for it, or found again with what it missed.
//
// An endpoint that is gone takes what waited for it along. What was published since then cannot be relayed to another one;
// it is counted, as far as the server still has it, and said.

import { WaxwingApiError } from '@waxwing/client';
import type { TenantClient } from '@waxwing/client';
import { matchesEventType } from '@waxwing/protocol';
import type { Endpoint, EndpointWithSecret } from '@waxwing/protocol';

import type { ListenNews } from './news.ts';
import type { ListenerPlan } from './plan.ts';
import type { SessionState, StateFile } from './session-state.ts';

type Tell = (news: ListenNews) => void;

/** How many events are counted of what was missed. */
const COUNTED_MAX = 10_000;

/** The endpoint of an earlier session, awake; null where there is none, or none any more. */
export async function resumedListener(acme: TenantClient, plan: ListenerPlan, state: StateFile, tell: Tell): Promise<Endpoint | null> {
  const saved = state.get(plan.key);
  if (saved === null || saved.listener === null) return null;
  const { listener } = saved;
  let endpoint: Endpoint;
  try {
    endpoint = await acme.endpoints.get(listener);
  } catch (error) {
    if (!(error instanceof WaxwingApiError && error.status === 404)) throw error;
    await tellGone(acme, plan, { ...saved, listener }, tell);
    return null;
  }
  const { eventTypes } = plan;
  if (eventTypes !== null && eventTypes.toSorted().join() !== endpoint.eventTypes.toSorted().join()) {
    endpoint = await acme.endpoints.update(listener, { eventTypes });
  }
  if (plan.secret !== null && plan.secret !== saved.secret) {
    await acme.endpoints.rotateSecret(listener, { secret: plan.secret, graceSeconds: 0 });
    state.update(plan.key, { secret: plan.secret });
  }
  return awake(acme, endpoint, saved, tell);
}

/** A new one, with the secret that is asked for, or the last session's: the app need not learn another. */
export async function createdListener(acme: TenantClient, plan: ListenerPlan, state: StateFile, name: string): Promise<Endpoint> {
  const made = await create(acme, plan, state.get(plan.key), name);
  state.set(plan.key, {
    listener: made.id,
    secret: made.secret,
    profile: made.profile,
    cursor: null,
    madeAt: made.createdAt,
    until: made.createdAt,
    received: 0,
    answered: null,
  });
  return made;
}

async function create(acme: TenantClient, plan: ListenerPlan, saved: SessionState | null, name: string): Promise<EndpointWithSecret> {
  const { endpoint, eventTypes } = plan;
  const input = { name, ...(endpoint === null ? {} : { endpoint }), ...(eventTypes === null ? {} : { eventTypes }) };
  if (plan.secret !== null) return acme.listeners.create({ ...input, secret: plan.secret });
  if (saved === null) return acme.listeners.create(input);
  try {
    return await acme.listeners.create({ ...input, secret: saved.secret });
  } catch (error) {
    // The profile has become another, with other secrets.
    if (error instanceof WaxwingApiError && error.code === 'invalid_secret') return acme.listeners.create(input);
    throw error;
  }
}

/** Paused or disabled by somebody meanwhile: it goes on, and what was skipped comes as a replay. */
async function awake(acme: TenantClient, endpoint: Endpoint, { until }: SessionState, tell: Tell): Promise<Endpoint> {
  switch (endpoint.status) {
    case 'active':
    case 'failing':
      return endpoint;
    case 'paused':
      tell({ kind: 'note', sentence: `The session’s endpoint was paused (${endpoint.statusReason ?? 'no reason given'}); it is resumed.` });
      return acme.endpoints.resume(endpoint.id);
    case 'disabled': {
      const enabled = await acme.endpoints.enable(endpoint.id);
      const replay = await acme.replays.create({ endpoint: endpoint.id, states: ['skipped'], from: until });
      tell({
        kind: 'note',
        sentence: `The session’s endpoint was disabled (${endpoint.statusReason ?? 'no reason given'}); it is enabled, and what was skipped meanwhile comes as the replay ${replay.id}.`,
      });
      return enabled;
    }
    default:
      return endpoint.status satisfies never;
  }
}

async function tellGone(
  acme: TenantClient,
  plan: ListenerPlan,
  saved: SessionState & { readonly listener: string },
  tell: Tell,
): Promise<void> {
  const { listener } = saved;
  const count = await countMissed(acme, plan, saved);
  if (count === 0) {
    tell({
      kind: 'note',
      sentence: `The session’s endpoint ${listener} is gone. Nothing waited for it, and nothing was published since; another one is made.`,
    });
    return;
  }
  const events = `${count >= COUNTED_MAX ? 'at least ' : ''}${count} ${count === 1 ? 'event' : 'events'}`;
  tell({
    kind: 'gap',
    listener,
    count,
    sentence: `The session’s endpoint ${listener} is gone, with all that waited for it: ${events} will not come. \`waxwing events list\` shows what was published.`,
  });
}

/** What waited for it when it was deleted, and what came later. */
async function countMissed(acme: TenantClient, plan: ListenerPlan, saved: SessionState & { readonly listener: string }): Promise<number> {
  const { listener, madeAt, until } = saved;
  const types = plan.eventTypes ?? ['*'];
  const missed = new Set<string>();
  try {
    for await (const delivery of acme.deliveries.list({ state: 'cancelled', from: madeAt, limit: 250 })) {
      if (delivery.endpoint === listener && delivery.stateReason === 'the endpoint was deleted') missed.add(delivery.event);
      if (missed.size === COUNTED_MAX) break;
    }
    for await (const { id, type } of acme.events.list({ from: until, limit: 250 })) {
      if (matchesEventType(types, type)) missed.add(id);
      if (missed.size >= COUNTED_MAX) break;
    }
  } catch (error) {
    if (!(error instanceof WaxwingApiError && error.status === 404)) throw error; // the tenant is gone, too
  }
  return missed.size;
}
