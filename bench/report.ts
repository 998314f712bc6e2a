// The report: figures as a Markdown table for people, plots beside them, and the part of a Markdown file between two markers.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from './bench.ts';
import { shown, type Bars, type Figure, type Result } from './figures.ts';
import type { Machine } from './machine.ts';
import { drawPlot } from './plot.ts';

export interface RecordedScenario extends Result {
  readonly question: string;
  readonly seconds: number;
  readonly failure: string | null;
}

/** What a run leaves: the JSON for machines. */
export interface Recorded {
  readonly at: string;
  readonly command: string;
  readonly machine: Machine;
  readonly settings: Omit<Settings, 'folder' | 'profiles'>;
  readonly method: string;
  readonly seconds: number;
  readonly scenarios: { readonly [name: string]: RecordedScenario };
}

/** Figures stand between these; what is around them is written by hand. */
const markers = (section: string): [begin: string, end: string] => [`<!-- ${section} -->`, `<!-- /${section} -->`];

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, ratio, of, target }) => {
    const against = ratio === null ? '' : `${ratio} of ${of}`;
    const aim = target === null ? '' : `${target.isMet ? 'met' : '**missed**'}: ${target.text}`;
    return `| ${what} | ${shown(value, unit)} | ${against} | ${aim} |`;
  });
  return ['| what | figure | ratio | target |', '|---|--:|--:|---|', ...rows].join('\n');
}

/** Writes plots beside the file (in figures/) and replaces the section's text in it. @param section the markers' name */
export function writeReport(recorded: Recorded, path: string, section = 'figures'): void {
  const folder = join(dirname(path), 'figures');
  mkdirSync(folder, { recursive: true });
  const parts = Object.entries(recorded.scenarios).map(([name, { question, figures, plots, failure }]) => {
    const pictures = plots.map((plot) => {
      writeFileSync(join(folder, `${plot.name}.svg`), drawPlot(plot));
      return `![${plot.title}](figures/${plot.name}.svg)`;
    });
    const body = failure === null ? tableOf(figures) : `This scenario failed: ${failure.split('\n')[0]}`;
    return [
      `### ${name}`,
      '',
      question[0]?.toUpperCase() + question.slice(1),
      '',
      body,
      ...pictures.flatMap((picture) => ['', picture]),
    ].join('\n');
  });
  const overview = overviewOf(recorded);
  if (overview !== null) {
    writeFileSync(join(folder, `${overview.name}.svg`), drawPlot(overview));
    parts.unshift(`![${overview.title}](figures/${overview.name}.svg)`);
  }
  const text = [
    `Made on ${recorded.at.slice(0, 10)} in ${Math.ceil(recorded.seconds / 60)} minutes by \`${recorded.command}\`.`,
    '',
    ...recorded.method.split('\n').map((line) => `> ${line}`),
    '',
    parts.join('\n\n'),
  ].join('\n');
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), section, text));
}

/** The rates of all scenarios that were run, beside the bare send loop; null for fewer than three. */
function overviewOf({ scenarios }: Recorded): Bars | null {
  const rates = ['limit.send', 'drain', 'batch', 'steady', 'fanOut.10', 'fanOut.100', 'fanOut.1000', 'tls', 'manyEndpoints'].map(
    (id) => `${id}.rate`,
  );
  const all = Object.values(scenarios).flatMap(({ figures }) => figures);
  const bars = rates.flatMap((id) => {
    const found = all.find((figure) => figure.id === id);
    return found === undefined ? [] : [{ label: found.what, value: found.value, isOurs: !id.startsWith('limit') }];
  });
  return bars.length < 3 ? null : { kind: 'bars', name: 'rates', title: 'Delivered a second', unit: '/s', bars };
}

/** @throws when the markers are not there */
export function replaceSection(page: string, section: string, text: string): string {
  const [begin, end] = markers(section);
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`there is no place for the figures: ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
