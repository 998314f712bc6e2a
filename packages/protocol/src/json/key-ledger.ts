// The key ledger: which keys the open objects of a scan have had, so that none stands twice.
//
// Keys are spans of the text. The first few of an object are compared pair by pair, which allocates nothing and is what
// most objects are; more of them, or one with an escape, go into a set of names, so that time stays linear.

// From about this many on, a set of names is faster than comparing.
const COMPARED_MAX = 8;

/** The names of one object, once it has a set of them. */
export type NameSet = Set<string>;

export class KeyLedger {
  private readonly text: string;
  // The keys of the objects that are open and have no set yet, innermost last, two numbers a key: its span.
  private readonly spans: number[] = [];
  private top = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Opens an object. Give the mark back to `claim` and `close`. */
  open(): number {
    return this.top;
  }

  close(mark: number): void {
    this.top = mark;
  }

  /**
   * Enters a key of the innermost object. `plain` says that it holds no backslash.
   * @returns the object's set of names to hand in with its next key, null while it has none; `'taken'` when the object has the key
   */
  claim(mark: number, names: NameSet | null, start: number, end: number, plain: boolean): NameSet | null | 'taken' {
    if (names === null && plain && this.top - mark < 2 * COMPARED_MAX) {
      for (let i = mark; i < this.top; i += 2) if (this.same(this.spans[i] ?? 0, this.spans[i + 1] ?? 0, start, end)) return 'taken';
      this.spans[this.top++] = start;
      this.spans[this.top++] = end;
      return null;
    }
    const claimed = names ?? this.namesSince(mark);
    const before = claimed.size;
    claimed.add(plain ? this.text.slice(start, end) : keyName(this.text, start, end));
    return claimed.size === before ? 'taken' : claimed;
  }

  private namesSince(mark: number): NameSet {
    const names: NameSet = new Set();
    for (let i = mark; i < this.top; i += 2) names.add(this.text.slice(this.spans[i], this.spans[i + 1]));
    return names;
  }

  private same(aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
    const length = aEnd - aStart;
    if (length !== bEnd - bStart) return false;
    for (let i = 0; i < length; i++) if (this.text.charCodeAt(aStart + i) !== this.text.charCodeAt(bStart + i)) return false;
    return true;
  }
}

/** A key as its reader sees it: what stands between its quotes, escapes resolved. */
export function keyName(text: string, start: number, end: number): string {
  const raw = text.slice(start, end);
  if (!raw.includes('\\')) return raw;
  const name: unknown = JSON.parse(`"${raw}"`);
  return typeof name === 'string' ? name : raw;
}
