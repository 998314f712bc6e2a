// The application as a whole: one client, one cache of what was read, one router.

import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { WaxwingApiError } from '@waxwing/client';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createApi } from '../data/api.ts';
import type { Foundation } from '../data/surroundings.tsx';
import { Toasts } from '../design/toasts.tsx';
import { modeOf } from './mode.ts';
import { createConsoleRouter } from './router.tsx';
import type { ConsoleRouter } from './router.tsx';

export function App(): ReactNode {
  const [{ queries, router }] = useState(put);
  return (
    <I18nProvider locale="en-GB">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </I18nProvider>
  );
}

/** Puts the parts together, once. */
function put(): { readonly queries: QueryClient; readonly router: ConsoleRouter } {
  const mode = modeOf(window.location);
  const foundation: Foundation = { api: createApi(mode.kind === 'portal' ? mode.token : null), mode };
  const queries = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        // The session ended while the page was open: the router asks who is there, and leads to the sign-in.
        if (error instanceof WaxwingApiError && error.status === 401 && query.queryKey[0] !== 'viewer') {
          queries.removeQueries({ queryKey: ['viewer'] });
          void router.invalidate();
        }
      },
    }),
    defaultOptions: {
      queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: true }, // the client tries again by itself
      mutations: { retry: false },
    },
  });
  const router = createConsoleRouter(foundation, queries);
  return { queries, router };
}
