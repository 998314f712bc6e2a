// Tenants, as given and as answered.

export interface TenantInput {
  readonly name?: string;
  readonly profile?: string;
  readonly notifyEmails?: readonly string[];
  readonly metadata?: { readonly [key: string]: string };
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  readonly notifyEmails: readonly string[];
  readonly metadata: { readonly [key: string]: string };
  readonly createdAt: string;
  readonly updatedAt: string;
}
