// What to say of a request that no route takes: 405 with the methods that its path does take, else 404.

import { nearestName, WaxwingError } from '@waxwing/protocol';
import type { Route } from './route.ts';

export interface KnownPaths {
  /** The error, and the value of Allow where the path is known. */
  refuse(method: string, url: string): { readonly error: WaxwingError; readonly allow: string | null };
}

/** Learns the paths of all routes. */
export function createKnownPaths(routes: readonly Pick<Route, 'path' | 'method'>[]): KnownPaths {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes)
    methods.set(path, [...(methods.get(path) ?? []), ...(method === 'GET' ? ['GET', 'HEAD'] : [method])]);
  const patterns = [...methods].map(([path, allowed]) => ({
    matches: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    allowed,
  }));
  const plain = [...methods.keys()].filter((path) => !path.includes('{'));
  return {
    refuse(method, url) {
      const path = url.split('?', 1)[0] ?? url;
      const allow = patterns.flatMap(({ matches, allowed }) => (matches.test(path) ? allowed : [])).join(', ');
      if (allow !== '')
        return { error: new WaxwingError('method_not_allowed', `${method} is not possible here; possible are ${allow}.`), allow };
      const near = nearestName(path, plain);
      const hint = near === null ? '/openapi.json lists every route' : `did you mean ${near}?`;
      return {
        error: new WaxwingError('route_not_found', `There is no ${method} ${path.slice(0, 200)}; ${hint}${hint.endsWith('?') ? '' : '.'}`),
        allow: null,
      };
    },
  };
}
