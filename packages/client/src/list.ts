// A list of the API: iterate its items over all pages, iterate its pages, or fetch one page by its cursor.

import type { Page } from '@waxwing/protocol';

/** Newest received first. Nothing is fetched until it is iterated or a page is asked for. */
export interface List<T> extends AsyncIterable<T> {
  /** One page: the first, or the one that a `nextCursor` names. */
  page(cursor?: string): Promise<Page<T>>;
  /** Page by page, to the end. */
  pages(): AsyncIterable<Page<T>>;
}

export function listOf<T>(fetchPage: (cursor: string | undefined) => Promise<Page<T>>, firstCursor?: string): List<T> {
  async function* pages(): AsyncGenerator<Page<T>, void, undefined> {
    let cursor = firstCursor;
    do {
      const page = await fetchPage(cursor);
      yield page;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
  async function* items(): AsyncGenerator<T, void, undefined> {
    for await (const page of pages()) yield* page.data;
  }
  return {
    page: (cursor) => fetchPage(cursor ?? firstCursor),
    pages,
    [Symbol.asyncIterator]: items,
  };
}
