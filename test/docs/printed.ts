// Whether a program printed what a page says: `…` stands for the rest of a line, alone on a line for any lines. What differs
// from run to run (ids, durations) may be shown as it was once.

/** Ids as Waxwing makes them. */
export const ID: RegExp = /\b(?:whevt|evt|ep|dlv|att|rpl|key)_[0-9a-z]{26}\b/g;

/** @param whole what was printed is this and nothing else; else this is somewhere in it, from a line's beginning */
export function isPrinted(printed: string, expected: string, whole: boolean): boolean {
  const lines = vary(expected)
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:[^\\n]*\\n)*?' : `${line.trimEnd().split('…').map(escape).join('[^\\n]*?')}[ \\t]*\\n`));
  const pattern = lines.join('');
  return new RegExp(whole ? `^${pattern}$` : `(?:^|\\n)${pattern}`).test(`${vary(printed).trimEnd()}\n`);
}

/** Whether a program printed this JSON, however it was laid out. */
export function isSameJson(printed: string, expected: string): boolean {
  const lay = (text: string): string => `${JSON.stringify(JSON.parse(text), null, 1)}\n`;
  return isPrinted(lay(printed), lay(expected), true);
}

function vary(text: string): string {
  return text
    .replaceAll(ID, (id) => `${id.split('_')[0]}_…`)
    .replaceAll(/\b\d+(?:\.\d+)? ms\b/g, '… ms')
    .replaceAll(/\b(wxw|hc|sk_live|whsec)_[\w+/=-]{20,}/g, '$1_…')
    .replaceAll(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '…Z');
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
