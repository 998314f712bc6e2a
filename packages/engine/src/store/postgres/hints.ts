// Hints: tells other nodes that there is something for them, and hears when they do. Of commits soon, and many times as one.
// Nothing relies on one: who hears none looks every now and then.

import type { Clock } from '../../ports.ts';
import type { Session } from './session.ts';

/** At most one in so long. */
const EVERY_MS = 10;
/** Something was committed; nodes came or went. */
const CHANNELS = { commits: 'waxwing_commits', nodes: 'waxwing_nodes' } as const;
type Hinted = keyof typeof CHANNELS;

export class Hints {
  readonly #clock: Clock;
  readonly #heard: (hinted: Hinted) => void;
  #session: Session | null = null;
  #sentMs = -Infinity;
  #waits = false;

  constructor(clock: Clock, heard: (hinted: Hinted) => void) {
    this.#clock = clock;
    this.#heard = heard;
  }

  /** Over this session from now on; one that no pooler stands before, or none come. */
  over(session: Session): void {
    this.#session = session;
    for (const hinted of ['commits', 'nodes'] as const) {
      session.hear(CHANNELS[hinted], () => this.#heard(hinted));
      session.run({ text: `LISTEN ${CHANNELS[hinted]}` }).catch(() => undefined);
    }
  }

  /** Nodes came or went. */
  ofNodes(): void {
    this.#session?.run({ text: `NOTIFY ${CHANNELS.nodes}` }).catch(() => undefined);
  }

  /** Something was committed. In a transaction of its own, so that no commit waits for it. */
  ofCommit(): void {
    if (this.#waits) return;
    this.#waits = true;
    this.#clock.after(Math.max(0, this.#sentMs + EVERY_MS - this.#clock.monotonicMs()), () => {
      this.#waits = false;
      this.#sentMs = this.#clock.monotonicMs();
      this.#session?.run({ text: `NOTIFY ${CHANNELS.commits}` }).catch(() => undefined);
    });
  }
}
