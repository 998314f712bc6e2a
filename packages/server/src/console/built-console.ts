// The console as it was built: its one page and the files that the page loads, from this package's own dist/.
//
// Invariants:
//  1. Only what stood in the folder when the server started is ever served: names are looked up, never joined into paths.
//  2. A file of assets/ has its content's hash in its name, so it may be kept for ever; everything else is asked for anew.
//  3. The page may load from this origin only, runs no inline script and no inline style, and is framed by nobody unless
//     a portal link says by whom.

import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the build puts it, beside the compiled server; the same folder from sources and from dist/. */
export const CONSOLE_FOLDER: string = fileURLToPath(new URL('../../dist/browser/', import.meta.url));

const PAGE = 'index.html';
const MEDIA: { readonly [extension: string]: string } = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;
const FOR_EVER = 'public, max-age=31536000, immutable';

export interface ConsoleAnswer {
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
}

/** Who may frame the page, and whence it may show an image: what a portal link adds. */
export interface Framing {
  readonly ancestors: readonly string[];
  readonly imageOrigin: string | null;
}

export interface BuiltConsole {
  /** The page, whatever its path: which view it shows is its own matter. */
  page(framing?: Framing): ConsoleAnswer;
  /** A file by its URL's path, in the best encoding that is accepted; null when there is none. */
  file(path: string, acceptEncoding: string | undefined): Promise<ConsoleAnswer | null>;
}

/** Reads what was built; null when nothing was. */
export function readBuiltConsole(folder: string): BuiltConsole | null {
  const names = listFiles(folder);
  if (!names.has(`/${PAGE}`)) return null;
  const html = readFileSync(join(folder, PAGE));
  const bodies = new Map<string, Promise<Buffer>>();

  function read(name: string): Promise<Buffer> {
    const known = bodies.get(name);
    if (known !== undefined) return known;
    const body = readFile(join(folder, name.slice(1)));
    bodies.set(name, body);
    body.catch(() => bodies.delete(name));
    return body;
  }

  return {
    page: (framing) => ({
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', 'content-security-policy': policy(framing) },
      body: html,
    }),
    async file(path, acceptEncoding) {
      const media = MEDIA[extname(path)];
      if (media === undefined || path === `/${PAGE}` || !names.has(path)) return null;
      const encoding = ENCODINGS.find(({ name, suffix }) => accepts(acceptEncoding, name) && names.has(path + suffix));
      return {
        headers: {
          'content-type': media,
          'cache-control': path.startsWith('/assets/') ? FOR_EVER : 'no-cache',
          vary: 'accept-encoding',
          ...(encoding === undefined ? {} : { 'content-encoding': encoding.name }),
        },
        body: await read(encoding === undefined ? path : path + encoding.suffix),
      };
    },
  };
}

/** What the page may do. Styles set by scripts on elements are the browser's own business; inline ones are not needed. */
function policy(framing: Framing = { ancestors: [], imageOrigin: null }): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data:${framing.imageOrigin === null ? '' : ` ${framing.imageOrigin}`}`,
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${framing.ancestors.length === 0 ? "'none'" : framing.ancestors.join(' ')}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Whether an Accept-Encoding header takes this one. `q=0` refuses it; the rest of the weighing is left out. */
function accepts(header: string | undefined, encoding: string): boolean {
  return (
    header !== undefined &&
    new RegExp(`(?:^|,)\\s*${encoding}\\s*(?:;\\s*q=(?!0(?:\\.0*)?\\s*(?:,|$))[\\d.]+\\s*)?(?:,|$)`, 'i').test(header)
  );
}

/** The files below a folder, as URL paths; none when there is no such folder. */
function listFiles(folder: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile());
    return new Set(files.map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Set();
    throw error;
  }
}
