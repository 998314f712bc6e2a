// Feed marks: what a batch's row in the feed lists, as text: a code and its numbers, one entry after the other.

import type { FeedMark } from '../feed.ts';
import { StoreError } from '../store.ts';

const EVENT_CODE = 0;
export const ATTEMPT_CODE = 1;
export const ATTEMPT_KEPT_ONLY_CODE = 2;
export const DELIVERY_CODE = 3;
const ENDPOINT_CODE = 4;

export function eventMark(seq: number): string {
  return `${EVENT_CODE},${seq}`;
}

export function deliveryMark(seq: number): string {
  return `${DELIVERY_CODE},${seq}`;
}

export function endpointMark(seq: number): string {
  return `${ENDPOINT_CODE},${seq}`;
}

/** What a batch has told so far, and the latest time that it named. */
export class ToldChanges {
  readonly #marks: string[] = [];
  #latestMs = 0;

  add(marks: string, atMs: number): void {
    if (marks === '') return;
    this.#marks.push(marks);
    this.#latestMs = Math.max(this.#latestMs, Math.trunc(atMs));
  }

  /** Something untold was written that names a time. */
  atLeast(atMs: number): void {
    this.#latestMs = Math.max(this.#latestMs, Math.trunc(atMs));
  }

  get list(): string {
    return this.#marks.join(',');
  }

  get latestMs(): number {
    return this.#latestMs;
  }
}

/** A row's list as it was written. */
export function readMarks(list: string): readonly FeedMark[] {
  if (list === '') return [];
  const numbers = list.split(',').map(Number);
  const marks: FeedMark[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    const [code, seq = 0, number = 0] = [numbers[at], numbers[at + 1], numbers[at + 2]];
    switch (code) {
      case EVENT_CODE:
        marks.push({ kind: 'event', seq });
        break;
      case ATTEMPT_CODE:
      case ATTEMPT_KEPT_ONLY_CODE:
        marks.push({ kind: 'attempt', deliverySeq: seq, number, isKeptOnly: code === ATTEMPT_KEPT_ONLY_CODE });
        at += 1;
        break;
      case DELIVERY_CODE:
        marks.push({ kind: 'delivery', deliverySeq: seq });
        break;
      case ENDPOINT_CODE:
        marks.push({ kind: 'endpoint', endpointSeq: seq });
        break;
      default:
        throw new StoreError('unavailable', `the store is damaged: the feed holds an unknown code: ${code}`);
    }
  }
  return marks;
}
