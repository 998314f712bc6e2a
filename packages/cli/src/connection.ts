// How a command speaks to a server: --url, --key and --tenant, or WAXWING_URL, WAXWING_KEY and WAXWING_TENANT.

import { Waxwing } from '@waxwing/client';
import type { TenantClient } from '@waxwing/client';
import type { Command } from 'commander';

import { UsageError } from './failure.ts';
import { readSecret } from './input.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8400';

export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
}

export interface TenantOptions extends ConnectionOptions {
  readonly tenant?: string;
}

/** Adds what every command that speaks to a server takes. */
export function withConnection(command: Command): Command {
  return command
    .option('--url <url>', `the server's address (WAXWING_URL; default ${DEFAULT_URL})`)
    .option('--key <key>', 'an API key (WAXWING_KEY, or WAXWING_KEY_FILE; kept out of the process list)')
    .option('--json', 'print the API’s JSON');
}

export function withTenant(command: Command): Command {
  return withConnection(command).option('--tenant <id>', 'the tenant (WAXWING_TENANT)');
}

export function connect(options: ConnectionOptions): Waxwing {
  const key = readSecret(options.key, 'WAXWING_KEY', process.env);
  if (key === null)
    throw new UsageError('no key: give one with --key or WAXWING_KEY. `waxwing serve` prints an admin key at its first start');
  try {
    return new Waxwing({ url: options.url ?? process.env['WAXWING_URL'] ?? DEFAULT_URL, key });
  } catch (error) {
    // The client refuses addresses and keys that cannot work, as TypeErrors with the reason.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

export function connectToTenant(options: TenantOptions): TenantClient {
  return connect(options).tenant(tenantIdOf(options));
}

export function tenantIdOf(options: TenantOptions): string {
  const tenant = options.tenant ?? process.env['WAXWING_TENANT'];
  if (tenant === undefined || tenant === '') throw new UsageError('no tenant: give one with --tenant or WAXWING_TENANT');
  return tenant;
}
