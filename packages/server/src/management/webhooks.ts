// A platform's webhooks: the endpoints of one tenant that speak that platform's profile, by the same services as /v1.
//
// 1. What is not the tenant's, or not of the platform's profile, is not there: `endpoint_not_found`.
// 2. A tenant that nobody has made yet has no webhooks; the first one makes it, with the platform's profile, so that its
//    catalogue decides what may be published.
// 3. An edit with a new secret changes nothing when the secret cannot sign.

import type { Engine } from '@waxwing/engine';
import { BUILT_IN_PROFILES, checkSecret, WaxwingError } from '@waxwing/protocol';
import type { Endpoint, EndpointInput, EndpointPatch, EndpointWithSecret, Key, ManagementName } from '@waxwing/protocol';
import { endpointFor } from '../header-values.ts';

const PAGE_LIMIT = 250;

export class Webhooks {
  readonly #engine: Engine;
  readonly #tenant: string;
  readonly #profile: ManagementName;

  readonly #key: Key;

  /** @param key who asks: header values are shown to whoever may edit them */
  constructor(engine: Engine, tenant: string, profile: ManagementName, key: Key) {
    this.#key = key;
    this.#engine = engine;
    this.#tenant = tenant;
    this.#profile = profile;
  }

  /** All of them, newest first: platforms do not page, and a tenant has a limit. */
  async list(): Promise<readonly Endpoint[]> {
    const found: Endpoint[] = [];
    let cursor: string | null = null;
    do {
      const page = await this.#page(cursor);
      for (const endpoint of page.data) if (endpoint.profile === this.#profile) found.push(endpointFor(this.#key, endpoint));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return found;
  }

  async get(id: string): Promise<Endpoint> {
    const endpoint = await this.#engine.endpoints.get(this.#tenant, id).catch((error: unknown) => {
      throw isCode(error, 'tenant_not_found') ? notFound(id) : error;
    });
    if (endpoint.profile !== this.#profile) throw notFound(id);
    return endpointFor(this.#key, endpoint);
  }

  create(input: Omit<EndpointInput, 'profile'>): Promise<EndpointWithSecret> {
    const options = { createTenant: true, tenantProfile: this.#profile };
    return this.#engine.endpoints.create(this.#tenant, { ...input, profile: this.#profile }, options);
  }

  /** Applies from the next attempt; a secret signs from then on, without a grace. */
  async update(id: string, patch: EndpointPatch, secret?: string): Promise<Endpoint> {
    const before = await this.get(id);
    const rules = BUILT_IN_PROFILES.get(this.#profile)?.definition.secret;
    if (secret !== undefined && rules !== undefined) checkSecret(rules, secret);
    const edited = Object.keys(patch).length === 0 ? before : await this.#engine.endpoints.update(this.#tenant, id, patch);
    if (secret === undefined) return edited;
    await this.#engine.endpoints.rotateSecret(this.#tenant, id, { secret, graceSeconds: 0 });
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    await this.get(id);
    await this.#engine.endpoints.delete(this.#tenant, id);
  }

  async #page(cursor: string | null): Promise<{ readonly data: readonly Endpoint[]; readonly nextCursor: string | null }> {
    try {
      return await this.#engine.endpoints.list(this.#tenant, { limit: PAGE_LIMIT, ...(cursor === null ? {} : { cursor }) });
    } catch (error) {
      if (isCode(error, 'tenant_not_found')) return { data: [], nextCursor: null };
      throw error;
    }
  }
}

function isCode(error: unknown, code: WaxwingError['code']): boolean {
  return error instanceof WaxwingError && error.code === code;
}

function notFound(id: string): WaxwingError {
  return new WaxwingError('endpoint_not_found', `There is no webhook ${JSON.stringify(id)}.`);
}
