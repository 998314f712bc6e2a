// A retry schedule as people write it: `5 s, 5 min, 2 h`. Bare numbers are seconds.

const UNIT_SECONDS: { readonly [unit: string]: number } = { '': 1, s: 1, sec: 1, m: 60, min: 60, h: 3_600, d: 86_400 };
const DELAY_SECONDS_MAX = 7 * 86_400;

/** Seconds, or what is wrong with the text. */
export function parseDelays(text: string, countMax: number): { readonly seconds: readonly number[] } | { readonly error: string } {
  const parts = text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return { error: 'At least one delay is needed, such as 30 s, 5 min, 2 h.' };
  if (parts.length > countMax) return { error: `At most ${countMax} delays are taken.` };
  const seconds: number[] = [];
  for (const part of parts) {
    const [, number = '', unit = ''] = /^(\d{1,7}) ?([a-z]*)$/i.exec(part) ?? [];
    const factor = UNIT_SECONDS[unit.toLowerCase()];
    if (number === '' || factor === undefined) return { error: `“${part}” is no delay: write it as 30 s, 5 min, 2 h or 1 d.` };
    const delay = Number(number) * factor;
    if (delay < 1 || delay > DELAY_SECONDS_MAX) return { error: `“${part}” must lie between 1 s and 7 d.` };
    seconds.push(delay);
  }
  return { seconds };
}

/** `5 s, 5 min, 2 h`: what {@link parseDelays} reads back as the same. */
export function delaysText(seconds: readonly number[]): string {
  return seconds.map(delayText).join(', ');
}

function delayText(seconds: number): string {
  for (const [unit, unitSeconds] of [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
  ] as const)
    if (seconds >= unitSeconds && seconds % unitSeconds === 0) return `${seconds / unitSeconds} ${unit}`;
  return `${seconds} s`;
}
