// The state of a page that belongs in its address: filters, the open tab. Plain words, so that links can be read and shared.

import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

export type UrlState<Name extends string> = { readonly [N in Name]: string };

/**
 * The named search parameters, each a string, '' where it is missing; and a way to change some of them, which replaces the
 * entry of the history (Back leaves the page, not a filter).
 * @example const [filters, setFilters] = useUrlState('status', 'q');
 */
export function useUrlState<const Names extends readonly string[]>(
  ...names: Names
): [UrlState<Names[number]>, (change: Partial<UrlState<Names[number]>>) => void] {
  const search: unknown = useSearch({ strict: false });
  const navigate = useNavigate();
  const joined = names.join(' ');
  const state = useMemo(() => {
    const found = new Map<string, unknown>(Object.entries(typeof search === 'object' && search !== null ? search : {}));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of these very names
    return Object.fromEntries(joined.split(' ').map((name) => [name, textOf(found.get(name))])) as UrlState<Names[number]>;
  }, [search, joined]);
  const change = useCallback(
    (patch: Partial<UrlState<Names[number]>>) => {
      const kept = Object.fromEntries(Object.entries(patch).map(([name, value]) => [name, value === '' ? undefined : value]));
      void navigate({ to: '.', replace: true, search: (before: object) => ({ ...before, ...kept }) });
    },
    [navigate],
  );
  return [state, change];
}

/** A part of the page's path, such as `id`. */
export function usePathPart(name: string): string {
  const params: unknown = useParams({ strict: false });
  const found = new Map<string, unknown>(Object.entries(typeof params === 'object' && params !== null ? params : {}));
  return textOf(found.get(name));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
