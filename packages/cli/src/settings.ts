// The settings of a server: flags, then environment, then defaults; parsed once, validated whole, frozen.
//
// 1. All that is wrong is said at once, each with the setting's name (`invalid_setting`). Nothing is repaired, nothing
//    that was given is ignored: what this version cannot do is refused.
// 2. A variable that is set but empty is refused: somebody meant to set it.
// 3. Each secret may be given as `…_FILE` in place of itself; one line break at the file's end is not part of it.

import { nearestName, WaxwingError } from '@waxwing/protocol';
import type { FieldError, ManagementName } from '@waxwing/protocol';

import {
  checkedSecret,
  Fault,
  parseAdminKey,
  parseBoolean,
  parseDatabaseUrl,
  parseHost,
  parseLogLevel,
  parseManagement,
  parsePort,
  parseProfile,
  parsePublicUrl,
  parseRetention,
  parseSender,
  parseSmtpUrl,
  parseText,
} from './setting-values.ts';
import type { Given, LogLevel } from './setting-values.ts';

export interface Settings {
  readonly port: number;
  readonly host: string;
  /** The folder of the embedded store. */
  readonly dataFolder: string;
  /** The PostgreSQL database that is the store in place of the folder, with its password; null for the embedded store. */
  readonly databaseUrl: string | null;
  /** The same database past a pooler, where `databaseUrl` goes through one; with its password. */
  readonly databaseDirectUrl: string | null;
  readonly adminKey: string | null;
  readonly masterKey: string | null;
  readonly allowPrivateNetworks: boolean;
  readonly allowHttp: boolean;
  readonly defaultProfile: string;
  /** How many days events, deliveries and attempts are kept; Infinity for ever. */
  readonly retentionDays: number;
  /** The mail server that notices go through, with its password; null for none. */
  readonly smtpUrl: string | null;
  /** Their sender; given whenever `smtpUrl` is. */
  readonly emailFrom: string | null;
  readonly logLevel: LogLevel;
  /** Where people reach the server, when that is not host and port. */
  readonly publicUrl: string | null;
  /** The platforms whose management APIs are spoken beside Waxwing's own. */
  readonly management: readonly ManagementName[];
  readonly development: boolean;
}

/** Flags as the command line gives them. */
export interface SettingFlags {
  readonly port?: string;
  readonly host?: string;
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly databaseDirectUrl?: string;
  readonly allowPrivateNetworks?: boolean;
  readonly allowHttp?: boolean;
  readonly defaultProfile?: string;
  readonly retentionDays?: string;
  readonly logLevel?: string;
  readonly publicUrl?: string;
  readonly management?: string;
  readonly dev?: boolean;
}

type Environment = { readonly [name: string]: string | undefined };

/**
 * Reads the settings.
 * @param readFile gives the text of a `…_FILE`
 * @throws WaxwingError `invalid_setting`, with a field for each that is wrong
 */
export function parseSettings(flags: SettingFlags, env: Environment, readFile: (path: string) => string): Settings {
  const faults: FieldError[] = [];
  const fault = (path: string, message: string): void => void faults.push({ path, message });

  function fromEnvironment(names: readonly string[]): Given | null {
    for (const name of names) {
      const text = env[name];
      if (text === undefined) continue;
      if (text !== '') return { name, text };
      fault(name, 'is set but empty: give it a value or unset it');
      return null;
    }
    return null;
  }

  function secret(variable: string): Given | null {
    const fileVariable = `${variable}_FILE`;
    const direct = fromEnvironment([variable]);
    const file = fromEnvironment([fileVariable]);
    if (file === null) return direct;
    if (direct !== null) {
      fault(fileVariable, `is set beside ${variable}: unset one of them`);
      return null;
    }
    try {
      const text = readFile(file.text).replace(/\r?\n$/, '');
      if (text !== '') return { name: fileVariable, text };
      fault(fileVariable, `names an empty file (${file.text})`);
    } catch (error) {
      fault(fileVariable, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    return null;
  }

  function setting<T>(
    flag: readonly [name: string, value: string | undefined],
    variables: readonly string[],
    fallback: T,
    parse: (text: string) => T | Fault,
  ): T {
    const found = flag[1] === undefined ? fromEnvironment(variables) : { name: flag[0], text: flag[1] };
    if (found === null) return fallback;
    const parsed = parse(found.text);
    if (!(parsed instanceof Fault)) return parsed;
    fault(found.name, parsed.message);
    return fallback;
  }

  function permission(flag: boolean | undefined, variable: string): boolean {
    const inEnvironment = fromEnvironment([variable]);
    const parsed = inEnvironment === null ? null : parseBoolean(inEnvironment.text);
    if (parsed instanceof Fault) fault(variable, parsed.message);
    if (flags.dev === true && parsed === false && flag !== true)
      fault(variable, 'is false, but --dev needs it: unset it or leave --dev out');
    return flag === true || flags.dev === true || parsed === true;
  }

  function flagOrSecret(name: string, flag: string | undefined, variable: string): Given | null {
    const inEnvironment = secret(variable);
    return flag === undefined ? inEnvironment : { name, text: flag };
  }

  const database = flagOrSecret('--database-url', flags.databaseUrl, 'WAXWING_DATABASE_URL');
  const direct = flagOrSecret('--database-direct-url', flags.databaseDirectUrl, 'WAXWING_DATABASE_DIRECT_URL');

  const settings: Settings = {
    port: setting(['--port', flags.port], ['WAXWING_PORT', 'PORT'], 8400, parsePort),
    host: setting(['--host', flags.host], ['WAXWING_HOST'], '127.0.0.1', parseHost),
    dataFolder: setting(['--data', flags.data], ['WAXWING_DATA'], './waxwing-data', parseText),
    databaseUrl: checkedSecret(database, parseDatabaseUrl, fault),
    databaseDirectUrl: checkedSecret(direct, parseDatabaseUrl, fault),
    adminKey: checkedSecret(secret('WAXWING_ADMIN_KEY'), parseAdminKey, fault),
    masterKey: checkedSecret(secret('WAXWING_MASTER_KEY'), parseText, fault),
    allowPrivateNetworks: permission(flags.allowPrivateNetworks, 'WAXWING_ALLOW_PRIVATE_NETWORKS'),
    allowHttp: permission(flags.allowHttp, 'WAXWING_ALLOW_HTTP'),
    defaultProfile: setting(['--default-profile', flags.defaultProfile], ['WAXWING_DEFAULT_PROFILE'], 'standard', parseProfile),
    retentionDays: setting(['--retention-days', flags.retentionDays], ['WAXWING_RETENTION_DAYS'], 30, parseRetention),
    smtpUrl: checkedSecret(secret('WAXWING_SMTP_URL'), parseSmtpUrl, fault),
    emailFrom: setting<string | null>(['WAXWING_EMAIL_FROM', undefined], ['WAXWING_EMAIL_FROM'], null, parseSender),
    logLevel: setting<LogLevel>(['--log-level', flags.logLevel], ['WAXWING_LOG_LEVEL'], 'warn', parseLogLevel),
    publicUrl: setting<string | null>(['--public-url', flags.publicUrl], ['WAXWING_PUBLIC_URL'], null, parsePublicUrl),
    management: setting<readonly ManagementName[]>(['--management', flags.management], ['WAXWING_MANAGEMENT'], [], parseManagement),
    development: flags.dev === true,
  };
  if (settings.smtpUrl !== null && settings.emailFrom === null && !faults.some(({ path }) => path === 'WAXWING_EMAIL_FROM'))
    fault('WAXWING_EMAIL_FROM', 'is missing beside WAXWING_SMTP_URL: say who sends, such as Waxwing <waxwing@example.com>');
  if (settings.emailFrom !== null && settings.smtpUrl === null && !faults.some(({ path }) => path.startsWith('WAXWING_SMTP_URL')))
    fault('WAXWING_EMAIL_FROM', 'is set, but no mail server is: give WAXWING_SMTP_URL as well');
  if (direct !== null && database === null && !faults.some(({ path }) => path.startsWith('WAXWING_DATABASE_URL')))
    fault(direct.name, 'is given without --database-url: it is the way past a pooler to that same database');
  if (database !== null) {
    const folder = flags.data === undefined ? 'WAXWING_DATA' : '--data';
    if (flags.data !== undefined || env['WAXWING_DATA'] !== undefined)
      fault(folder, `is given beside ${database.name}: a server has one store`);
    if (settings.masterKey === null && !faults.some(({ path }) => path.startsWith('WAXWING_MASTER_KEY')))
      fault('WAXWING_MASTER_KEY', 'is missing beside the database: every node needs the same. Make one with: openssl rand -base64 32');
  }
  if (faults.length > 0) {
    throw new WaxwingError(
      'invalid_setting',
      `Settings that cannot be used: ${faults.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
      { fields: faults },
    );
  }
  return Object.freeze(settings);
}

/** WAXWING_… variables that no setting has: most likely a slip, so `serve` says them. */
export function unknownVariables(env: Environment): readonly { readonly name: string; readonly near: string | null }[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('WAXWING_') && !KNOWN_VARIABLES.has(name))
    .map((name) => ({ name, near: nearestName(name, KNOWN_VARIABLES) }));
}

const SECRET_VARIABLES = [
  'WAXWING_DATABASE_URL',
  'WAXWING_DATABASE_DIRECT_URL',
  'WAXWING_ADMIN_KEY',
  'WAXWING_MASTER_KEY',
  'WAXWING_SMTP_URL',
  'WAXWING_KEY',
  'WAXWING_SECRET',
];
const KNOWN_VARIABLES: ReadonlySet<string> = new Set([
  ...[
    'PORT',
    'HOST',
    'DATA',
    'ALLOW_PRIVATE_NETWORKS',
    'ALLOW_HTTP',
    'DEFAULT_PROFILE',
    'RETENTION_DAYS',
    'LOG_LEVEL',
    'PUBLIC_URL',
    'MANAGEMENT',
    'EMAIL_FROM',
    'URL',
    'TENANT',
    'NODE_TRIED',
  ].map((name) => `WAXWING_${name}`),
  ...SECRET_VARIABLES,
  ...SECRET_VARIABLES.map((name) => `${name}_FILE`),
]);
