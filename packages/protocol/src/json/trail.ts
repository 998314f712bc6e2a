// The trail: the way from the root to the value under the scanner, and the two errors that end a scan there.
//
// A step is two numbers, a key's span in the text, or an index and -1: walking allocates nothing, and a pointer is put
// together only for an error or a finding. It judges nothing itself; the words of an error come from whoever found it.

import { keyName } from './key-ledger.ts';
import { pointerTo } from './pointer.ts';
import { notJson, notPortable } from './refusals.ts';

export class Trail {
  private readonly text: string;
  private readonly basePath: string;
  private readonly steps: number[] = [];
  private top = 0;

  constructor(text: string, basePath: string) {
    this.text = text;
    this.basePath = basePath;
  }

  /** Where the steps into an object or array that opens here go. Give the mark back to the others. */
  mark(): number {
    return this.top;
  }

  /** Stands at the member whose key has this span. */
  atKey(mark: number, start: number, end: number): void {
    this.steps[mark] = start;
    this.steps[mark + 1] = end;
    this.top = mark + 2;
  }

  atIndex(mark: number, index: number): void {
    this.atKey(mark, index, -1);
  }

  /** Stands at the object or array itself again. */
  back(mark: number): void {
    this.top = mark;
  }

  pointer(): string {
    let path = this.basePath;
    for (let i = 0; i < this.top; i += 2) {
      const start = this.steps[i] ?? 0;
      const end = this.steps[i + 1] ?? -1;
      path = pointerTo(path, end < 0 ? String(start) : keyName(this.text, start, end));
    }
    return path;
  }

  /** Ends the scan: the grammar allows this, but it would not arrive unchanged. */
  refuse(at: number, what: string): never {
    throw notPortable(this.pointer(), at, what);
  }

  /** Ends the scan: this is not JSON. */
  fail(at: number, what: string): never {
    throw notJson(this.text, at, this.pointer(), what);
  }
}
