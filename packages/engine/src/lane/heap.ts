// A heap: the least item first, by a comparison given at the start. Lanes keep their deliveries in one, wakes their times.

export class Heap<T> {
  #heap: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#heap.length;
  }

  peek(): T | undefined {
    return this.#heap[0];
  }

  push(item: T): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || this.#compare(parent, item) <= 0) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = item;
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = heap[leftAt];
      if (left === undefined) break;
      const right = heap[leftAt + 1];
      const childAt = right !== undefined && this.#compare(right, left) < 0 ? leftAt + 1 : leftAt;
      const child = childAt === leftAt ? left : right;
      if (child === undefined || this.#compare(last, child) <= 0) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
    return top;
  }

  /** Takes out everything that `drop` says; returns what was taken. Linear. */
  removeWhere(drop: (item: T) => boolean): T[] {
    const kept: T[] = [];
    const removed: T[] = [];
    for (const item of this.#heap) (drop(item) ? removed : kept).push(item);
    if (removed.length > 0) {
      kept.sort(this.#compare); // a sorted array is a heap
      this.#heap = kept;
    }
    return removed;
  }

  /** All items, least first. */
  sorted(): T[] {
    return this.#heap.toSorted(this.#compare);
  }
}
