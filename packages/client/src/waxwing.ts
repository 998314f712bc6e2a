// The client: one address, one key. Deployment-wide calls stand here; a tenant's own in tenant.ts.
//
// No dependencies, no Node API: it runs wherever fetch does.

import type {
  Endpoint,
  EventSummary,
  DeliverySummary,
  EventType,
  EventTypeInput,
  Key,
  KeyInput,
  KeyWithSecret,
  LookupResult,
  Notice,
  ProfileResource,
  Tenant,
  TenantInput,
} from '@waxwing/protocol';

import { WaxwingApiError } from './api-error.ts';
import { listing } from './list-call.ts';
import type { DeliveryFilter, EventFilter, EventTypeFilter, ListOptions, NoticeFilter } from './filters.ts';
import type { List } from './list.ts';
import { DEFAULT_RETRY } from './retry.ts';
import type { RetryOptions } from './retry.ts';
import { segment } from './segment.ts';
import { TenantClient } from './tenant.ts';
import { Transport } from './transport.ts';
import type { CallOptions } from './transport.ts';

export interface WaxwingOptions {
  /** Where the server is, such as `http://127.0.0.1:8400`. A path below it is kept. */
  readonly url: string;
  /** The API key. Needed for everything but health. */
  readonly key?: string;
  /** In place of the global one: a proxy agent's, a test's. */
  readonly fetch?: typeof fetch;
  /** How long one attempt may take, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Bounds on trying again: reads, and publishing under one idempotency key. */
  readonly retry?: RetryOptions;
}

/** What the health routes say. */
export interface Health {
  readonly ok: boolean;
  /** Why not, when not. */
  readonly detail: string | null;
}

/**
 * The typed client of the Waxwing API.
 *
 * Every call may throw `WaxwingApiError` (the server answered with a problem) or `WaxwingConnectionError` (no answer came).
 * @example
 * const acme = new Waxwing({ url: 'http://127.0.0.1:8400', key }).tenant('acme');
 * await acme.publish({ type: 'meeting.completed', data: { meeting_id: 'mtg_1' } });
 */
export class Waxwing {
  readonly #transport: Transport;

  constructor(options: WaxwingOptions) {
    const timeoutMs = options.timeoutMs ?? 30_000;
    const retry = { ...DEFAULT_RETRY, ...options.retry };
    if (!(timeoutMs > 0)) throw new TypeError(`timeoutMs must be above 0; got ${timeoutMs}`);
    if (!(retry.attemptsMax >= 1)) throw new TypeError(`retry.attemptsMax must be at least 1; got ${retry.attemptsMax}`);
    if (!(retry.timeMaxMs >= 0)) throw new TypeError(`retry.timeMaxMs must be at least 0; got ${retry.timeMaxMs}`);
    const given = options.fetch;
    this.#transport = new Transport(
      { baseUrl: baseUrl(options.url), key: checkedKey(options.key), timeoutMs, retry },
      {
        // Called through globalThis: browsers refuse a fetch that is torn off its window.
        fetch: given ?? ((input, init) => globalThis.fetch(input, init)),
        nowMs: () => Date.now(),
        unit: () => Math.random(),
        sleep,
      },
    );
  }

  /** A tenant's own calls. Nothing is asked of the server: an unknown tenant shows at the first call. */
  tenant(id: string): TenantClient {
    return new TenantClient(this.#transport, id);
  }

  readonly tenants = {
    /** Creates or replaces. */
    put: (id: string, input: TenantInput = {}, options: CallOptions = {}): Promise<Tenant> =>
      this.#transport.json({ method: 'PUT', path: `/v1/tenants/${segment(id)}`, body: JSON.stringify(input), ...options }),
    get: (id: string, options: CallOptions = {}): Promise<Tenant> =>
      this.#transport.json({ method: 'GET', path: `/v1/tenants/${segment(id)}`, ...options }),
    list: (filter: ListOptions = {}, options: CallOptions = {}): List<Tenant> => listing(this.#transport, '/v1/tenants', filter, options),
    /** Refused while the tenant has endpoints. */
    delete: async (id: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `/v1/tenants/${segment(id)}`, ...options });
    },
  };

  readonly eventTypes = {
    put: (name: string, input: EventTypeInput = {}, options: CallOptions = {}): Promise<EventType> =>
      this.#transport.json({ method: 'PUT', path: `/v1/event-types/${segment(name)}`, body: JSON.stringify(input), ...options }),
    get: (name: string, options: CallOptions = {}): Promise<EventType> =>
      this.#transport.json({ method: 'GET', path: `/v1/event-types/${segment(name)}`, ...options }),
    list: (filter: EventTypeFilter = {}, options: CallOptions = {}): List<EventType> =>
      listing(this.#transport, '/v1/event-types', filter, options),
    delete: async (name: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `/v1/event-types/${segment(name)}`, ...options });
    },
  };

  readonly profiles = {
    /** A platform's own wire convention. The server validates it and names what is wrong. */
    put: (name: string, definition: unknown, options: CallOptions = {}): Promise<ProfileResource> =>
      this.#transport.json({ method: 'PUT', path: `/v1/profiles/${segment(name)}`, body: JSON.stringify(definition), ...options }),
    get: (name: string, options: CallOptions = {}): Promise<ProfileResource> =>
      this.#transport.json({ method: 'GET', path: `/v1/profiles/${segment(name)}`, ...options }),
    list: (filter: ListOptions = {}, options: CallOptions = {}): List<ProfileResource> =>
      listing(this.#transport, '/v1/profiles', filter, options),
    delete: async (name: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `/v1/profiles/${segment(name)}`, ...options });
    },
  };

  readonly keys = {
    /** The answer is the only one that carries the key itself. */
    create: (input: KeyInput, options: CallOptions = {}): Promise<KeyWithSecret> =>
      this.#transport.json({ method: 'POST', path: '/v1/keys', body: JSON.stringify(input), ...options }),
    list: (filter: ListOptions = {}, options: CallOptions = {}): List<Key> => listing(this.#transport, '/v1/keys', filter, options),
    revoke: async (id: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `/v1/keys/${segment(id)}`, ...options });
    },
  };

  /** Over all tenants, for operators. */
  readonly everywhere = {
    /** What Waxwing told, and what became of each email. */
    notices: (filter: NoticeFilter = {}, options: CallOptions = {}): List<Notice> =>
      listing(this.#transport, '/v1/notices', filter, options),
    endpoints: (filter: ListOptions = {}, options: CallOptions = {}): List<Endpoint> =>
      listing(this.#transport, '/v1/endpoints', filter, options),
    events: (filter: EventFilter = {}, options: CallOptions = {}): List<EventSummary> =>
      listing(this.#transport, '/v1/events', filter, options),
    deliveries: (filter: DeliveryFilter = {}, options: CallOptions = {}): List<DeliverySummary> =>
      listing(this.#transport, '/v1/deliveries', filter, options),
  };

  /** Finds anything by its id. */
  lookup(id: string, options: CallOptions = {}): Promise<LookupResult> {
    return this.#transport.json({ method: 'GET', path: `/v1/lookup/${segment(id)}`, ...options });
  }

  /** Whether the server lives. Throws WaxwingConnectionError when nothing answers. */
  health(options: CallOptions = {}): Promise<Health> {
    return this.#health('/healthz', options);
  }

  /** Whether it is ready for work: its store reached, its endpoints loaded. */
  status(options: CallOptions = {}): Promise<Health> {
    return this.#health('/readyz', options);
  }

  async #health(path: string, options: CallOptions): Promise<Health> {
    try {
      await this.#transport.send({ method: 'GET', path, repeatable: false, ...options }); // "not ready" is the answer asked for
      return { ok: true, detail: null };
    } catch (error) {
      if (error instanceof WaxwingApiError && error.code !== 'unexpected_answer') return { ok: false, detail: error.detail };
      throw error;
    }
  }
}

function baseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError(`url must be an http:// or https:// address; got ${JSON.stringify(text)}`);
  }
  if (url.username !== '' || url.password !== '') throw new TypeError('url must not hold a user name or password: give the key as `key`');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** A key with a line break or a space would fail inside fetch, and look like a network failure. */
function checkedKey(key: string | undefined): string | undefined {
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new TypeError('key must be printable ASCII without spaces: was it copied whole?');
  return key;
}

function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    function abort(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', abort, { once: true });
  });
}
