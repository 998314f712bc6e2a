// Sparklines: what came lately, in a word's space. One bar for each step, good below and bad above it.

import type { ReactNode } from 'react';
import { inertText } from './inert-text.ts';
import styles from './sparkline.module.css';

export interface SparklinePoint {
  readonly good: number;
  readonly bad: number;
}

export interface SparklineProps {
  readonly points: readonly SparklinePoint[];
  /** What it shows, in words, for those who do not see it. */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
}

/** More than this many bars would be hairs: neighbours are added up. */
const BARS_MAX = 30;

export function Sparkline({ points, label, width = 120, height = 24 }: SparklineProps): ReactNode {
  const bars = gathered(points);
  const highest = Math.max(1, ...bars.map(({ good, bad }) => good + bad));
  const step = width / Math.max(bars.length, 1);
  const bar = Math.max(1, step - 1);
  const scale = (count: number): number => (count === 0 ? 0 : Math.max(1.5, (count / highest) * (height - 1)));
  return (
    <svg className={styles.spark} width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={inertText(label)}>
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} className={styles.ground} />
      {bars.map(({ good, bad }, index) => {
        const [goodHeight, badHeight] = [scale(good), scale(bad)];
        return (
          <g key={index}>
            {good > 0 && <rect className={styles.good} x={index * step} y={height - goodHeight} width={bar} height={goodHeight} />}
            {bad > 0 && <rect className={styles.bad} x={index * step} y={height - goodHeight - badHeight} width={bar} height={badHeight} />}
          </g>
        );
      })}
    </svg>
  );
}

function gathered(points: readonly SparklinePoint[]): readonly SparklinePoint[] {
  const each = Math.ceil(points.length / BARS_MAX);
  if (each <= 1) return points;
  const bars: SparklinePoint[] = [];
  for (let start = 0; start < points.length; start += each) {
    const group = points.slice(start, start + each);
    bars.push({ good: group.reduce((sum, { good }) => sum + good, 0), bad: group.reduce((sum, { bad }) => sum + bad, 0) });
  }
  return bars;
}
