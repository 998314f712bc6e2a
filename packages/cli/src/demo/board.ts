// The demo's screen: a line for each delivery, and below them a table that is redrawn in place where there is a terminal.
// Elsewhere (a pipe, a log) only the lines come as they happen, and the table once, at the end.

import { dim, green, pad, print, tableLines, yellow } from '../terminal.ts';
import type { ProfileScore } from './scoreboard.ts';

const BAR_COLUMNS = 20;

export class Board {
  readonly #live: boolean;
  #drawn = 0;
  #scores: readonly ProfileScore[] = [];

  constructor(live: boolean) {
    this.#live = live;
  }

  line(text: string): void {
    this.#erase();
    print(text);
    this.#draw();
  }

  show(scores: readonly ProfileScore[]): void {
    this.#erase();
    this.#scores = scores;
    this.#draw();
  }

  /** Leaves the table standing. */
  end(): void {
    if (!this.#live) for (const line of this.#lines()) print(line);
    this.#drawn = 0;
    this.#scores = [];
  }

  #erase(): void {
    if (this.#drawn > 0) process.stdout.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#live || this.#scores.length === 0) return;
    const lines = this.#lines();
    for (const line of lines) print(line);
    this.#drawn = lines.length;
  }

  #lines(): string[] {
    const rows = this.#scores.map(({ profile, total, delivered, verified, medianMs }) => [
      profile,
      bar(verified, total),
      count(delivered, total),
      count(verified, total),
      medianMs === null ? '' : `${medianMs} ms`,
    ]);
    return ['', ...tableLines(['PROFILE', '', 'DELIVERED', 'VERIFIED', 'MEDIAN'], rows)];
  }
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.round((done / total) * BAR_COLUMNS);
  return pad(green('█'.repeat(filled)) + dim('░'.repeat(BAR_COLUMNS - filled)), BAR_COLUMNS);
}

function count(done: number, total: number): string {
  const text = `${done}/${total}`;
  return done === total ? green(text) : yellow(text);
}
