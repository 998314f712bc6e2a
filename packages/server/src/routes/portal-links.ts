// Portal links: made for one tenant, looked at without a key, and the page behind them, framed by whom the link allows.

import type { Engine } from '@waxwing/engine';
import { WaxwingError } from '@waxwing/protocol';
import type { BuiltConsole } from '../console/built-console.ts';
import { homePage } from '../home-page.ts';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import {
  portalLink,
  portalLinkExample,
  portalLinkInput,
  portalLinkInputExample,
  portalTheme,
  portalThemeExample,
} from '../schemas/portal-link.ts';
import { anyQuery } from '../schemas/query.ts';
import { ref, string } from '../schemas/schema.ts';

const TAG = 'Console';

export interface PortalLinkRouteOptions {
  readonly engine: Engine;
  readonly publicUrl: string | null;
  readonly builtConsole: BuiltConsole | null;
  readonly version: string;
}

export function portalLinkRoutes({ engine, publicUrl, builtConsole, version }: PortalLinkRouteOptions): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/tenants/{tenant}/portal-links',
      ids: { tenant: 'tenant' },
      name: 'createPortalLink',
      tag: TAG,
      summary: 'Create a link to a tenant’s own view of the console',
      description: 'A key of the tenant that expires, not listed among the keys. Revoking the key of its id ends it sooner.',
      need: 'manage',
      body: { schema: portalLinkInput, example: portalLinkInputExample, optional: true },
      answer: { schema: ref(portalLink), example: portalLinkExample, statuses: { 201: 'Created.' } },
      errors: ['tenant_not_found', 'overloaded', 'store_unavailable', 'disk_full', 'disk_failing', 'commit_unknown'],
      handle: async ({ path, body, key, headers }) => {
        const { id, token, expiresAt } = await engine.portalLinks.create(path.tenant, body, key);
        const base = publicUrl ?? `http://${headers.host ?? 'localhost'}`;
        return { status: 201, body: { id, url: `${base.replace(/\/+$/, '')}/portal/${id}#token=${token}`, expiresAt } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/portal-links/{id}/theme',
      ids: { id: 'portalLink' },
      name: 'getPortalTheme',
      tag: TAG,
      summary: 'How a portal looks',
      description: 'Asked for by the portal itself before it has said who it is.',
      need: null,
      answer: { schema: ref(portalTheme), example: portalThemeExample, statuses: { 200: 'Its theme.' } },
      errors: ['portal_link_not_found'],
      handle: ({ path }) => {
        const link = engine.portalLinks.find(path.id);
        if (link?.isUsable !== true) throw new WaxwingError('portal_link_not_found', 'There is no such portal link, or none any more.');
        return { status: 200, body: link.theme };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/portal/{id}',
      ids: { id: 'portalLink' },
      name: 'portal',
      tag: TAG,
      summary: 'A tenant’s own view of the console',
      description: 'The page of the console; its token stands behind `#`. May be framed by the origins that the link names.',
      need: null,
      query: anyQuery, // a link that was passed on may have been added to
      answer: { schema: string(), media: 'text/html; charset=utf-8', example: '<!doctype html>…', statuses: { 200: 'The page.' } },
      errors: [],
      handle: ({ path }) => {
        const link = engine.portalLinks.find(path.id);
        const logo = link?.theme.logoUrl;
        const framing = { ancestors: link?.origins ?? [], imageOrigin: logo === undefined ? null : new URL(logo).origin };
        const page = builtConsole?.page(framing);
        if (page !== undefined) return { status: 200, body: String(page.body), headers: page.headers };
        const home = homePage(version);
        return { status: 200, body: home.html, headers: { 'content-security-policy': home.contentSecurityPolicy } };
      },
    }),
  ];
}
