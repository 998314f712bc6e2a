// Dice: all the chance there is in a simulation. One seed gives one stream of numbers (mulberry32), and independent
// streams for its parts, so that a change in what the users draw does not move what the network draws.

import type { Randomness } from '../src/ports.ts';

export class Dice implements Randomness {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => Math.floor(this.unit() * 256));
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[Math.floor(this.unit() * from.length)] ?? from[0];
  }

  /** One of a list that may be empty. */
  any<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.unit() * from.length)];
  }

  /** A name, drawn by its weight. */
  weighted<K extends string>(weights: { readonly [name in K]: number }): K {
    const entries: [K, number][] = [];
    for (const name in weights) entries.push([name, weights[name]]);
    let left = this.unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    const [last] = entries.at(-1) ?? [];
    if (last === undefined) throw new RangeError('nothing to draw from');
    return last;
  }

  /** A stream of its own. */
  fork(): Dice {
    return new Dice(Math.floor(this.unit() * 4_294_967_296));
  }
}
