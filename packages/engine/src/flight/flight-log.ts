// The flight log: which deliveries are under way, noted so that the next process knows when this one was killed.
//
// Invariants:
//  1. A delivery is noted from before it is handed to the sender until its attempt is on record. One write a turn, of the
//     slots that changed; none is waited for.
//  2. Bounded: 2,048 slots of 8 bytes (in the top byte four flags and the attempts made so far, modulo 16; the delivery's
//     number below). What finds no slot is not noted.
//  3. A suspect (under way at an unclean stop) stays noted until an attempt of it has ended while the process lived.
//  4. What cannot be written is said once, and then no more is: deliveries go on.

import type { Log } from '../ports.ts';
import type { FlightFile } from './flight-file.ts';

/** A delivery that was under way, or suspected already, when the process died. */
export interface LeftOver {
  readonly seq: number;
  /** `new`: it was sent with others. `again`: it was a suspect, and under way once more. `alone`: and nothing else was: it is to blame. `waiting`: a suspect that was not tried. */
  readonly kind: 'new' | 'again' | 'alone' | 'waiting';
  /** How many attempts it had then, modulo 16: with another one on record since, it was not cut off. Null where none was under way. */
  readonly attempts: number | null;
  /** Whether it goes entirely alone, however long that takes: it was under way at two stops. */
  readonly strict: boolean;
}

export const FLIGHT_SLOTS = 2_048;
const SLOT_BYTES = 8;
const UNDER_WAY = 1;
const SUSPECT = 2;
const ALONE = 4;
const STRICT = 8;
const ATTEMPTS_SHIFT = 4;
const ATTEMPTS = 0xf0;
/** Attempts are counted modulo this. */
export const ATTEMPTS_MODULO = 16;
const HIGH = 2 ** 32;
const HIGH_MASK = 0x001fffff;

export class FlightLog {
  readonly #file: FlightFile;
  readonly #log: Log;
  readonly #words = new Uint32Array(FLIGHT_SLOTS * 2);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #slots = new Map<number, number>();
  /** Lowest first, so that the slots in use lie together. */
  readonly #free = Array.from({ length: FLIGHT_SLOTS }, (_, index) => FLIGHT_SLOTS - 1 - index);
  /** Under way without a slot. */
  readonly #unlisted = new Set<number>();
  #underWay = 0;
  /** The suspect that is under way: one at a time. */
  #tried: number | null = null;
  /** The slots that are not written as they are: from, to. */
  #from: number = FLIGHT_SLOTS;
  #to = 0;
  #works = true;

  constructor(file: FlightFile, log: Log) {
    this.#file = file;
    this.#log = log;
  }

  /** Deliveries under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** What the last run left. It stands until `begin`. */
  read(): readonly LeftOver[] {
    try {
      const left = this.#file.read();
      return left === null ? [] : parse(left);
    } catch (error) {
      this.#failed(error);
      return [];
    }
  }

  /** Begins a run of its own, in place of what the last one left. */
  begin(suspects: readonly LeftOver[]): void {
    for (const { seq, strict } of suspects) {
      const slot = this.#slotOf(seq);
      if (slot !== undefined) this.#set(slot, seq, SUSPECT | (strict ? STRICT : 0));
    }
    this.#from = 0;
    this.#to = FLIGHT_SLOTS;
    this.write();
  }

  /** A delivery is about to be handed to the sender. */
  begun(seq: number, attempts: number): void {
    this.#underWay += 1;
    const slot = this.#slotOf(seq);
    if (slot === undefined) {
      this.#unlisted.add(seq);
      return;
    }
    const flags = this.#flags(slot);
    if ((flags & SUSPECT) !== 0) this.#tried = seq;
    this.#set(slot, seq, (flags & ~ATTEMPTS) | UNDER_WAY | ((attempts % ATTEMPTS_MODULO) << ATTEMPTS_SHIFT));
  }

  /** Its attempt is on record. A suspect goes on being one until it is `cleared`. */
  ended(seq: number): void {
    if (this.#unlisted.delete(seq)) {
      this.#underWay -= 1;
      return;
    }
    const slot = this.#slots.get(seq);
    if (slot === undefined || (this.#flags(slot) & UNDER_WAY) === 0) return;
    this.#underWay -= 1;
    if (this.#tried === seq) this.#tried = null;
    const flags = this.#flags(slot) & ~(UNDER_WAY | ALONE);
    if ((flags & SUSPECT) === 0) this.#release(seq, slot);
    else this.#set(slot, seq, flags);
  }

  /** It is no suspect any more. */
  cleared(seq: number): void {
    const slot = this.#slots.get(seq);
    if (slot === undefined) return;
    if (this.#tried === seq) this.#tried = null;
    const flags = this.#flags(slot) & (UNDER_WAY | ATTEMPTS);
    if ((flags & UNDER_WAY) === 0) this.#release(seq, slot);
    else this.#set(slot, seq, flags);
  }

  /** Writes what changed. Call before orders are handed over. */
  write(): void {
    this.#markAlone();
    if (this.#to === 0) return;
    const [start, end] = [this.#from * SLOT_BYTES, this.#to * SLOT_BYTES];
    this.#from = FLIGHT_SLOTS;
    this.#to = 0;
    if (!this.#works) return;
    try {
      this.#file.write(this.#bytes, start, end);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** A clean stop: only suspects that were not tried are left for the next start. */
  close(): void {
    let suspects = 0;
    for (const [seq, slot] of Array.from(this.#slots)) {
      const flags = this.#flags(slot) & ~(UNDER_WAY | ALONE);
      const suspect = (flags & SUSPECT) !== 0;
      if (suspect) this.#set(slot, seq, flags);
      else this.#release(seq, slot);
      if (suspect) suspects += 1;
    }
    this.#tried = null;
    if (suspects > 0) this.write();
    try {
      this.#file.close(suspects > 0);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Whether the suspect under way has no company changes with every other delivery's end. */
  #markAlone(): void {
    const seq = this.#tried;
    const slot = seq === null ? undefined : this.#slots.get(seq);
    if (seq === null || slot === undefined) return;
    const flags = this.#flags(slot);
    const next = this.#underWay === 1 ? flags | ALONE : flags & ~ALONE;
    if (next !== flags) this.#set(slot, seq, next);
  }

  #slotOf(seq: number): number | undefined {
    const known = this.#slots.get(seq);
    if (known !== undefined) return known;
    const slot = this.#free.pop();
    if (slot !== undefined) this.#slots.set(seq, slot);
    return slot;
  }

  #release(seq: number, slot: number): void {
    this.#slots.delete(seq);
    this.#free.push(slot);
    this.#set(slot, 0, 0);
  }

  #flags(slot: number): number {
    return (this.#words[slot * 2 + 1] ?? 0) >>> 24;
  }

  #set(slot: number, seq: number, flags: number): void {
    this.#words[slot * 2] = seq >>> 0;
    this.#words[slot * 2 + 1] = ((flags << 24) | Math.floor(seq / HIGH)) >>> 0;
    if (slot < this.#from) this.#from = slot;
    if (slot >= this.#to) this.#to = slot + 1;
  }

  #failed(error: unknown): void {
    if (this.#works) this.#log.warn('what is in flight cannot be noted; after a crash nothing will be suspected', { error: String(error) });
    this.#works = false;
  }
}

/** What a file's slots say. What makes no sense is left out: a power failure may have torn it. */
function parse(bytes: Uint8Array): readonly LeftOver[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const left: LeftOver[] = [];
  for (let at = 0; at + SLOT_BYTES <= bytes.byteLength && left.length < FLIGHT_SLOTS; at += SLOT_BYTES) {
    const high = view.getUint32(at + 4, LITTLE_ENDIAN);
    const seq = (high & HIGH_MASK) * HIGH + view.getUint32(at, LITTLE_ENDIAN);
    const flags = high >>> 24;
    if (seq === 0 || flags === 0) continue;
    const kind = kindOf(flags);
    const attempts = kind === 'waiting' ? null : (flags & ATTEMPTS) >>> ATTEMPTS_SHIFT;
    left.push({ seq, kind, attempts, strict: (flags & STRICT) !== 0 || kind === 'again' || kind === 'alone' });
  }
  return left;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function kindOf(flags: number): LeftOver['kind'] {
  if ((flags & SUSPECT) === 0) return 'new';
  if ((flags & UNDER_WAY) === 0) return 'waiting';
  return (flags & ALONE) === 0 ? 'again' : 'alone';
}
