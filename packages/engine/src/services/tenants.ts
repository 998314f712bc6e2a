// Tenants: the customers of the platform. Each has a default profile, which also decides what may be published.

import { isTenantId, OPERATIONAL_TENANT, WaxwingError, type TenantInput } from '@waxwing/protocol';
import type { Engine } from '../engine.ts';
import type { TenantRow } from '../store/rows.ts';
import { change, type ServiceContext } from './context.ts';
import { Fields } from './fields.ts';
import { pageOf, sortable } from './paging.ts';
import { presentTenant } from './present.ts';

const FIELDS = ['id', 'name', 'profile', 'notifyEmails', 'metadata'];
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;

export function tenantService(context: ServiceContext): Engine['tenants'] {
  const { registry } = context;

  const put: Engine['tenants']['put'] = async (idOrInput: string | (TenantInput & { readonly id: string }), more?: TenantInput) => {
    const id = typeof idOrInput === 'string' ? idOrInput : idOrInput.id;
    const input = typeof idOrInput === 'string' ? (more ?? {}) : idOrInput;
    checkTenant(context, id, input);
    let created = false;
    let row: TenantRow | undefined;
    await change(context, `tenant:${id}`, () => {
      const before = registry.tenants.get(id);
      created = before === undefined;
      row = newTenantRow(context, id, input, before);
      return [{ kind: 'putTenant', tenant: row }];
    });
    return { tenant: presentTenant(row ?? find(context, id)), created };
  };

  return {
    put,
    async get(id) {
      return presentTenant(find(context, id));
    },
    async list(options = {}) {
      return pageOf('tenants', registry.tenants.values(), (row) => `${sortable(row.createdMs)} ${row.id}`, options, presentTenant);
    },
    async delete(id) {
      await change(context, `tenant:${id}`, () => {
        find(context, id);
        refuseReserved(id);
        const endpoints = registry.endpointCountOf(id);
        if (endpoints > 0)
          throw new WaxwingError(
            'tenant_not_empty',
            `Tenant ${id} still has ${endpoints} endpoint${endpoints === 1 ? '' : 's'}. Delete them first.`,
          );
        return [{ kind: 'deleteTenant', id }];
      });
    },
  };
}

/** Throws `tenant_not_found`. */
export function find(context: ServiceContext, id: string): TenantRow {
  const row = context.registry.tenants.get(id);
  if (row === undefined)
    throw new WaxwingError('tenant_not_found', `There is no tenant ${JSON.stringify(id)}. Create it with PUT /v1/tenants/{tenant}.`);
  return row;
}

/** A tenant's row: what is given, else what stood, else the default. */
export function newTenantRow(context: ServiceContext, id: string, input: TenantInput, before: TenantRow | undefined): TenantRow {
  const nowMs = context.clock.nowMs();
  return {
    id,
    name: input.name ?? id,
    profile: input.profile ?? before?.profile ?? context.limits.defaultProfile,
    notifyEmails: input.notifyEmails ?? [],
    metadata: input.metadata ?? {},
    createdMs: before?.createdMs ?? nowMs,
    updatedMs: nowMs,
  };
}

function refuseReserved(id: string): void {
  if (id !== OPERATIONAL_TENANT) return;
  throw new WaxwingError(
    'reserved_tenant',
    `The tenant ${id} is reserved for operational events. It may have endpoints, and does not change.`,
  );
}

/** The tenant of operational events, as every store has it. */
export function operationalTenant(nowMs: number): TenantRow {
  return {
    id: OPERATIONAL_TENANT,
    name: 'Waxwing',
    profile: 'standard',
    notifyEmails: [],
    metadata: {},
    createdMs: nowMs,
    updatedMs: nowMs,
  };
}

/** Throws `invalid_request`, `reserved_tenant` or `unknown_profile`. */
export function checkTenant(context: ServiceContext, id: string, input: TenantInput): void {
  const fields = new Fields();
  fields.known(input, FIELDS);
  if (!isTenantId(id)) fields.refuse('/id', "a tenant's id is 1 to 64 of A-Z a-z 0-9 _ -");
  fields.text('/name', input.name, { min: 1, max: 200 });
  fields.text('/profile', input.profile, { min: 1, max: 64 });
  fields.textMap('/metadata', input.metadata);
  if ((input.notifyEmails?.length ?? 0) > 20) fields.refuse('/notifyEmails', 'must have at most 20 entries');
  input.notifyEmails?.forEach((email, index) => {
    if (!EMAIL.test(email)) fields.refuse(`/notifyEmails/${index}`, 'is not an email address');
  });
  fields.done();
  refuseReserved(id);
  if (input.profile !== undefined && context.registry.latestProfile(input.profile) === undefined) {
    throw new WaxwingError('unknown_profile', `There is no profile ${JSON.stringify(input.profile)}. GET /v1/profiles lists them.`, {
      fields: [{ path: '/profile', message: 'no such profile' }],
    });
  }
}
