// The routes: each page a chunk of its own, under the shell, behind the sign-in. Pages stand in src/pages/<name>/.
//
// In a portal the history is kept in memory: the address stays the link's own, and the page around a frame keeps its Back.

import type { QueryClient } from '@tanstack/react-query';
import {
  createBrowserHistory,
  createMemoryHistory,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import type { AnyRouter } from '@tanstack/react-router';
import { WaxwingApiError } from '@waxwing/client';
import type { Foundation } from '../data/surroundings.tsx';
import { fetchViewer } from '../data/viewer.ts';
import { paths } from '../data/paths.ts';
import { BareCrash, Crash, NotFound, Waiting } from './fallbacks.tsx';
import { Shell } from './shell.tsx';

export type ConsoleRouter = AnyRouter;

interface Context {
  readonly foundation: Foundation;
  readonly queries: QueryClient;
}

type Search = { readonly tenant?: string };

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: paths.signIn,
  component: lazyRouteComponent(() => import('../pages/sign-in/sign-in-page.tsx'), 'SignInPage'),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  validateSearch: (search: Record<string, unknown>): Search => search,
  search: { middlewares: [retainSearchParams(['tenant'])] },
  beforeLoad: async ({ context: { foundation, queries }, location }) => {
    const { mode } = foundation;
    const token = mode.kind === 'portal' ? mode.token : null;
    try {
      const viewer = await queries.ensureQueryData({ queryKey: ['viewer'], queryFn: () => fetchViewer(token), staleTime: Infinity });
      return { viewer };
    } catch (error) {
      if (!(error instanceof WaxwingApiError && error.status === 401) || mode.kind === 'portal') throw error;
      // oxlint-disable-next-line typescript/only-throw-error -- the router's own way
      throw redirect({ to: paths.signIn, search: location.href === '/' ? {} : { to: location.href } });
    }
  },
  component: ShellRoute,
  errorComponent: BareCrash,
});

function ShellRoute(): React.ReactNode {
  const { foundation, viewer } = shell.useRouteContext();
  return <Shell foundation={foundation} viewer={viewer} />;
}

const page = <Name extends string, Module extends { readonly [N in Name]: () => React.ReactNode }>(
  path: string,
  load: () => Promise<Module>,
  name: Name,
) => createRoute({ getParentRoute: () => shell, path, component: lazyRouteComponent(async () => ({ default: (await load())[name] })) });

const pages = [
  page('/', () => import('../pages/overview/overview-page.tsx'), 'OverviewPage'),
  page('/endpoints', () => import('../pages/endpoints/endpoints-page.tsx'), 'EndpointsPage'),
  page('/endpoints/new', () => import('../pages/endpoint-form/endpoint-create-page.tsx'), 'EndpointCreatePage'),
  page('/t/$tenant/endpoints/$id', () => import('../pages/endpoint/endpoint-page.tsx'), 'EndpointPage'),
  page('/t/$tenant/endpoints/$id/edit', () => import('../pages/endpoint-form/endpoint-edit-page.tsx'), 'EndpointEditPage'),
  page('/events', () => import('../pages/events/events-page.tsx'), 'EventsPage'),
  page('/t/$tenant/events/$id', () => import('../pages/event/event-page.tsx'), 'EventPage'),
  page('/deliveries', () => import('../pages/deliveries/deliveries-page.tsx'), 'DeliveriesPage'),
  page('/t/$tenant/deliveries/$id', () => import('../pages/delivery/delivery-page.tsx'), 'DeliveryPage'),
  page('/catalogue', () => import('../pages/catalogue/catalogue-page.tsx'), 'CataloguePage'),
  page('/catalogue/$profile', () => import('../pages/catalogue/profile-page.tsx'), 'ProfilePage'),
  page('/replays', () => import('../pages/replays/replays-page.tsx'), 'ReplaysPage'),
  page('/t/$tenant/replays/$id', () => import('../pages/replays/replay-page.tsx'), 'ReplayPage'),
  page('/keys', () => import('../pages/keys/keys-page.tsx'), 'KeysPage'),
  page('/cluster', () => import('../pages/cluster/cluster-page.tsx'), 'ClusterPage'),
  page('/settings', () => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
  createRoute({ getParentRoute: () => shell, path: '$', component: NotFound }),
  page('/find/$id', () => import('../pages/find/find-page.tsx'), 'FindPage'),
];

export function createConsoleRouter(foundation: Foundation, queries: QueryClient): ConsoleRouter {
  return createRouter({
    routeTree: root.addChildren([signIn, shell.addChildren(pages)]),
    history: foundation.mode.kind === 'portal' ? createMemoryHistory() : createBrowserHistory(),
    context: { foundation, queries },
    defaultPreload: 'intent',
    defaultPendingMs: 300,
    defaultPendingComponent: Waiting,
    defaultErrorComponent: Crash,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
    // Addresses that people read: `?state=failed`, never JSON in quotes.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const entries = Object.entries(search).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
      const text = new URLSearchParams(entries).toString();
      return text === '' ? '' : `?${text}`;
    },
  });
}
