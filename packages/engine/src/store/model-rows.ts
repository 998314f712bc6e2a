// Model rows: a table in memory that can take back what was done to it, so that a batch is atomic in the model too.

/** What undoes the steps of a batch, latest first. */
export class UndoLog {
  readonly #steps: (() => void)[] = [];

  push(step: () => void): void {
    this.#steps.push(step);
  }

  undo(): void {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) step();
  }

  clear(): void {
    this.#steps.length = 0;
  }
}

/** Rows by key, in the order of insertion. */
export class ModelTable<K, R> {
  readonly #rows = new Map<K, R>();
  readonly #log: UndoLog;

  constructor(log: UndoLog) {
    this.#log = log;
  }

  get(key: K): R | undefined {
    return this.#rows.get(key);
  }

  has(key: K): boolean {
    return this.#rows.has(key);
  }

  values(): readonly R[] {
    return [...this.#rows.values()];
  }

  entries(): readonly (readonly [K, R])[] {
    return [...this.#rows];
  }

  put(key: K, row: R): void {
    const before = this.#rows.get(key);
    this.#rows.set(key, row);
    this.#log.push(() => {
      if (before === undefined) this.#rows.delete(key);
      else this.#rows.set(key, before);
    });
  }

  delete(key: K): boolean {
    const before = this.#rows.get(key);
    if (before === undefined) return false;
    this.#rows.delete(key);
    this.#log.push(() => this.#rows.set(key, before));
    return true;
  }
}
