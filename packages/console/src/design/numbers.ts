// Numbers as people read them: short, and never more exact than they are.

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en');

/** `942`, `12.4K`, `3.1M`. */
export function compact(count: number): string {
  return count < 10_000 ? whole.format(count) : short.format(count);
}

/** Things a second: `0`, `0.02`, `4.2`, `812`. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 0.1) return perSecond.toFixed(2);
  return perSecond < 10 ? perSecond.toFixed(1) : compact(Math.round(perSecond));
}

/** `100 %` only when it is: 99.97 % is not rounded up. */
export function percent(ratio: number): string {
  if (ratio >= 1) return '100 %';
  const tenths = Math.floor(ratio * 1000) / 10;
  return `${tenths >= 99.9 ? (Math.floor(ratio * 10_000) / 100).toFixed(2) : tenths.toFixed(1)} %`;
}

/** `512 B`, `18.2 kB`, `3 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
