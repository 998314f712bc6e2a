// A small engine for tests of the server alone: fixed resources, a record of every change asked for, and a few triggers
// that make it fail. What it answers is what the schemas' own examples hold, with every optional field filled once.

import { isTenantId, WaxwingError } from '@waxwing/protocol';
import type {
  DeliveryDetail,
  Endpoint,
  EventType,
  Key,
  LookupResult,
  Page,
  ProfileResource,
  PublishResult,
  Replay,
  ReplayCount,
  ReplayInput,
  ScannedJson,
  Tenant,
} from '@waxwing/protocol';
import type { DeliveryFilter, Engine, EngineStatus, EventFilter, EventStream, ListOptions, PublishInput } from '@waxwing/engine';
import { clusterExample } from '../src/schemas/cluster.ts';
import { deliveryDetailExample, deliveryExample } from '../src/schemas/delivery.ts';
import { endpointExample } from '../src/schemas/endpoint.ts';
import { eventDetailExample, eventExample } from '../src/schemas/event.ts';
import { eventTypeExample } from '../src/schemas/event-type.ts';
import { explanationExample } from '../src/schemas/explanation.ts';
import { keyExample } from '../src/schemas/key.ts';
import { noticeExample } from '../src/schemas/notice.ts';
import { portalLinkExample, portalThemeExample } from '../src/schemas/portal-link.ts';
import { profileExample } from '../src/schemas/profile.ts';
import { rejectedEventExample } from '../src/schemas/rejected-event.ts';
import { replayExample } from '../src/schemas/replay.ts';
import { endpointStatsExample, statsExample } from '../src/schemas/stats.ts';
import { tenantExample } from '../src/schemas/tenant.ts';

export const KEYS = {
  admin: 'key-of-scope-admin',
  read: 'key-of-scope-read',
  publish: 'key-of-scope-publish',
  acme: 'key-of-acme-that-may-all',
  acmePublish: 'key-of-acme-that-may-publish',
  acmeRead: 'key-of-acme-that-may-read',
  acmeManage: 'key-of-acme-that-may-manage',
  globex: 'key-of-globex-that-may-all',
} as const;

const all = ['publish', 'manage', 'read'] as const;
const SCOPES: { readonly [key: string]: Partial<Key> } = {
  [KEYS.admin]: { scope: 'admin', tenant: null, actions: [] },
  [KEYS.read]: { scope: 'read', tenant: null, actions: [] },
  [KEYS.publish]: { scope: 'publish', tenant: null, actions: [] },
  [KEYS.acme]: { scope: 'tenant', tenant: 'acme', actions: all },
  [KEYS.acmePublish]: { scope: 'tenant', tenant: 'acme', actions: ['publish'] },
  [KEYS.acmeRead]: { scope: 'tenant', tenant: 'acme', actions: ['read'] },
  [KEYS.acmeManage]: { scope: 'tenant', tenant: 'acme', actions: ['manage'] },
  [KEYS.globex]: { scope: 'tenant', tenant: 'globex', actions: all },
};

/** The id of one of KEYS: tells nothing of its text, as the real ones do not. */
export function keyIdOf(key: string): Key['id'] {
  return `key_${Object.keys(SCOPES).indexOf(key)}`;
}

/** What the fake was asked to change, in order. */
export interface Change {
  readonly verb: string;
  readonly args: readonly unknown[];
}

export interface FakeEngine extends Engine {
  readonly changes: Change[];
  /** Texts of keys that are no longer good. */
  readonly revokedKeys: Set<string>;
  /** Every call of publish, as the engine was given it. */
  readonly published: PublishInput[];
  readonly status_: { -readonly [K in keyof EngineStatus]: EngineStatus[K] };
  /** What the next call of anything throws, or waits for. */
  next: (() => unknown) | null;
}

export const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
export const EVENT_WITH_ODD_DATA = 'odd';
export const ODD_DATA: unknown = JSON.parse(
  '{"__proto__": {"a": 1}, "constructor": {"prototype": 1}, "nested": [[], {}, null, "\\u0000", 1e300], "toJSON": "no"}',
);

export function fakeEngine(): FakeEngine {
  const changes: Change[] = [];
  const published: PublishInput[] = [];
  const tenants = new Set(['acme', 'globex']);

  const known = (tenant: string): void => {
    if (!tenants.has(tenant)) throw new WaxwingError('tenant_not_found', `There is no tenant ${tenant}.`);
  };
  const its = <T extends { readonly id: string }>(
    tenant: string,
    id: string,
    resource: T,
    code: 'endpoint_not_found' | 'delivery_not_found' | 'event_not_found',
  ): T => {
    known(tenant);
    if (id !== resource.id) throw new WaxwingError(code, 'There is none.');
    return resource;
  };
  const listed = <T>(item: T, options: ListOptions = {}): Page<T> => {
    if (options.cursor !== undefined && options.cursor !== 'good')
      throw new WaxwingError('invalid_cursor', 'The cursor is not one that this list gave.');
    return { data: [item], nextCursor: options.cursor === undefined ? 'good' : null };
  };
  const step = async (): Promise<void> => {
    const { next } = engine;
    engine.next = null;
    await next?.();
  };
  const change = async (verb: string, ...args: unknown[]): Promise<void> => {
    await step();
    changes.push({ verb, args });
  };
  const accept = (tenant: string, input: PublishInput): PublishResult => {
    known(tenant);
    if (input.type.startsWith('unknown.'))
      throw new WaxwingError('unknown_event_type', `${input.type} is not in the catalogue.`, {
        fields: [{ path: '/type', message: 'not in the catalogue' }],
      });
    published.push(input);
    return {
      id: input.id ?? 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
      type: input.type,
      timestamp: '2026-05-12T15:30:00.000Z',
      receivedAt: '2026-05-12T15:30:00.000Z',
      deliveries: 0,
      duplicate: false,
      warning: 'nobody is subscribed',
    };
  };
  const changed = async (verb: string, tenant: string, id: string): Promise<Endpoint> => {
    const found = its(tenant, id, endpointExample, 'endpoint_not_found');
    await change(verb, tenant, id);
    return found;
  };
  const tenantNamed = (id: string): Tenant => ({ ...tenantExample, id });
  const typeNamed = (name: string): EventType => {
    if (name !== eventTypeExample.name) throw new WaxwingError('event_type_not_found', 'There is none.');
    return eventTypeExample;
  };
  const profileNamed = (name: string): ProfileResource => {
    if (name !== profileExample.name) throw new WaxwingError('profile_not_found', 'There is none.');
    return {
      ...profileExample,
      sampleMessage: { secret: SECRET, headers: [['a', 'b']], body: '{}' },
      eventTypes: [
        { name: 'a.b', description: '', group: 'a', schema: { type: 'object', properties: {} }, sample: { deep: { er: [1, null] } } },
      ],
    };
  };
  const detail = (): DeliveryDetail => ({ ...deliveryDetailExample, origin: 'dlv_01jv2q8w5e7r9t1y3v5b7n9m0k' });

  const engine: FakeEngine = {
    changes,
    revokedKeys: new Set(),
    published,
    next: null,
    status_: {
      ready: true,
      notReady: null,
      tenants: 2,
      endpoints: 1,
      pending: 3,
      oldestDueAt: '2026-05-12T15:30:00.000Z',
      inFlight: 4,
      inMemory: 5,
      commitQueue: 6,
      commitQueueBytes: 7,
      eventsPublished: 8,
      commits: 9,
      attempts: { delivered: 10, refused: 11, timed_out: 12, unreachable: 13, blocked: 14 },
      finished: { pending: 0, delivered: 15, failed: 16, cancelled: 17, skipped: 18 },
      removed: { events: 19, deliveries: 20, expired: 21 },
      shards: null,
      emails: { isSet: true, waiting: 22, sent: 23, failed: 24 },
      outbox: { taken: 25, rejected: 26 },
    },
    async publish(tenant, input) {
      await step();
      const result = accept(tenant, input);
      changes.push({ verb: 'publish', args: [tenant, input] });
      return result;
    },
    async publishBatch(tenant, inputs) {
      await step();
      const results = inputs.map((input) => accept(tenant, input));
      changes.push({ verb: 'publishBatch', args: [tenant, inputs] });
      return results;
    },
    tenants: {
      async put(id: unknown, input?: unknown) {
        if (typeof id !== 'string' || !isTenantId(id)) throw new TypeError('the server checks ids first');
        await change('tenants.put', id, input);
        return { tenant: tenantNamed(id), created: !tenants.has(id) };
      },
      async get(id) {
        await step();
        known(id);
        return tenantNamed(id);
      },
      list: async (options?: ListOptions) => listed(tenantExample, options),
      async delete(id) {
        known(id);
        await change('tenants.delete', id);
      },
    },
    endpoints: {
      async create(tenant, input, options) {
        if (options?.createTenant !== true) known(tenant);
        await change('endpoints.create', tenant, input, options);
        return { ...endpointExample, tenant, url: input.url, secret: SECRET, publicKey: 'whpk_x', warning: 'The secret is short.' };
      },
      get: async (tenant, id) => its(tenant, id, endpointExample, 'endpoint_not_found'),
      async list(tenant, options) {
        if (tenant !== null) known(tenant);
        return listed<Endpoint>(
          {
            ...endpointExample,
            status: 'disabled',
            statusReason: 'answered 410',
            statusChangedAt: '2026-05-12T15:30:00.000Z',
            rateLimitPerSecond: 2.5,
          },
          options,
        );
      },
      async update(tenant, id, patch) {
        const found = its(tenant, id, endpointExample, 'endpoint_not_found');
        if ('profile' in patch)
          throw new WaxwingError('immutable_field', "An endpoint's profile never changes.", {
            fields: [{ path: '/profile', message: 'cannot change' }],
          });
        await change('endpoints.update', tenant, id, patch);
        return found;
      },
      async delete(tenant, id) {
        await changed('endpoints.delete', tenant, id);
      },
      enable: (tenant, id) => changed('endpoints.enable', tenant, id),
      disable: (tenant, id) => changed('endpoints.disable', tenant, id),
      pause: (tenant, id) => changed('endpoints.pause', tenant, id),
      resume: (tenant, id) => changed('endpoints.resume', tenant, id),
      async rotateSecret(tenant, id, options) {
        const found = its(tenant, id, endpointExample, 'endpoint_not_found');
        await change('endpoints.rotateSecret', tenant, id, options);
        return { ...found, secretGraceEndsAt: '2026-05-13T15:30:00.000Z', secret: SECRET };
      },
      activateSecret: (tenant, id) => changed('endpoints.activateSecret', tenant, id),
      async test(tenant, id, options) {
        await changed('endpoints.test', tenant, id);
        return { ...detail(), eventType: options.eventType };
      },
    },
    events: {
      async get(tenant, id) {
        await step();
        if (id === EVENT_WITH_ODD_DATA) return { ...eventDetailExample, id, data: ODD_DATA };
        return its(tenant, id, eventDetailExample, 'event_not_found');
      },
      async list(tenant: string | null, filter?: EventFilter) {
        if (tenant !== null) known(tenant);
        return listed({ ...eventExample, data: ODD_DATA }, filter);
      },
      async rejected(tenant, options) {
        if (tenant !== null) known(tenant);
        return listed({ ...rejectedEventExample, eventId: 'order-1', idempotencyKey: 'key-1' }, options);
      },
      async explain(tenant, id, endpoint) {
        its(tenant, id, eventDetailExample, 'event_not_found');
        its(tenant, endpoint, endpointExample, 'endpoint_not_found');
        return { ...explanationExample, notes: ['a note'], behind: 'dlv_01jv2q8w5e7r9t1y3v5b7n9m0k' };
      },
    },
    notices: {
      async list(filter) {
        if (filter?.tenant !== undefined) known(filter.tenant);
        return listed({ ...noticeExample, endpoint: null, event: null, data: { count: 3, reason: null } }, filter);
      },
    },
    stats: {
      all: async (options) => ({ ...statsExample, window: options?.window ?? '1h' }),
      async tenant(tenant, options) {
        known(tenant);
        return { ...statsExample, latencyMs: null, successRate: null, window: options?.window ?? '1h' };
      },
      async endpoint(tenant, id) {
        its(tenant, id, endpointExample, 'endpoint_not_found');
        return { ...statsExample, events: null, endpoints: null, oldestPendingAt: null };
      },
      async endpoints(tenant, ids) {
        if (tenant !== null) known(tenant);
        return ids.filter((id) => id === endpointExample.id).map(() => endpointStatsExample);
      },
    },
    cluster: async () => clusterExample,
    replays: fakeReplays(change, known, listed),
    deliveries: {
      get: async (tenant, id) => its(tenant, id, detail(), 'delivery_not_found'),
      async list(tenant: string | null, filter?: DeliveryFilter) {
        if (tenant !== null) known(tenant);
        return listed(deliveryExample, filter);
      },
      async retry(tenant, id) {
        const delivery = its(tenant, id, deliveryExample, 'delivery_not_found');
        await change('deliveries.retry', tenant, id);
        return { delivery, created: true };
      },
      async cancel(tenant, id) {
        const delivery = its(tenant, id, deliveryExample, 'delivery_not_found');
        await change('deliveries.cancel', tenant, id);
        return delivery;
      },
    },
    eventTypes: {
      async put(name, input) {
        await change('eventTypes.put', name, input);
        return { eventType: { ...eventTypeExample, name }, created: name !== eventTypeExample.name };
      },
      get: async (name) => typeNamed(name),
      list: async (filter) => listed(eventTypeExample, filter),
      async delete(name) {
        typeNamed(name);
        await change('eventTypes.delete', name);
      },
    },
    profiles: {
      async put(name, definition) {
        await change('profiles.put', name, definition);
        return { profile: { ...profileExample, name }, created: name !== profileExample.name };
      },
      preview: async (name) => ({ ...profileExample, name }),
      get: async (name) => profileNamed(name),
      list: async (options) => listed(profileNamed('acme'), options),
      async delete(name) {
        profileNamed(name);
        await change('profiles.delete', name);
      },
    },
    keys: {
      async create(input) {
        await change('keys.create', input);
        return { ...keyExample, key: 'wxw_example' };
      },
      list: async (options) => listed(keyExample, options),
      async revoke(id) {
        if (id !== keyExample.id) throw new WaxwingError('key_not_found', 'There is none.');
        await change('keys.revoke', id);
      },
      authenticate: (key) => {
        const scope = SCOPES[key];
        return scope === undefined || engine.revokedKeys.has(key) ? null : { ...keyExample, id: keyIdOf(key), ...scope };
      },
      usable: (id) => engine.keys.authenticate(Object.keys(SCOPES).find((key) => keyIdOf(key) === id) ?? ''),
      any: () => true,
    },
    portalLinks: {
      create: async (tenant, input = {}) => {
        changes.push({ verb: 'portalLinks.create', args: [tenant, input] });
        return { id: portalLinkExample.id, token: 'wxp_EXAMPLE', expiresAt: portalLinkExample.expiresAt };
      },
      find: (id) =>
        id === portalLinkExample.id ? { theme: portalThemeExample, origins: ['https://app.acme.example'], isUsable: true } : null,
    },
    listeners: {
      create: async (tenant, input = {}) => {
        changes.push({ verb: 'listeners.create', args: [tenant, input] });
        return { ...endpointExample, tenant, url: 'relay:listener', secret: SECRET };
      },
      attach: (_tenant, id) => ({
        async *[Symbol.asyncIterator]() {
          yield { kind: 'ready', data: { listener: id, waiting: 0 } };
        },
      }),
      answer: async (tenant, id, results) => {
        changes.push({ verb: 'listeners.answer', args: [tenant, id, results] });
        return { accepted: results.length };
      },
    },
    stream(tenant, filter = {}): EventStream {
      let cursor = filter.cursor ?? '0.1';
      return {
        get cursor() {
          return cursor;
        },
        async *[Symbol.asyncIterator]() {
          yield { kind: 'ready', cursor, data: {} };
          cursor = '0.2.0';
          yield { kind: 'event', cursor, data: { ...eventExample, tenant: tenant ?? 'acme' } };
        },
      };
    },
    refresh: () => Promise.resolve(false),
    async lookup(id): Promise<LookupResult> {
      const found: readonly LookupResult[] = [
        { kind: 'event', tenant: 'acme', resource: eventExample },
        { kind: 'delivery', tenant: 'acme', resource: deliveryExample },
        { kind: 'endpoint', tenant: 'acme', resource: endpointExample },
        { kind: 'key', tenant: null, resource: keyExample },
      ];
      const result = found.find(({ resource }) => resource.id === id);
      if (result === undefined) throw new WaxwingError('nothing_found', 'Nothing has this id.');
      return result;
    },
    status: () => engine.status_,
    close: async () => {},
  };
  return engine;
}

type Known = (tenant: string) => void;

function fakeReplays(
  change: (verb: string, ...args: unknown[]) => Promise<void>,
  known: Known,
  listed: <T>(item: T, options?: ListOptions) => Page<T>,
): Engine['replays'] {
  const named = (tenant: string, id: string): Replay => {
    known(tenant);
    if (id !== replayExample.id) throw new WaxwingError('replay_not_found', 'There is none.');
    return replayExample;
  };
  async function create(tenant: string, input: ReplayInput & { readonly dryRun: true }): Promise<ReplayCount>;
  async function create(tenant: string, input?: ReplayInput & { readonly dryRun?: false }): Promise<Replay>;
  async function create(tenant: string, input?: ReplayInput): Promise<Replay | ReplayCount>;
  async function create(tenant: string, input?: ReplayInput): Promise<Replay | ReplayCount> {
    known(tenant);
    if (input?.dryRun === true) return { count: 12 };
    await change('replays.create', tenant, input);
    return { ...replayExample, state: 'counting', total: null, types: ['a.*'], note: 'waits' };
  }
  return {
    create,
    get: async (tenant, id) => named(tenant, id),
    async list(tenant, options) {
      if (tenant !== null) known(tenant);
      return listed(replayExample, options);
    },
    async cancel(tenant, id) {
      const found = named(tenant, id);
      await change('replays.cancel', tenant, id);
      return found;
    },
  };
}

/** The data of a publish as the engine was given it. */
export function dataText(input: PublishInput | undefined): string {
  const data = input?.data as ScannedJson; // the server always hands over scanned text
  return data.text;
}
