// Trace: what happened in a run, line by line. Always hashed, so that two runs of one seed can be told equal; kept as
// text only where someone is going to read it.

const FNV_PRIME = 16_777_619;

export class Trace {
  readonly lines: string[] = [];
  readonly #keeps: boolean;
  readonly #elapsedMs: () => number;
  #low = 0x811c9dc5;
  #high = 0x050c5d1f;

  constructor(keeps: boolean, elapsedMs: () => number) {
    this.#keeps = keeps;
    this.#elapsedMs = elapsedMs;
  }

  /** One line: who, and what. */
  say(who: string, what: string): void {
    const line = `${this.#elapsedMs()} ${who} ${what}`;
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at);
      this.#low = Math.imul(this.#low ^ code, FNV_PRIME);
      this.#high = Math.imul(this.#high ^ (code + at), FNV_PRIME);
    }
    if (this.#keeps) this.lines.push(`${clockTime(this.#elapsedMs())}  ${who.padEnd(8)} ${what}`);
  }

  /** The same for two runs that went the same way. */
  get hash(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** `3d 04:05:06.789` */
function clockTime(elapsedMs: number): string {
  const days = Math.floor(elapsedMs / 86_400_000);
  return `${String(days).padStart(3)}d ${new Date(elapsedMs).toISOString().slice(11, 23)}`;
}
