// The drawing of a plot, in a chunk of its own with uPlot. Used by plot.tsx only.

import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import UPlot from 'uplot';
import type { AlignedData, Options, Series } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { PlotProps } from './plot.tsx';
import styles from './plot.module.css';

export function PlotCanvas({ times, series, kind, format, reach = 1, height = 180 }: PlotProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const theme = useThemeCount();
  const shape = `${kind} ${height} ${theme} ${series.map(({ label, color }) => label + color).join()}`;
  const data = dataOf(times, series, kind);
  const latest = useRef({ data, series, format });
  useEffect(() => {
    latest.current = { data, series, format };
    plot.current?.setData(data);
  });
  // Made anew only when its shape changes: new points go into the plot that stands.
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new UPlot(optionsOf(element, latest.current, kind, reach, height), latest.current.data, element);
    plot.current = made;
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0) made.setSize({ width, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current = null;
      made.destroy();
    };
  }, [shape, kind, reach, height]);
  return <div ref={place} className={styles.canvas} />;
}

type Drawn = Pick<PlotProps, 'series' | 'format'>;

function optionsOf(element: HTMLElement, { series, format }: Drawn, kind: PlotProps['kind'], reach: number, height: number): Options {
  const color = (token: string): string => resolvedColor(element, token);
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: color('--faint'), font, grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
  const stacked = kind === 'stacked';
  const bars = UPlot.paths.bars?.({ size: [0.82, 40] });
  const drawn: Series[] = series.map((one) => ({
    label: one.label,
    stroke: color(one.color),
    width: stacked ? 0 : 1.75,
    ...(stacked
      ? { fill: color(one.color), points: { show: false }, ...(bars === undefined ? {} : { paths: bars }) }
      : { points: { show: true, size: 5, fill: color(one.color), filter: alone } }),
  }));
  return {
    width: Math.max(element.clientWidth, 50),
    height,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, reach)] } },
    axes: [
      {
        ...axis,
        space: 80,
        size: 26,
        grid: { show: false },
        values: (_plot, splits, _axis, _space, stepSeconds) => splits.map((at) => timeLabel(at, stepSeconds)),
      },
      { ...axis, size: 54, space: 34, gap: 4, values: (_plot, splits) => splits.map((split) => format(split)) },
    ],
    // The highest sums first: what is below them in the stack is drawn over them.
    series: [{}, ...(stacked ? drawn.toReversed() : drawn)],
    plugins: [tooltip(series, format, stacked)],
  };
}

/** The points that no line reaches: nothing is known beside them. */
function alone(plot: UPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const known = (index: number): boolean => values[index] !== null && values[index] !== undefined;
  return Array.from(values, (_, index) => index).filter((index) => known(index) && !known(index - 1) && !known(index + 1));
}

/** Stacked series are sums of themselves and all below. */
function dataOf(times: readonly number[], series: PlotProps['series'], kind: PlotProps['kind']): AlignedData {
  if (kind === 'lines') return [[...times], ...series.map(({ values }) => [...values])];
  const below: number[] = times.map(() => 0);
  const sums = series.map(({ values }) =>
    values.map((value, index) => {
      const sum = (below[index] ?? 0) + (value ?? 0);
      below[index] = sum;
      return sum;
    }),
  );
  return [[...times], ...sums.toReversed()];
}

/** What stands under the pointer, in words. */
function tooltip(series: PlotProps['series'], format: PlotProps['format'], stacked: boolean): UPlot.Plugin {
  const box = document.createElement('div');
  box.className = styles.tooltip ?? '';
  box.hidden = true;
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const index = plot.cursor.idx;
        const left = plot.cursor.left ?? -1;
        const time = index === null || index === undefined ? undefined : plot.data[0][index];
        box.hidden = time === undefined || left < 0;
        if (time === undefined || index === null || index === undefined) return;
        const lines = [new Date(time * 1000).toLocaleString('en-GB', { dateStyle: 'short', timeStyle: 'medium' })];
        series.forEach((one, place) =>
          lines.push(`${one.label}  ${valueAt(plot, stacked ? series.length - place : place + 1, index, stacked, place, format)}`),
        );
        box.textContent = lines.join('\n');
        const right = left > plot.over.clientWidth / 2;
        box.style.left = right ? 'auto' : `${left + 10}px`;
        box.style.right = right ? `${plot.over.clientWidth - left + 10}px` : 'auto';
      },
    },
  };
}

function valueAt(plot: UPlot, row: number, index: number, stacked: boolean, place: number, format: (value: number) => string): string {
  const sum = plot.data[row]?.[index];
  if (sum === null || sum === undefined) return '–';
  const below = stacked && place > 0 ? (plot.data[row + 1]?.[index] ?? 0) : 0;
  return format(sum - below);
}

/** A token's colour as the canvas takes it: the browser works `light-dark()` out. */
function resolvedColor(element: HTMLElement, token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const DAY_SECONDS = 86_400;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockExact = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** A moment on the axis: its day at midnight and where a step is a day, else its time. */
function timeLabel(atSeconds: number, stepSeconds: number): string {
  const at = new Date(atSeconds * 1000);
  const midnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
  if (stepSeconds >= DAY_SECONDS || midnight) return day.format(at);
  return (stepSeconds < 60 ? clockExact : clock).format(at);
}

/** Counts changes of the theme, chosen here or in the system. */
function useThemeCount(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const next = (): void => setCount((before) => before + 1);
    const observer = new MutationObserver(next);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'style'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', next);
    return () => {
      observer.disconnect();
      system.removeEventListener('change', next);
    };
  }, []);
  return count;
}
