// Endpoints: created, edited, held, given new secrets, deleted. Every edit applies from the next attempt.

import {
  checkSecret,
  generateSecret,
  publicKeyOf,
  secretsThatSign,
  WaxwingError,
  type Endpoint,
  type EndpointInput,
  type EndpointWithSecret,
  type Profile,
} from '@waxwing/protocol';
import type { Engine } from '../engine.ts';
import type { EndpointEntry } from '../registry.ts';
import type { EndpointRow, TenantRow } from '../store/rows.ts';
import type { Change } from '../store/store.ts';
import { headersContext, secretContext } from '../vault.ts';
import { cancelPendingOf } from './cancel-pending.ts';
import { change, type ServiceContext } from './context.ts';
import { checkEndpointInput, createColumns, patchColumns } from './endpoint-settings.ts';
import { Fields } from './fields.ts';
import { pageOf, sortable } from './paging.ts';
import { presentEndpoint } from './present.ts';
import { checkTenant, find as findTenant, newTenantRow } from './tenants.ts';
import { sendTest } from './test-delivery.ts';

const GRACE_SECONDS_DEFAULT = 24 * 3_600;
const GRACE_SECONDS_MAX = 30 * 24 * 3_600;

export function endpointService(context: ServiceContext): Engine['endpoints'] {
  const { registry, clock, dispatcher, health } = context;

  const present = (entry: EndpointEntry): Endpoint => presentEndpoint(entry, registry, health, clock.nowMs());

  /** Edits one endpoint's row, and lets its lane know. */
  const edit = async (tenant: string, id: string, next: (row: EndpointRow, entry: EndpointEntry) => EndpointRow): Promise<Endpoint> => {
    const { seq } = findEndpoint(context, tenant, id).row;
    await change(context, `endpoint:${id}`, () => {
      const entry = findEndpoint(context, tenant, id);
      return [{ kind: 'putEndpoint', endpoint: { ...next(entry.row, entry), updatedMs: clock.nowMs() } }];
    });
    dispatcher.edited(seq);
    dispatcher.pump();
    return present(findEndpoint(context, tenant, id));
  };

  const setStatus = (tenant: string, id: string, status: 'active' | 'paused' | 'disabled'): Promise<Endpoint> =>
    edit(tenant, id, (row) => withStatus(context, row, status));

  return {
    create: (tenantId, input, options = {}) => createEndpoint(context, tenantId, input, options),

    async get(tenant, id) {
      return present(findEndpoint(context, tenant, id));
    },

    async list(tenant, options = {}) {
      if (tenant !== null) findTenant(context, tenant);
      const entries = tenant === null ? registry.endpoints() : registry.endpointsOf(tenant);
      return pageOf('endpoints', entries, (entry) => sortable(entry.row.seq), options, present);
    },

    async update(tenant, id, patch) {
      const entry = findEndpoint(context, tenant, id);
      checkEndpointInput(context, findTenant(context, tenant), entry.profile, patch, 'editing');
      return edit(tenant, id, (row) => {
        const edited = {
          ...row,
          ...patchColumns(row, patch),
          headersSealed: patch.headers === undefined ? row.headersSealed : sealHeaders(context, row.id, patch.headers),
        };
        return patch.status === undefined ? edited : withStatus(context, edited, patch.status);
      });
    },

    async delete(tenant, id) {
      const { seq } = findEndpoint(context, tenant, id).row;
      await change(context, `endpoint:${id}`, () => {
        findEndpoint(context, tenant, id);
        return [{ kind: 'deleteEndpoint', seq, deletedMs: clock.nowMs() }];
      });
      dispatcher.removed(seq);
      context.relay.forget(id);
      await cancelPendingOf(context, seq);
    },

    enable: (tenant, id) => setStatus(tenant, id, 'active'),
    resume: (tenant, id) => setStatus(tenant, id, 'active'),
    disable: (tenant, id) => setStatus(tenant, id, 'disabled'),
    pause: (tenant, id) => setStatus(tenant, id, 'paused'),

    async rotateSecret(tenant, id, options = {}) {
      const { profile } = findEndpoint(context, tenant, id);
      const fields = new Fields();
      fields.whole('/graceSeconds', options.graceSeconds, { min: 0, max: GRACE_SECONDS_MAX });
      fields.done();
      const secret = secretFor(context, profile, options.secret);
      const graceMs = (options.graceSeconds ?? GRACE_SECONDS_DEFAULT) * 1_000;
      const endpoint = await edit(tenant, id, (row) => rotated(context, row, profile, secret.text, graceMs));
      return withSecret(endpoint, secret);
    },

    activateSecret(tenant, id) {
      return edit(tenant, id, (row) => {
        if (row.graceEndsMs === null || row.graceEndsMs <= clock.nowMs()) {
          throw new WaxwingError('no_rotation', 'No rotation is under way: the newest secret signs already.');
        }
        return { ...row, previousSecretSealed: null, graceEndsMs: null };
      });
    },

    test: (tenant, id, options) => sendTest(context, findEndpoint(context, tenant, id), options.eventType),
  };
}

/** @param isRelayed whether it is a listener's: its URL is then no address, and no person's choice */
export async function createEndpoint(
  context: ServiceContext,
  tenantId: string,
  input: EndpointInput,
  options: NonNullable<Parameters<Engine['endpoints']['create']>[2]>,
  isRelayed = false,
): Promise<EndpointWithSecret> {
  const { registry, health, clock } = context;
  const existing = registry.tenants.get(tenantId);
  if (existing === undefined && options.createTenant === false) findTenant(context, tenantId);
  const made = options.tenantProfile === undefined ? {} : { profile: options.tenantProfile };
  if (existing === undefined) checkTenant(context, tenantId, made);
  const tenant = existing ?? newTenantRow(context, tenantId, made, undefined);
  const { profile, version } = profileFor(context, tenant, input);
  checkEndpointInput(context, tenant, profile, input, isRelayed ? 'relayed' : 'creating');
  const secret = secretFor(context, profile, input.secret);
  let row: EndpointRow | undefined;
  await change(context, `tenant:${tenantId}`, () => {
    const limit = context.limits.endpointsPerTenantMax;
    if (registry.endpointCountOf(tenantId) >= limit)
      throw new WaxwingError('limit_exceeded', `Tenant ${tenantId} has ${limit} endpoints, which is the most it may have.`);
    row = newRow(context, tenantId, profile, version, input, secret.text);
    const put: Change = { kind: 'putEndpoint', endpoint: row };
    return registry.tenants.has(tenantId) ? [put] : [{ kind: 'putTenant', tenant }, put];
  });
  if (row === undefined) throw new WaxwingError('internal', 'The endpoint was not made.');
  return withSecret(presentEndpoint(findEndpoint(context, tenantId, row.id), registry, health, clock.nowMs()), secret);
}

/** Throws `endpoint_not_found`, also where the endpoint is another tenant's. */
export function findEndpoint(context: ServiceContext, tenant: string, id: string): EndpointEntry {
  findTenant(context, tenant);
  const entry = context.registry.endpointById(id);
  if (entry === undefined || entry.row.tenant !== tenant)
    throw new WaxwingError('endpoint_not_found', `Tenant ${tenant} has no endpoint ${JSON.stringify(id)}.`);
  return entry;
}

function profileFor(
  context: ServiceContext,
  tenant: TenantRow,
  input: EndpointInput,
): { readonly profile: Profile; readonly version: number } {
  const name = input.profile ?? tenant.profile;
  const found = typeof name === 'string' ? context.registry.latestProfile(name) : undefined;
  if (found === undefined)
    throw new WaxwingError('unknown_profile', `There is no profile ${JSON.stringify(name)}. GET /v1/profiles lists them.`, {
      fields: [{ path: '/profile', message: 'no such profile' }],
    });
  return found;
}

interface Secret {
  readonly text: string;
  readonly warning: string | null;
}

function secretFor(context: ServiceContext, profile: Profile, given: string | undefined): Secret {
  const rules = profile.definition.secret;
  const text = given ?? generateSecret(rules, (size) => context.randomness.bytes(size));
  return { text, warning: checkSecret(rules, text).warning };
}

function withSecret(endpoint: Endpoint, secret: Secret): EndpointWithSecret {
  const publicKey = publicKeyOf(secret.text);
  return {
    ...endpoint,
    secret: secret.text,
    ...(publicKey === null ? {} : { publicKey }),
    ...(secret.warning === null ? {} : { warning: secret.warning }),
  };
}

function newRow(
  context: ServiceContext,
  tenant: string,
  profile: Profile,
  profileVersion: number,
  input: EndpointInput,
  secret: string,
): EndpointRow {
  const nowMs = context.clock.nowMs();
  const id = context.ids.mint('ep');
  const row: EndpointRow = {
    ...createColumns(input, profile),
    seq: context.numbers.take('endpoint'),
    id,
    tenant,
    profile: profile.definition.name,
    profileVersion,
    status: 'active',
    statusReason: null,
    statusChangedMs: null,
    headersSealed: input.headers === undefined ? null : sealHeaders(context, id, input.headers),
    secretSealed: context.vault.seal(secret, secretContext(id)),
    previousSecretSealed: null,
    graceEndsMs: null,
    failingSinceMs: null,
    lastTriggeredMs: null,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  return input.status === undefined || input.status === 'active' ? row : withStatus(context, row, input.status);
}

function withStatus(context: ServiceContext, row: EndpointRow, status: 'active' | 'paused' | 'disabled'): EndpointRow {
  if (row.status === status) return row;
  if (status === 'active') context.health.forgive(row.seq);
  return {
    ...row,
    status,
    statusReason: status === 'active' ? null : `${status} by a person`,
    statusChangedMs: context.clock.nowMs(),
    failingSinceMs: status === 'active' ? null : row.failingSinceMs, // a second chance is a whole one
  };
}

/**
 * The row with a new secret. Where the header carries several signatures, the newest two sign during the grace; where it
 * carries one, the secret that signs now goes on signing until the grace ends.
 */
function rotated(context: ServiceContext, row: EndpointRow, profile: Profile, secret: string, graceMs: number): EndpointRow {
  const { vault, clock } = context;
  const nowMs = clock.nowMs();
  const held = {
    current: vault.open(row.secretSealed, secretContext(row.id)),
    previous: row.previousSecretSealed === null ? null : vault.open(row.previousSecretSealed, secretContext(row.id)),
    graceEndsMs: row.graceEndsMs,
  };
  const signsNow = secretsThatSign(profile.definition.signature, held, nowMs)[0] ?? held.current;
  return {
    ...row,
    secretSealed: vault.seal(secret, secretContext(row.id)),
    previousSecretSealed: graceMs === 0 ? null : vault.seal(signsNow, secretContext(row.id)),
    graceEndsMs: graceMs === 0 ? null : nowMs + graceMs,
  };
}

function sealHeaders(context: ServiceContext, id: string, headers: { readonly [name: string]: string }): string | null {
  return Object.keys(headers).length === 0 ? null : context.vault.seal(JSON.stringify(headers), headersContext(id));
}
