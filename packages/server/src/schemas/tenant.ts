// A tenant: what PUT takes, what the API answers.

import Type from 'typebox';
import type { Tenant, TenantInput } from '@waxwing/protocol';
import { closed, exactly, mapOf, named, open, string, text, time } from './schema.ts';
import type { NamedSchema } from './schema.ts';

export const tenantInput: NamedSchema<TenantInput> = named(
  'TenantInput',
  exactly<TenantInput>()(
    closed({
      name: Type.Optional(text(200, 'What people call it. Defaults to its id.')),
      profile: Type.Optional(text(64, "The profile of new endpoints and of this tenant's events. Defaults to the deployment's.")),
      notifyEmails: Type.Optional(Type.Array(text(254), { maxItems: 20, description: 'Who hears of an endpoint that fails.' })),
      metadata: Type.Optional(mapOf(text(1_000), { maxProperties: 50, description: 'Yours: kept and given back as it is.' })),
    }),
  ),
);

export const tenant: NamedSchema<Tenant> = named(
  'Tenant',
  exactly<Tenant>()(
    open({
      id: string(),
      name: string(),
      profile: string(),
      notifyEmails: Type.Array(string()),
      metadata: mapOf(string()),
      createdAt: time(),
      updatedAt: time(),
    }),
  ),
);

export const tenantExample: Tenant = {
  id: 'acme',
  name: 'Acme Ltd',
  profile: 'standard',
  notifyEmails: ['ops@acme.example'],
  metadata: { plan: 'pro' },
  createdAt: '2026-05-12T15:30:00.000Z',
  updatedAt: '2026-05-12T15:30:00.000Z',
};

export const tenantInputExample: TenantInput = {
  name: 'Acme Ltd',
  profile: 'standard',
  notifyEmails: ['ops@acme.example'],
  metadata: { plan: 'pro' },
};
