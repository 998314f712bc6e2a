// Where a machine's places lie in a test: below the page's home, which session.ts names; and the house itself.

import { join } from 'node:path';

function named(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is missing: this stands in for a program while a page is typed`);
  return value;
}

/** The repository. */
export const HOUSE: string = named('DOCS_ROOT');
/** What a page has of a machine. */
export const HOME: string = named('DOCS_HOME');
/** What is kept of containers, images and units. */
export const KEPT: string = join(HOME, 'machine');
