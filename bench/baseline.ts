// The kept baseline: the ratios of an earlier quick run to its machine's own limits, and what a new run has lost against them.
//
// Ratios, since machines differ; tails of latency are left out, since two seconds are too few for them. It reports and never
// fails: a drop is for people to look into.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figures.ts';
import type { Recorded } from './report.ts';

export const BASELINE_FILE: string = join(import.meta.dirname, 'baseline.json');
/** A drop from which on a line is marked. */
const DROP = 0.15;
const TAIL = /p99/;

export interface Baseline {
  readonly at: string;
  readonly machine: string;
  readonly figures: { readonly [id: string]: { readonly ratio: number; readonly better: Figure['better'] } };
}

/** How many ratios were kept. */
export function keepBaseline(recorded: Recorded, path: string = BASELINE_FILE): number {
  const figures = Object.fromEntries(compared(recorded).map(({ id, ratio, better }) => [id, { ratio: ratio ?? 0, better }]));
  const { cpus, model, node } = recorded.machine;
  const baseline: Baseline = { at: recorded.at, machine: `${cpus} × ${model}, Node ${node}`, figures };
  writeFileSync(path, `${JSON.stringify(baseline, null, 2)}\n`);
  return Object.keys(figures).length;
}

/** A Markdown table of what is compared, with the drops marked. */
export function compare(recorded: Recorded, path: string = BASELINE_FILE): string {
  if (!existsSync(path)) return `\nNo baseline is kept (${path}): npm run bench -- --quick --keep makes one.`;
  const baseline: Baseline = JSON.parse(readFileSync(path, 'utf8'));
  const rows: string[] = [];
  let drops = 0;
  for (const { id, what, ratio, of, better } of compared(recorded)) {
    const before = baseline.figures[id];
    if (before === undefined || ratio === null) continue;
    const gained = better === 'more' ? ratio / before.ratio : before.ratio / ratio;
    const dropped = gained < 1 - DROP;
    if (dropped) drops++;
    rows.push(
      `| ${what} | ${ratio} of ${of} | ${before.ratio} | ${gained >= 1 ? '+' : '−'}${Math.abs(Math.round((gained - 1) * 100))} %${dropped ? ' **DROP**' : ''} |`,
    );
  }
  const failed = Object.entries(recorded.scenarios).flatMap(([name, { failure }]) => (failure === null ? [] : [name]));
  return [
    `\nAgainst the baseline of ${baseline.at.slice(0, 10)} (${baseline.machine}), as ratios to each machine’s own limits; better is +:`,
    '',
    '| what | now | baseline | change |',
    '|---|--:|--:|--:|',
    ...rows,
    '',
    ...(failed.length === 0 ? [] : [`These scenarios did not end: ${failed.join(', ')}.`]),
    drops === 0
      ? 'No figure dropped by more than 15 %.'
      : `${drops} of ${rows.length} figures dropped by more than 15 %: reported, not judged. On a busy machine run it again before you believe it.`,
  ].join('\n');
}

function compared(recorded: Recorded): readonly Figure[] {
  return Object.values(recorded.scenarios)
    .flatMap(({ figures }) => figures)
    .filter(({ ratio, id }) => ratio !== null && ratio > 0 && !TAIL.test(id));
}
