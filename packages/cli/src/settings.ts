// The settings of a server: flags, then environment, then defaults; parsed once, validated whole, frozen.
//
// 1. All that is wrong is said at once, each with the setting's name (`invalid_setting`). Nothing is repaired, nothing
//    that was given is ignored: what this version cannot do is refused.
// 2. A variable that is set but empty is refused: somebody meant to set it.
// 3. Each secret may be given as `…_FILE` in place of itself; one line break at the file's end is not part of it.

import { isIP } from 'node:net';

import { BUILT_IN_PROFILES, MANAGEMENT_NAMES, nearestName, WaxwingError } from '@waxwing/protocol';
import type { FieldError, ManagementName } from '@waxwing/protocol';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Settings {
  readonly port: number;
  readonly host: string;
  /** The folder of the embedded store. */
  readonly dataFolder: string;
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

/** What was given for one setting, and by which name; null when nothing was. */
interface Given {
  readonly name: string;
  readonly text: string;
}

const NOT_YET: readonly (readonly [variable: string, secret: boolean, why: string])[] = [
  ['WAXWING_DATABASE_URL', true, 'PostgreSQL is not available in this version: leave it out and use --data, the embedded store'],
  ['WAXWING_DATABASE_LISTEN_URL', true, 'PostgreSQL is not available in this version: leave it out'],
];

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

  if (flags.databaseUrl !== undefined)
    fault('--database-url', 'PostgreSQL is not available in this version: leave it out and use --data, the embedded store');
  for (const [variable, isSecret, why] of NOT_YET) {
    for (const name of isSecret ? [variable, `${variable}_FILE`] : [variable]) if (env[name] !== undefined) fault(name, why);
  }

  const settings: Settings = {
    port: setting(['--port', flags.port], ['WAXWING_PORT', 'PORT'], 8400, parsePort),
    host: setting(['--host', flags.host], ['WAXWING_HOST'], '127.0.0.1', parseHost),
    dataFolder: setting(['--data', flags.data], ['WAXWING_DATA'], './waxwing-data', parseText),
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

const SECRET_VARIABLES = ['WAXWING_ADMIN_KEY', 'WAXWING_MASTER_KEY', 'WAXWING_SMTP_URL', 'WAXWING_KEY', 'WAXWING_SECRET'];
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

/** Why a text is not a value of its setting. */
class Fault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

function checkedSecret(
  found: Given | null,
  parse: (text: string) => string | Fault,
  fault: (path: string, message: string) => void,
): string | null {
  if (found === null) return null;
  const parsed = parse(found.text);
  if (!(parsed instanceof Fault)) return parsed;
  fault(found.name, parsed.message);
  return null;
}

function parsePort(text: string): number | Fault {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return port >= 0 && port <= 65_535 ? port : new Fault(`must be a port from 0 to 65535 (0 takes a free one); got ${JSON.stringify(text)}`);
}

function parseHost(text: string): string | Fault {
  const isHost = isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text);
  return isHost ? text : new Fault(`must be an address or a host name to listen on; got ${JSON.stringify(text)}`);
}

function parseText(text: string): string | Fault {
  return text.trim() === '' ? new Fault('must not be empty') : text;
}

/** Never repeated in what is said: it holds a password. */
function parseSmtpUrl(text: string): string | Fault {
  const url = URL.parse(text);
  const isUsable = url !== null && (url.protocol === 'smtp:' || url.protocol === 'smtps:') && url.hostname !== '';
  return isUsable ? text : new Fault('must be a mail server as smtp://user:password@host:587 or smtps://user:password@host');
}

function parseSender(text: string): string | Fault {
  if (/^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/.test(text)) return text;
  return new Fault(`must be an email address, or a name with one, such as Waxwing <waxwing@example.com>; got ${JSON.stringify(text)}`);
}

/** As long as a key that Waxwing makes is hard to guess; a short one could be tried out. */
function parseAdminKey(text: string): string | Fault {
  if (!/^[\x21-\x7e]+$/.test(text)) return new Fault('must be printable ASCII without spaces');
  return text.length >= 24 ? text : new Fault(`must have at least 24 characters; it has ${text.length}`);
}

function parseBoolean(text: string): boolean | Fault {
  if (['true', '1', 'yes', 'on'].includes(text.toLowerCase())) return true;
  if (['false', '0', 'no', 'off'].includes(text.toLowerCase())) return false;
  return new Fault(`must be true or false; got ${JSON.stringify(text)}`);
}

/** A platform's own profile is known to the store only, so a name of its form is taken here and judged there. */
function parseProfile(text: string): string | Fault {
  if (BUILT_IN_PROFILES.has(text) || /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text)) return text;
  return new Fault(`must be a profile’s name; got ${JSON.stringify(text)}`);
}

function parseRetention(text: string): number | Fault {
  if (text === 'forever') return Infinity;
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return days >= 1 ? days : new Fault(`must be a whole number of days from 1 to 99999, or forever; got ${JSON.stringify(text)}`);
}

function parseLogLevel(text: string): LogLevel | Fault {
  return LOG_LEVELS.find((level) => level === text) ?? new Fault(`must be one of ${LOG_LEVELS.join(', ')}; got ${JSON.stringify(text)}`);
}

function parsePublicUrl(text: string): string | Fault {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return new Fault(`must be an http:// or https:// address; got ${JSON.stringify(text)}`);
  if (url.search !== '' || url.hash !== '' || url.username !== '') return new Fault('must not hold a query, a fragment or a user name');
  return url.href.replace(/\/$/, '');
}

function parseManagement(text: string): readonly ManagementName[] | Fault {
  const names = new Set<ManagementName>();
  for (const given of text.split(',').map((part) => part.trim())) {
    const name = MANAGEMENT_NAMES.find((known) => known === given);
    if (name === undefined) {
      const near = nearestName(given, MANAGEMENT_NAMES);
      const hint = near === null ? '' : `; did you mean ${near}?`;
      return new Fault(`must be platforms with commas between, of ${MANAGEMENT_NAMES.join(', ')}; got ${JSON.stringify(given)}${hint}`);
    }
    names.add(name);
  }
  return [...names];
}
