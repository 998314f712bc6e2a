// Draws docs/images/demo.svg: what `waxwing demo` prints, from a real run. `node scripts/demo-picture.ts`

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LINE_PX = 18;
const CHARACTER_PX = 8.05;
const PAD_PX = 20;
const COLOURS: Readonly<Record<string, string>> = { '✓': '#3fb950', '✗': '#f85149', '█': '#58a6ff' };

const root = fileURLToPath(new URL('..', import.meta.url));
const printed = execFileSync(process.execPath, ['packages/cli/bin/waxwing.js', 'demo'], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, NO_COLOR: '1' },
});
const all = printed.trimEnd().split('\n');
const table = all.findIndex((line) => line.startsWith('PROFILE'));
const lines = ['$ npx waxwing demo', ...all.slice(Math.max(0, table - 12))];

const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * CHARACTER_PX + 2 * PAD_PX);
const height = lines.length * LINE_PX + 2 * PAD_PX;
const text = lines
  .map((line, index) => `<text x="${PAD_PX}" y="${PAD_PX + (index + 1) * LINE_PX - 5}">${coloured(line)}</text>`)
  .join('\n');
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="waxwing demo in a terminal">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13.4" fill="#e6edf3" xml:space="preserve">
${text}
</g>
</svg>
`;

mkdirSync(new URL('../docs/images/', import.meta.url), { recursive: true });
writeFileSync(new URL('../docs/images/demo.svg', import.meta.url), svg);
process.stdout.write(`docs/images/demo.svg: ${lines.length} lines\n`);

function coloured(line: string): string {
  return line.replaceAll(/[&<>]|[✓✗]|█+/g, (part) => {
    const colour = COLOURS[part[0] ?? ''];
    if (colour !== undefined) return `<tspan fill="${colour}">${part}</tspan>`;
    return part === '&' ? '&amp;' : part === '<' ? '&lt;' : '&gt;';
  });
}
