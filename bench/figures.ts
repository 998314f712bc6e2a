// Figures: what a scenario gives, in one shape for the table, the plots, the machines and the comparison with a baseline.

export type Unit = '/s' | 'µs' | 'ms' | 's' | 'MB' | '×' | '';

export interface Figure {
  /** Stable: `steady.rate`. */
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** The value over something of the same run and machine; null where there is nothing to hold it against. */
  readonly ratio: number | null;
  /** What the ratio is to. */
  readonly of: string;
  readonly better: 'more' | 'less';
  readonly target: { readonly text: string; readonly isMet: boolean } | null;
}

export interface Bars {
  readonly kind: 'bars';
  /** Its file's name. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly { readonly label: string; readonly value: number; readonly isOurs?: boolean }[];
}

export interface Lines {
  readonly kind: 'lines';
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly isLogarithmic: boolean;
  readonly lines: readonly { readonly label: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
}

export type Plot = Bars | Lines;

export interface Result {
  readonly figures: readonly Figure[];
  readonly plots: readonly Plot[];
}

export interface Against {
  readonly value: number;
  readonly of: string;
}

interface Extra {
  readonly against?: Against;
  readonly target?: { readonly atLeast?: number; readonly atMost?: number; readonly text: string; readonly ofRatio?: boolean };
}

/** @param extra what it is held against, and the target of its value (or, with `ofRatio`, of its ratio) */
export function figure(id: string, what: string, value: number, unit: Unit, better: 'more' | 'less', extra: Extra = {}): Figure {
  const { against, target } = extra;
  const ratio = against === undefined || against.value === 0 ? null : rounded(value / against.value);
  const judged = target?.ofRatio === true ? (ratio ?? NaN) : value;
  const isMet =
    target === undefined || (Number.isFinite(judged) && judged >= (target.atLeast ?? -Infinity) && judged <= (target.atMost ?? Infinity));
  return {
    id,
    what,
    value: rounded(value),
    unit,
    ratio,
    of: against?.of ?? '',
    better,
    target: target === undefined ? null : { text: target.text, isMet },
  };
}

/** Three digits that count. */
export function rounded(value: number): number {
  if (!Number.isFinite(value)) return 0;
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export function shown(value: number, unit: Unit): string {
  const text = value.toLocaleString('en', { maximumFractionDigits: 3 });
  return unit === '/s' || unit === '×' || unit === '' ? `${text}${unit}` : `${text} ${unit}`;
}
