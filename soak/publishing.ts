// Publishing under a soak: a few closed loops that publish singly, in batches, under chosen ids and to very many endpoints,
// and note what was answered 202. What got no answer is asked again with the same id or key where it had one, as a careful
// publisher does; else it is let go: nothing was promised.

import type { Dice } from '../packages/engine/simulation/dice.ts';
import type { Acknowledged } from './judge.ts';
import { ADMIN_KEY, pause, type WaxwingNode } from './waxwing-node.ts';

export interface Publishing {
  readonly acknowledged: readonly Acknowledged[];
  /** Requests that had to be asked again, and those refused with 503 or 429. */
  readonly counts: { askedAgain: number; refused: number };
  /** How many times longer the loops rest, so that a slow machine's backlog stays bounded. */
  ease(times: number): void;
  /** Ends every loop once what it asked is answered; after a while, whether or not it is. */
  stop(): Promise<void>;
}

export interface PublishingOptions {
  readonly nodes: readonly WaxwingNode[];
  readonly dice: Dice;
  readonly loops: number;
  /** The longest rest between two publishes of a loop. */
  readonly restMs: number;
  /** How long an answer is waited for; a server that was killed closes its connections at once, one that is frozen does not. */
  readonly answerMs?: number;
}

export const LIVE = 'live';
export const WIDE = 'wide';
const TYPES = ['order.created', 'order.paid', 'order.sent', 'agent.started', 'agent.ended'] as const;
const AGAIN_MS = 120;
/** Far above any answer's time. */
const ANSWER_MS = 20_000;

interface Event {
  readonly type: string;
  readonly id?: string;
  readonly data: { readonly n: number; readonly text: string };
}

interface Request {
  readonly tenant: string;
  readonly events: readonly Event[];
  readonly path: 'events' | 'events/batch';
  readonly idempotencyKey: string | null;
}

/** Starts publishing. `mark` makes the ids of this run's own. */
export function startPublishing({ nodes, dice, loops, restMs, answerMs = ANSWER_MS }: PublishingOptions, mark: string): Publishing {
  const acknowledged: Acknowledged[] = [];
  const counts = { askedAgain: 0, refused: 0 };
  let running = true;
  let abandoned = false;
  let rests = 1;
  let made = 0;

  const event = (type: string, named: boolean): Event => {
    made += 1;
    const data = { n: made, text: 'x'.repeat(dice.whole(0, 400)) };
    return named ? { type, id: `${mark}-${made}`, data } : { type, data };
  };

  function draw(): Request {
    const type = dice.pick(TYPES);
    const kind = dice.weighted({ single: 45, chosen: 36, batch: 18, wide: 1 });
    switch (kind) {
      case 'single':
        return { tenant: LIVE, events: [event(type, false)], path: 'events', idempotencyKey: null };
      case 'chosen':
        return { tenant: LIVE, events: [event(type, true)], path: 'events', idempotencyKey: null };
      case 'wide':
        return { tenant: WIDE, events: [event(type, true)], path: 'events', idempotencyKey: null };
      case 'batch': {
        const events = Array.from({ length: dice.whole(2, 12) }, () => event(dice.pick(TYPES), false));
        return { tenant: LIVE, events, path: 'events/batch', idempotencyKey: `${mark}-batch-${made}` };
      }
      default:
        return kind satisfies never;
    }
  }

  /** Asks until it is answered; an event without a name is asked for once. */
  async function publish(request: Request): Promise<void> {
    const askedMs = Date.now();
    const named = request.idempotencyKey !== null || request.events.every(({ id }) => id !== undefined);
    for (;;) {
      const node = dice.any(nodes) ?? nodes[0];
      const ids = node === undefined ? null : await ask(node, request);
      if (ids !== null) {
        const { tenant, events } = request;
        const answeredMs = Date.now();
        ids.forEach((id, index) => acknowledged.push({ id, tenant, type: events[index]?.type ?? '', askedMs, answeredMs }));
        return;
      }
      if (!named || abandoned) return pause(AGAIN_MS);
      counts.askedAgain += 1;
      await pause(AGAIN_MS);
    }
  }

  /** The ids that were answered 202; null for no answer, or one that says to ask again. */
  async function ask(node: WaxwingNode, { tenant, events, path, idempotencyKey }: Request): Promise<string[] | null> {
    const [only] = events;
    const answer = await fetch(`${node.url}/v1/tenants/${tenant}/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        'content-type': 'application/json',
        ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: JSON.stringify(path === 'events' ? only : { events }),
      signal: AbortSignal.timeout(answerMs),
    }).catch(() => null);
    if (answer === null) return null;
    const text = await answer.text().catch(() => null);
    if (text === null) return null; // the answer's head had come: it may be stored, and was not promised whole
    if (answer.status === 202) {
      const body: { readonly id: string } | { readonly data: readonly { readonly id: string }[] } = JSON.parse(text);
      return 'data' in body ? body.data.map(({ id }) => id) : [body.id];
    }
    if (answer.status !== 503 && answer.status !== 429) throw new Error(`publishing was answered ${answer.status}: ${text}`);
    counts.refused += 1;
    return null;
  }

  const ended = Array.from({ length: loops }, async () => {
    while (running) {
      await publish(draw());
      await pause(dice.unit() * restMs * rests);
    }
  });
  const all = Promise.all(ended);
  all.catch(() => undefined); // told by stop()
  return {
    acknowledged,
    counts,
    ease(times) {
      rests = times;
    },
    async stop() {
      running = false;
      const giveUp = setTimeout(() => (abandoned = true), ANSWER_MS);
      await all.finally(() => clearTimeout(giveUp));
    },
  };
}
