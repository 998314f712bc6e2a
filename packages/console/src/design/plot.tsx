// Plots over time, drawn by uPlot, in the page's own colours, redrawn when the theme or the width changes.
//
// The drawing itself is loaded when the first plot is shown. What it shows is said in words beside it (`label`), and the
// latest values stand in the legend, so nothing is told by the drawing alone.

import { lazy, Suspense } from 'react';
import type { ReactNode } from 'react';
import styles from './plot.module.css';

export interface PlotSeries {
  readonly label: string;
  /** A colour token: `--good-mark`. */
  readonly color: string;
  /** One for each point; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

export interface PlotProps {
  /** What it shows, in words. */
  readonly label: string;
  /** Epoch seconds, rising. */
  readonly times: readonly number[];
  readonly series: readonly PlotSeries[];
  /** Lines; or bars on top of each other, the first series at the bottom. */
  readonly kind: 'lines' | 'stacked';
  /** How a value is written on the axis and in the legend. */
  readonly format: (value: number) => string;
  /** The axis reaches at least this far, so that next to nothing does not look like much. Default 1. */
  readonly reach?: number;
  readonly height?: number;
}

const Canvas = lazy(() => import('./plot-canvas.tsx').then(({ PlotCanvas }) => ({ default: PlotCanvas })));

export function Plot(props: PlotProps): ReactNode {
  const { label, series, format, height = 180 } = props;
  return (
    <figure className={styles.plot}>
      <div className={styles.place} style={{ height }} role="img" aria-label={label}>
        <Suspense fallback={null}>
          <Canvas {...props} height={height} />
        </Suspense>
      </div>
      <figcaption className={styles.legend}>
        {series.map((one) => (
          <span key={one.label} className={styles.entry}>
            <span className={styles.swatch} style={{ background: `var(${one.color})` }} aria-hidden="true" />
            {one.label}
            <span className={styles.value}>{lastValue(one.values, format)}</span>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function lastValue(values: readonly (number | null)[], format: (value: number) => string): string {
  const last = values.findLast((value) => value !== null);
  return last === undefined || last === null ? '–' : format(last);
}
