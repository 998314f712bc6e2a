// Network: the receivers and the way to them. Each receiver has a mood that decides how it answers, and that changes.
//
// What it took in is kept, so that a delivery that the engine calls delivered can be held against what was received.

import type { Outcome } from '@waxwing/protocol';
import type { SendOrder } from '../src/send/order.ts';
import type { Dice } from './dice.ts';
import type { Tallies } from './tallies.ts';

/** How a receiver is at the moment. */
export type Mood = 'well' | 'slow' | 'broken' | 'flaky' | 'dead' | 'hanging' | 'busy' | 'gone' | 'lossy' | 'refusing' | 'blocked';

const MOODS: { readonly [mood in Mood]: number } = {
  well: 8, slow: 3, broken: 3, flaky: 6, dead: 3, hanging: 2, busy: 2, gone: 1, lossy: 2, refusing: 1, blocked: 1,
}; // prettier-ignore

/** What will come of one exchange. */
export interface Exchange {
  /** Whether the receiver gets the message whole. */
  readonly received: boolean;
  readonly endsAfterMs: number;
  readonly outcome: Outcome;
  readonly retryAfterMs: number | null;
}

export class Network {
  readonly #dice: Dice;
  readonly #tallies: Tallies;
  readonly #moods = new Map<string, Mood>();
  /** Deliveries that were received and answered with a 2xx which reached the sender, or was lost on its way. */
  readonly #welcomed = new Set<number>();
  #peaceful = false;

  constructor(dice: Dice, tallies: Tallies) {
    this.#dice = dice;
    this.#tallies = tallies;
  }

  /** A receiver's mood changes; gives the new one. */
  changeMood(url: string): Mood {
    const mood = this.#dice.weighted(MOODS);
    this.#moods.set(url, mood);
    return mood;
  }

  /** From now on every receiver is well. */
  makePeace(): void {
    this.#peaceful = true;
  }

  welcomed(deliverySeq: number): boolean {
    return this.#welcomed.has(deliverySeq);
  }

  /** Plays one exchange. */
  exchange(order: SendOrder): Exchange {
    const exchange = this.#play(order);
    if (exchange.received && (exchange.outcome.kind === 'delivered' || exchange.outcome.kind === 'unreachable'))
      this.#welcomed.add(order.delivery);
    return exchange;
  }

  #play(order: SendOrder): Exchange {
    const { timeoutMs, url } = order.target;
    const dice = this.#dice;
    const mood = this.#peaceful ? 'well' : (this.#moods.get(url) ?? 'well');
    const soon = dice.whole(1, 80);
    switch (mood) {
      case 'well':
        return answered(dice.pick([200, 200, 204]), soon);
      case 'slow':
        this.#tallies.count('receiver: slow');
        return answered(200, dice.whole(1_000, timeoutMs - 1));
      case 'broken':
        return answered(dice.pick([500, 500, 503, 501]), soon, this.#retryAfter(0.3));
      case 'flaky':
        return dice.chance(0.5) ? answered(200, soon) : answered(500, soon);
      case 'dead':
        return failed({ kind: 'unreachable', reason: dice.pick(['dns', 'connect', 'tls']) }, soon);
      case 'hanging':
        return { ...failed({ kind: 'timed_out' }, timeoutMs), received: true };
      case 'busy':
        return answered(dice.pick([429, 502, 504]), soon, this.#retryAfter(0.7));
      case 'gone':
        this.#tallies.count('receiver: gone');
        return answered(410, soon);
      case 'lossy':
        if (dice.chance(0.4)) return answered(200, soon);
        this.#tallies.count('receiver: answer lost');
        return { ...failed({ kind: 'unreachable', reason: 'reset' }, soon), received: true };
      case 'refusing':
        return answered(dice.pick([301, 400, 401, 404, 422]), soon);
      case 'blocked':
        return failed({ kind: 'blocked' }, 0);
      default:
        return mood satisfies never;
    }
  }

  #retryAfter(chance: number): number | null {
    if (!this.#dice.chance(chance)) return null;
    this.#tallies.count('receiver: retry-after');
    return this.#dice.pick([0, 1_000, 7_000, 30_000, 600_000, 24 * 3_600_000]);
  }
}

function answered(status: number, endsAfterMs: number, retryAfterMs: number | null = null): Exchange {
  const delivered = status >= 200 && status < 300;
  return { received: true, endsAfterMs, outcome: { kind: delivered ? 'delivered' : 'refused', status }, retryAfterMs };
}

function failed(outcome: Outcome, endsAfterMs: number): Exchange {
  return { received: false, endsAfterMs, outcome, retryAfterMs: null };
}
