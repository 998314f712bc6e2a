// The fenced blocks of a page, with what their info strings say about how they run.
//
// The first word is the language. `sh runs` is a command that goes on until the page ends, `sh fails` one that leaves with
// another status than 0. After `ts`, `json` and `yaml` stands the file that the block is; after `text` a part of the command that
// printed it, where that is not the last one. Everything else is refused, by page and line.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/house.ts';

const LANGUAGES = ['sh', 'ts', 'json', 'yaml', 'text'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Block {
  readonly page: string;
  /** Of its first line of text, from 1. */
  readonly line: number;
  /** Under which heading it stands. */
  readonly heading: string;
  readonly language: Language;
  /** The file that the block is; null for one without a name. */
  readonly file: string | null;
  /** A part of the command that printed it; null for the last one. */
  readonly of: string | null;
  readonly runs: boolean;
  readonly fails: boolean;
  readonly text: string;
}

/** What is wrong with a block, named by page and line. */
export class BlockError extends Error {
  constructor(block: { readonly page: string; readonly line: number }, what: string) {
    super(`${block.page}:${block.line}: ${what}`);
  }
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/**
 * A page's blocks in their order.
 * @throws BlockError for a fence without a language, of another one, with a word that says nothing, or without an end
 */
export function blocksOf(page: string, text: string = readPage(page)): readonly Block[] {
  const found: Block[] = [];
  let heading = '';
  let open: { readonly line: number; readonly info: string; readonly lines: string[] } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s+(```|~~~)|^~~~/.test(line))
      throw new BlockError({ page, line: index + 1 }, 'a fence stands at the beginning of its line, as ```');
    if (!line.startsWith('```')) {
      if (open === null) heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
      else open.lines.push(line);
    } else if (open === null) open = { line: index + 2, info: line.slice(3).trim(), lines: [] };
    else {
      found.push(blockOf({ page, line: open.line, heading, text: open.lines.map((one) => `${one}\n`).join('') }, open.info));
      open = null;
    }
  }
  if (open !== null) throw new BlockError({ page, line: open.line }, 'the fence has no end');
  return found;
}

function blockOf(place: Pick<Block, 'page' | 'line' | 'heading' | 'text'>, info: string): Block {
  const [name = '', ...words] = info.split(/\s+/);
  const language = LANGUAGES.find((known) => known === name);
  if (language === undefined)
    throw new BlockError(place, `a block says how it runs: ${LANGUAGES.join(', ')}; this one says ${JSON.stringify(name)}`);
  const rest = words.join(' ');
  const block = { ...place, language, file: null, of: null, runs: false, fails: false };
  if (rest === '') return block;
  switch (language) {
    case 'sh':
      if (rest === 'runs' || rest === 'fails') return { ...block, [rest]: true };
      break;
    case 'text':
      return { ...block, of: rest };
    default:
      if (words.length === 1 && /^[\w.-]+\.[a-z]+$/.test(rest)) return { ...block, file: rest };
  }
  throw new BlockError(place, `nothing can be made of ${JSON.stringify(info)}`);
}
