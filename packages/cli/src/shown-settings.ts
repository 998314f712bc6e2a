// Shown settings: what operators may see of the settings in effect. A secret shows only whether it is set.

import type { Setting } from '@waxwing/protocol';

import type { Settings } from './settings.ts';

interface Shown {
  readonly variable: string | null;
  readonly secret?: boolean;
}

// Exhaustive: a new setting does not compile until somebody has said here whether it is a secret.
const SHOWN: { readonly [K in keyof Settings]: Shown } = {
  port: { variable: 'WAXWING_PORT' },
  host: { variable: 'WAXWING_HOST' },
  dataFolder: { variable: 'WAXWING_DATA' },
  databaseUrl: { variable: 'WAXWING_DATABASE_URL', secret: true },
  databaseDirectUrl: { variable: 'WAXWING_DATABASE_DIRECT_URL', secret: true },
  adminKey: { variable: 'WAXWING_ADMIN_KEY', secret: true },
  masterKey: { variable: 'WAXWING_MASTER_KEY', secret: true },
  allowPrivateNetworks: { variable: 'WAXWING_ALLOW_PRIVATE_NETWORKS' },
  allowHttp: { variable: 'WAXWING_ALLOW_HTTP' },
  defaultProfile: { variable: 'WAXWING_DEFAULT_PROFILE' },
  retentionDays: { variable: 'WAXWING_RETENTION_DAYS' },
  smtpUrl: { variable: 'WAXWING_SMTP_URL', secret: true },
  emailFrom: { variable: 'WAXWING_EMAIL_FROM' },
  logLevel: { variable: 'WAXWING_LOG_LEVEL' },
  publicUrl: { variable: 'WAXWING_PUBLIC_URL' },
  management: { variable: 'WAXWING_MANAGEMENT' },
  development: { variable: null },
};

/** Every setting as the API shows it. */
export function shownSettings(settings: Settings): readonly Setting[] {
  return Object.entries(SHOWN).map(([name, { variable, secret = false }]) => {
    const value: unknown = Reflect.get(settings, name);
    return { name, variable, secret, value: secret ? (value === null ? 'not set' : 'set') : plain(value) };
  });
}

function plain(value: unknown): Setting['value'] {
  if (value === Infinity) return 'forever'; // JSON has no such number
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
