// What is to be listened to: listeners, each with a tenant and with routes to local URLs, from flags or from a file.
//
// A route is an event type pattern and a URL. The first route that matches takes the event. A listener without routes of its
// own kind has one, for everything that it receives.

import { readFileSync } from 'node:fs';

import { checkEventTypes, isTenantId, matchesEventType, WaxwingError } from '@waxwing/protocol';

import { UsageError } from '../failure.ts';
import { headerPairs } from '../input.ts';

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface Route {
  readonly pattern: string;
  readonly url: URL;
}

export interface ListenerPlan {
  /** Names it among others, and in its state: the same plan goes on where it was. */
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly tenant: string;
  /** The endpoint whose profile and subscription are copied; null for none. */
  readonly endpoint: string | null;
  /** The subscription; null for the copied endpoint's, or everything. */
  readonly eventTypes: readonly string[] | null;
  readonly routes: readonly Route[];
  /** Added to each local request. */
  readonly headers: HeaderList;
  /** A secret of your own; null for one that is made. */
  readonly secret: string | null;
}

export interface PlanFlags {
  readonly forwardTo?: string;
  readonly tenant?: string;
  readonly endpoint?: string;
  readonly events?: readonly string[];
  readonly header?: readonly string[];
  readonly secret: string | null;
}

export const LISTEN_FILE = 'waxwing.listen.json';

/** One listener with one route, as flags ask for it. */
export function planOfFlags(flags: PlanFlags & { readonly forwardTo: string }): ListenerPlan {
  const eventTypes = flags.events ?? null;
  if (eventTypes !== null) checkPatterns(eventTypes, '--events');
  return plan({
    name: null,
    tenant: tenantOf(flags.tenant, '--tenant'),
    endpoint: flags.endpoint ?? null,
    eventTypes,
    routes: [{ pattern: '*', url: localUrl(flags.forwardTo, '--forward-to') }],
    headers: headerPairs(flags.header ?? [], '--header'),
    secret: flags.secret,
  });
}

/** The listeners of a file. What flags say stands in for what a listener leaves out; of headers, both are sent. */
export function plansOfFile(path: string, flags: PlanFlags): readonly ListenerPlan[] {
  const root = objectOf(readJson(path), path);
  const isList = root['listeners'] !== undefined;
  if (isList) only(root, ['listeners'], path);
  const listeners = isList ? arrayOf(root['listeners'], `${path}: listeners`) : [root];
  const plans = listeners.map((listener, index) => planOfEntry(listener, isList ? `${path}: listeners[${index}]` : path, flags));
  if (plans.length === 0) throw new UsageError(`${path}: listeners is empty`);
  const keys = new Set(plans.map(({ key }) => key));
  if (keys.size < plans.length) throw new UsageError(`${path}: two listeners are the same; give each a name of its own`);
  return plans;
}

/** The route that takes an event; the first in order. */
export function routeOf({ routes }: Pick<ListenerPlan, 'routes'>, eventType: string): Route | null {
  return routes.find(({ pattern }) => matchesEventType([pattern], eventType)) ?? null;
}

function planOfEntry(entry: unknown, at: string, flags: PlanFlags): ListenerPlan {
  const fields = objectOf(entry, at);
  only(fields, ['name', 'tenant', 'endpoint', 'routes', 'headers', 'secret'], at);
  const routes = Object.entries(objectOf(fields['routes'] ?? {}, `${at}: routes`)).map(([pattern, url]) => {
    checkPatterns([pattern], `${at}: routes`);
    return {
      pattern,
      url: localUrl(textOf(url, `${at}: routes[${JSON.stringify(pattern)}]`), `${at}: routes[${JSON.stringify(pattern)}]`),
    };
  });
  if (routes.length === 0) throw new UsageError(`${at}: routes must name at least one: {"meeting.*": "http://localhost:3000/webhook"}`);
  const endpoint = optionalText(fields['endpoint'], `${at}: endpoint`) ?? flags.endpoint ?? null;
  const patterns = routes.map(({ pattern }) => pattern);
  const headers = Object.entries(objectOf(fields['headers'] ?? {}, `${at}: headers`)).map(
    ([name, value]) => [name, textOf(value, `${at}: headers.${name}`)] as const,
  );
  return plan({
    name: optionalText(fields['name'], `${at}: name`),
    tenant: tenantOf(optionalText(fields['tenant'], `${at}: tenant`) ?? flags.tenant, `${at}: tenant`),
    endpoint,
    // What no route takes is not asked for; with a route for everything, a copied subscription stays what it is.
    eventTypes: patterns.includes('*') ? (flags.events ?? (endpoint === null ? ['*'] : null)) : patterns,
    routes,
    headers: [...headers, ...headerPairs(flags.header ?? [], '--header')],
    secret: optionalText(fields['secret'], `${at}: secret`) ?? flags.secret,
  });
}

function plan(fields: Omit<ListenerPlan, 'key' | 'name'> & { readonly name: string | null }): ListenerPlan {
  const { name, tenant, endpoint, routes } = fields;
  const identity = name ?? routes.map(({ pattern, url }) => `${pattern} ${url.href}`);
  return { ...fields, key: JSON.stringify([tenant, endpoint, identity]), name: name ?? tenant };
}

/** `3000`, `localhost:3000/webhook` and whole URLs. */
function localUrl(given: string, flag: string): URL {
  const text = /^\d{1,5}(?=$|\/)/.test(given) ? `http://localhost:${given}` : /^[a-z]+:\/\//i.test(given) ? given : `http://${given}`;
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(`${flag} must be a local URL, such as http://localhost:3000/webhook, or a port; got ${JSON.stringify(given)}`);
  }
  if (url.username !== '' || url.password !== '')
    throw new UsageError(`${flag} must not hold a user name or password: give them as --header`);
  return url;
}

function tenantOf(given: string | undefined, flag: string): string {
  const tenant = given ?? process.env['WAXWING_TENANT'];
  if (tenant === undefined || tenant === '') throw new UsageError('no tenant: give one with --tenant or WAXWING_TENANT');
  if (!isTenantId(tenant)) throw new UsageError(`${flag}: ${JSON.stringify(tenant)} cannot be a tenant’s id`);
  return tenant;
}

function checkPatterns(patterns: readonly string[], flag: string): void {
  try {
    checkEventTypes(patterns);
  } catch (error) {
    if (error instanceof WaxwingError) throw new UsageError(`${flag}: ${error.fields[0]?.message ?? error.message}`);
    throw error;
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function objectOf(value: unknown, at: string): { readonly [member: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${at} must be an object`);
}

function arrayOf(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new UsageError(`${at} must be a list`);
}

function textOf(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`${at} must be a text`);
}

function optionalText(value: unknown, at: string): string | null {
  return value === undefined ? null : textOf(value, at);
}

function only(object: { readonly [member: string]: unknown }, known: readonly string[], at: string): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name))
      throw new UsageError(`${at} has ${JSON.stringify(name)}, which means nothing here; known: ${known.join(', ')}`);
  }
}
