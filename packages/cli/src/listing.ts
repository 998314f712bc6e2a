// How lists are asked for and shown: one page, as a table for people or as the API's page for programs.

import type { List, ListOptions } from '@waxwing/client';
import type { Command } from 'commander';

import { numberOf } from './input.ts';
import { dim, print, printJson, tableLines } from './terminal.ts';

export interface PageOptions {
  readonly limit?: string;
  readonly cursor?: string;
  readonly json?: boolean;
}

export function withPage(command: Command): Command {
  return command
    .option('--limit <n>', 'how many, 1 to 250 (default 50)')
    .option('--cursor <cursor>', 'where to go on: the cursor an earlier page gave');
}

export function pageOf(options: PageOptions): ListOptions {
  return {
    ...(options.limit === undefined ? {} : { limit: numberOf(options.limit, '--limit') }),
    ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
  };
}

export interface Column<T> {
  readonly heading: string;
  readonly cell: (item: T) => string;
}

/** Fetches the page and prints it. */
export async function printPage<T>(
  list: Pick<List<T>, 'page'>,
  options: PageOptions,
  columns: readonly Column<T>[],
  nothing: string,
): Promise<void> {
  const page = await list.page();
  if (options.json === true) {
    printJson(page);
    return;
  }
  if (page.data.length === 0) {
    print(nothing);
    return;
  }
  const rows = page.data.map((item) => columns.map((column) => column.cell(item)));
  for (const line of tableLines(
    columns.map((column) => column.heading),
    rows,
  ))
    print(line);
  if (page.nextCursor !== null) print(dim(`more: --cursor ${page.nextCursor}`));
}

/** The given fields of an object of options, without those that were not given. */
export function given<T extends object, K extends keyof T>(
  options: T,
  names: readonly K[],
): { readonly [P in K]?: Exclude<T[P], undefined> } {
  const found: { [P in K]?: Exclude<T[P], undefined> } = {};
  for (const name of names) {
    const value = options[name];
    if (isGiven(value)) found[name] = value;
  }
  return found;
}

function isGiven<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined;
}
