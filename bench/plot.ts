// Plots as SVG: bars and lines, readable on light and dark pages, with nothing drawn that the figures do not say.

import type { Bars, Lines, Plot } from './figures.ts';

const WIDTH = 720;
const STYLE = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2933 } .quiet { fill: #66727f } .title { font-size: 15px; font-weight: 600 }
.grid { stroke: #d5dbe1 } .bar { fill: #9aa7b4 } .ours { fill: #2563a8 }
.line { fill: none; stroke-width: 2 } .s0 { stroke: #2563a8; fill: #2563a8 } .s1 { stroke: #c2571a; fill: #c2571a } .s2 { stroke: #5b7f3a; fill: #5b7f3a } .s3 { stroke: #8a4fa3; fill: #8a4fa3 }
path { fill: none !important }
@media (prefers-color-scheme: dark) { text { fill: #e4e9ee } .quiet { fill: #9aa7b4 } .grid { stroke: #3d4752 } .ours { fill: #6ea8e0 } .s0 { stroke: #6ea8e0; fill: #6ea8e0 } .s1 { stroke: #e8935c; fill: #e8935c } .s2 { stroke: #9cc276; fill: #9cc276 } }
</style>`;
const SERIES = 4;
const LABEL_PX = 15;

export function drawPlot(plot: Plot): string {
  switch (plot.kind) {
    case 'bars':
      return drawBars(plot);
    case 'lines':
      return drawLines(plot);
    default:
      return plot satisfies never;
  }
}

function drawBars({ title, unit, bars }: Bars): string {
  const [left, right, row, top] = [290, 90, 28, 40];
  const most = Math.max(1e-9, ...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, isOurs = false }, index) => {
    const y = top + index * row;
    const width = Math.max(1, ((WIDTH - left - right) * value) / most);
    return `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>
<rect class="${isOurs ? 'ours' : 'bar'}" x="${left}" y="${y + 2}" width="${fixed(width)}" height="18" rx="2"/>
<text class="quiet" x="${fixed(left + width + 8)}" y="${y + 15}">${escaped(`${counted(value)}${unit === '/s' ? '' : ' '}${unit}`)}</text>`;
  });
  return page(title, top + bars.length * row + 12, rows.join('\n'));
}

function drawLines({ title, x, y, isLogarithmic, lines }: Lines): string {
  const [left, right, top, bottom, height] = [70, 90, 50, 50, 340];
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(([at]) => at);
  const ys = points.map(([, at]) => at).filter((at) => at > 0);
  const [xMin, xMax] = [Math.min(...xs), Math.max(...xs)];
  const [yMin, yMax] = isLogarithmic ? decades(Math.min(...ys), Math.max(...ys)) : [0, Math.max(...ys)];
  const scale = (value: number, min: number, max: number): number => (max === min ? 0.5 : (value - min) / (max - min));
  const px = (value: number): number => left + (WIDTH - left - right) * scale(value, xMin, xMax);
  const log = (value: number): number => (isLogarithmic ? Math.log10(Math.max(value, yMin)) : value);
  const py = (value: number): number => height - bottom - (height - top - bottom) * scale(log(value), log(yMin), log(yMax));
  const marks = isLogarithmic ? powers(yMin, yMax) : [0, yMax / 4, yMax / 2, (3 * yMax) / 4, yMax];
  const grid = marks.map(
    (mark) => `<line class="grid" x1="${left}" x2="${WIDTH - right}" y1="${fixed(py(mark))}" y2="${fixed(py(mark))}"/>
<text class="quiet" x="${left - 8}" y="${fixed(py(mark) + 4)}" text-anchor="end">${counted(mark)}</text>`,
  );
  const ticks = [xMin, (xMin + xMax) / 2, xMax].map(
    (mark) => `<text class="quiet" x="${fixed(px(mark))}" y="${height - bottom + 20}" text-anchor="middle">${counted(mark)}</text>`,
  );
  const labels = apart(lines.map((line) => py((line.points.at(-1) ?? [0, yMin])[1]) + 4));
  const drawn = lines.map((line, index) => {
    const series = `s${index % SERIES}`;
    const path = line.points.map(([at, value], n) => `${n === 0 ? 'M' : 'L'}${fixed(px(at))} ${fixed(py(value))}`).join('');
    const dots = line.points.map(([at, value]) => `<circle class="${series}" cx="${fixed(px(at))}" cy="${fixed(py(value))}" r="3"/>`);
    return `<path class="line ${series}" d="${path}"/>${dots.join('')}<text x="${WIDTH - right + 10}" y="${fixed(labels[index] ?? 0)}">${escaped(line.label)}</text>`;
  });
  const names = `<text class="quiet" x="${left}" y="${top - 8}" text-anchor="end">${escaped(y)}</text>
<text class="quiet" x="${WIDTH - right}" y="${height - 8}" text-anchor="end">${escaped(x)}</text>`;
  return page(title, height, [...grid, ...ticks, names, ...drawn].join('\n'));
}

function page(title: string, height: number, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
${STYLE}
<text class="title" x="10" y="22">${escaped(title)}</text>
${content}
</svg>
`;
}

/** Heights of labels, moved so that none lies on another. */
function apart(heights: readonly number[]): readonly number[] {
  const moved = [...heights];
  let above = -Infinity;
  for (const index of heights.map((_, at) => at).toSorted((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0))) {
    above = Math.max(heights[index] ?? 0, above + LABEL_PX);
    moved[index] = above;
  }
  return moved;
}

function decades(min: number, max: number): [number, number] {
  return [10 ** Math.floor(Math.log10(min)), 10 ** Math.ceil(Math.log10(max) + 1e-9)];
}

function powers(min: number, max: number): readonly number[] {
  return Array.from({ length: Math.round(Math.log10(max / min)) + 1 }, (_, index) => min * 10 ** index);
}

const fixed = (value: number): string => value.toFixed(1);
const counted = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 4 });
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
