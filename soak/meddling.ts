// Meddling: what people do to a deployment while it works. Edits, pauses, rotations, new endpoints and deleted ones, retries by
// hand and replays, at random, whether or not the server is up at that moment.

import type { TenantClient } from '@waxwing/client';
import type { Dice } from '../packages/engine/simulation/dice.ts';
import type { Subscriber } from './judge.ts';
import { pair } from './matching.ts';
import { LIVE } from './publishing.ts';
import type { Behaviour, Receiver } from './receipts.ts';
import { pause } from './waxwing-node.ts';

export interface SoakEndpoint extends Subscriber {
  /** Null while its creation was not answered. */
  readonly id: string;
}

export interface MeddlingOptions {
  /** The tenant's clients, one of each node. */
  readonly live: readonly [TenantClient, ...TenantClient[]];
  readonly receiver: Receiver;
  readonly dice: Dice;
  readonly endpoints: SoakEndpoint[];
  readonly restMs: number;
  /** Whether deliveries are cancelled by hand. */
  readonly cancels?: boolean;
}

export interface Meddling {
  readonly done: { [deed: string]: number };
  /** The `pair`s of whose deliveries a hand asked to cancel one. */
  readonly waived: ReadonlySet<string>;
  stop(): Promise<void>;
  /** Resumes whatever it may have left paused. */
  resumeAll(): Promise<void>;
}

/** Every failure is tried again so soon and so often that kills alone never exhaust it. */
const RETRIES: readonly number[] = [1, 1, 1, 2, 2, 2, 2, 2];
const BEHAVIOURS = ['steady', 'failing', 'slow'] as const;
/** New endpoints that are there at once, at most. */
const GUESTS_MAX = 6;
const REPLAYED_MS = 3_000;
/** An endpoint is replayed no sooner again, so that a replay does not take what the last one made, and so on without end. */
const REPLAY_REST_MS = 20_000;

export function endpointInput(receiver: Receiver, label: string, behaviour: Behaviour, eventTypes: readonly string[]) {
  return { url: receiver.url(label, behaviour), name: label, eventTypes, retryScheduleSeconds: RETRIES, timeoutSeconds: 10 };
}

const isGuest = (label: string): boolean => label.startsWith('guest');

export function startMeddling({ live: clients, receiver, dice, endpoints, restMs, cancels = false }: MeddlingOptions): Meddling {
  const done: { [deed: string]: number } = {};
  const hosts = endpoints.filter(({ tenant }) => tenant === LIVE);
  let running = true;
  let guests = 0;
  const replayedMs = new Map<string, number>();
  const waived = new Set<string>();
  /** Whichever node is asked. */
  let live: TenantClient = clients[0];

  // Each says whether there was anything to do.
  const deeds = {
    async edit(): Promise<boolean> {
      const patch = { concurrency: dice.whole(4, 32), description: `edited ${dice.whole(1, 1e9)}`, headers: { 'x-team': `t${guests}` } };
      await live.endpoints.update(host().id, patch);
      return true;
    },
    async pause(): Promise<boolean> {
      const { id } = host();
      await live.endpoints.pause(id);
      await pause(dice.unit() * 400);
      await live.endpoints.resume(id);
      return true;
    },
    async rotate(): Promise<boolean> {
      await live.endpoints.rotateSecret(host().id);
      return true;
    },
    async create(): Promise<boolean> {
      const here = endpoints.filter(({ gone, label }) => !gone && isGuest(label));
      if (here.length >= GUESTS_MAX) return false;
      guests += 1;
      const label = `guest${guests}`;
      const eventTypes = [dice.pick(['order.*', 'agent.*', '*'])];
      const { id } = await live.endpoints.create(endpointInput(receiver, label, dice.pick(BEHAVIOURS), eventTypes));
      endpoints.push({ id, label, tenant: LIVE, eventTypes, sinceMs: Date.now(), gone: false, fifo: false });
      return true;
    },
    async delete(): Promise<boolean> {
      // First those that a kill kept from being deleted, or whose creation it kept from being answered.
      const kept = new Set(endpoints.filter(({ gone }) => !gone).map(({ id }) => id));
      const { data } = await live.endpoints.list({ limit: 250 }).page();
      const strays = data.filter(({ id, name }) => isGuest(name) && !kept.has(id));
      for (const { id } of strays) await live.endpoints.delete(id);
      const guest = dice.any(endpoints.filter(({ gone, label }) => !gone && isGuest(label)));
      if (guest === undefined) return strays.length > 0;
      guest.gone = true; // from the moment it is asked for
      await live.endpoints.delete(guest.id);
      return true;
    },
    async replay(): Promise<boolean> {
      const { id } = host();
      const nowMs = Date.now();
      if (nowMs - (replayedMs.get(id) ?? 0) < REPLAY_REST_MS) return false;
      replayedMs.set(id, nowMs);
      const from = new Date(nowMs - REPLAYED_MS).toISOString();
      await live.replays.create({ endpoint: id, from, states: ['delivered', 'failed', 'skipped'] });
      return true;
    },
    async retry(): Promise<boolean> {
      const { data } = await live.deliveries.list({ endpoint: host().id, limit: 5 }).page();
      const delivery = dice.any(data);
      if (delivery === undefined) return false;
      await live.deliveries.retry(delivery.id);
      return true;
    },
    async cancel(): Promise<boolean> {
      const { id, label } = host();
      const { data } = await live.deliveries.list({ endpoint: id, state: 'pending', limit: 20 }).page();
      const delivery = dice.any(data);
      if (delivery === undefined) return false;
      waived.add(pair(delivery.event, label));
      await live.deliveries.cancel(delivery.id);
      return true;
    },
  };

  function host(): SoakEndpoint {
    const one = dice.any(hosts);
    if (one === undefined) throw new Error('there is no endpoint to meddle with');
    return one;
  }

  const loop = (async () => {
    while (running) {
      const deed = dice.weighted({ edit: 5, pause: 3, rotate: 2, create: 2, delete: 2, replay: 2, retry: 3, cancel: cancels ? 2 : 0 });
      live = dice.pick(clients);
      const ok = await deeds[deed]().catch(() => false); // the server is down, or the endpoint gone
      if (ok) done[deed] = (done[deed] ?? 0) + 1;
      await pause(dice.unit() * restMs);
    }
  })();
  return {
    done,
    waived,
    async stop() {
      running = false;
      await loop;
    },
    async resumeAll() {
      for (const { id, gone } of hosts) if (!gone) await live.endpoints.resume(id);
    },
  };
}
