// What the command writes: results on stdout, everything else on stderr. Colours only where the stream is a terminal that
// takes them; NO_COLOR is honoured (styleText does both).

import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

function styled(format: Format): (text: string) => string {
  return (text) => styleText(format, text, { stream: process.stdout });
}

export const bold: (text: string) => string = styled('bold');
export const dim: (text: string) => string = styled('dim');
export const red: (text: string) => string = styled('red');
export const green: (text: string) => string = styled('green');
export const yellow: (text: string) => string = styled('yellow');
export const cyan: (text: string) => string = styled('cyan');

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** For programs: one JSON text, indented. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Lines of aligned columns under a heading. */
export function tableLines(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, column) => Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))));
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [dim(lineOf(headings)), ...rows.map(lineOf)];
}

/** Fills a text with spaces to a width on the screen; styling does not count. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

function width(text: string): number {
  // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
  return text.replace(/\x1b\[[0-9;]*m/g, '').length;
}

/** Text from elsewhere, made safe for a terminal: no control characters but line breaks and tabs. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '\u{FFFD}');
}
