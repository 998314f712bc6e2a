// Virtual time: one queue of everything that is going to happen, for the world and for the processes in it.
//
// Time moves only from one entry to the next; entries of the same millisecond come in the order they were set. An entry
// belongs to an owner: when a process dies, what it had set never happens; while it is frozen, it waits. Beats are what nodes
// do again and again whether or not anything happens (renewing leases, asking for news): while all is quiet they are leapt over.

import { Heap } from '../src/lane/heap.ts';
import type { Clock } from '../src/ports.ts';

/** Who has set a timer. */
export interface Owner {
  readonly alive: boolean;
  readonly frozen?: boolean;
}

interface Entry {
  atMs: number;
  readonly order: number;
  readonly owner: Owner;
  readonly isBeat: boolean;
  run: (() => void) | null;
}

const START_MS = Date.UTC(2026, 0, 1);

export class VirtualTime {
  #nowMs = START_MS;
  #order = 0;
  readonly #deeds = new Heap<Entry>(sooner);
  #beats = new Heap<Entry>(sooner);
  /** What came up while its owner was frozen. */
  #held: Entry[] = [];
  /** Whether beats would find nothing to do. */
  isQuiet: () => boolean = () => true;
  /** Told when the beats are set later, all by as much. */
  onLeap: (ms: number) => void = () => undefined;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Milliseconds since the simulation began. */
  get elapsedMs(): number {
    return this.#nowMs - START_MS;
  }

  /** Sets a timer; gives what cancels it. */
  after(owner: Owner, delayMs: number, run: () => void, isBeat = false): () => void {
    const entry: Entry = { atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)), order: this.#order++, owner, isBeat, run };
    (isBeat ? this.#beats : this.#deeds).push(entry);
    return () => {
      entry.run = null;
    };
  }

  /** When the next thing happens, beats aside; null when nothing ever does. */
  get nextMs(): number | null {
    return this.#peek(this.#deeds)?.atMs ?? null;
  }

  /** Moves to the next thing and lets it happen. */
  step(): 'deed' | 'beat' | 'nothing' {
    const deed = this.#peek(this.#deeds);
    let beat = this.#peek(this.#beats);
    if (beat !== undefined && (deed === undefined || sooner(beat, deed) < 0) && this.isQuiet()) {
      if (deed === undefined) return 'nothing';
      this.#leap(deed.atMs - beat.atMs + 1);
      beat = undefined;
    }
    const entry = deed === undefined || (beat !== undefined && sooner(beat, deed) < 0) ? beat : deed;
    if (entry === undefined) return 'nothing';
    (entry.isBeat ? this.#beats : this.#deeds).pop();
    this.#nowMs = Math.max(this.#nowMs, entry.atMs);
    entry.run?.();
    return entry.isBeat ? 'beat' : 'deed';
  }

  /** Somebody is not frozen any more: what was held up for him comes now, in its order. */
  thaw(): void {
    const held = this.#held;
    this.#held = [];
    for (const entry of held) {
      entry.atMs = Math.max(entry.atMs, this.#nowMs);
      (entry.isBeat ? this.#beats : this.#deeds).push(entry);
    }
  }

  /** Timers that a process has set and not cancelled. */
  timersOf(owner: Owner): number {
    const all = [...this.#deeds.sorted(), ...this.#beats.sorted(), ...this.#held];
    return all.filter((entry) => entry.owner === owner && entry.run !== null).length;
  }

  #leap(ms: number): void {
    const beats = this.#beats.sorted().filter((entry) => entry.run !== null && entry.owner.alive);
    this.#beats = new Heap<Entry>(sooner);
    for (const entry of beats) {
      entry.atMs += ms;
      this.#beats.push(entry);
    }
    this.onLeap(ms);
  }

  #peek(entries: Heap<Entry>): Entry | undefined {
    for (let entry = entries.peek(); entry !== undefined; entry = entries.peek()) {
      if (entry.run !== null && entry.owner.alive) {
        if (entry.owner.frozen !== true) return entry;
        this.#held.push(entry);
      }
      entries.pop();
    }
    return undefined;
  }
}

function sooner(a: Entry, b: Entry): number {
  return a.atMs - b.atMs || a.order - b.order;
}

/** Someone of a process, who dies with it and keeps timers of his own. */
export function within(process: Owner): Owner {
  return {
    get alive() {
      return process.alive;
    },
    get frozen() {
      return process.frozen === true;
    },
  };
}

/** Something on its way from or to a process: it goes on while the process is frozen. */
export function onTheWay(process: Owner): Owner {
  return {
    get alive() {
      return process.alive;
    },
  };
}

/** Time as one process sees it: its wall clock may be wrong. Timers of the one length are beats. */
export function clockOf(time: VirtualTime, owner: Owner, { aheadMs = 0, beatMs = -1 } = {}): Clock {
  return {
    nowMs: () => time.nowMs + aheadMs,
    monotonicMs: () => time.elapsedMs,
    after: (delayMs, run) => time.after(owner, delayMs, run, delayMs === beatMs),
  };
}

/** Lets everything happen that needs no time: all promises settle before the next turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
