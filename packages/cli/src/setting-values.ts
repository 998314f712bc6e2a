// The values of settings: each text to what it stands for, or to what is wrong with it.

import { isIP } from 'node:net';

import { BUILT_IN_PROFILES, MANAGEMENT_NAMES, nearestName } from '@waxwing/protocol';
import type { ManagementName } from '@waxwing/protocol';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What was given for one setting, and by which name; null when nothing was. */
export interface Given {
  readonly name: string;
  readonly text: string;
}

/** Why a text is not a value of its setting. */
export class Fault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function checkedSecret(
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

export function parsePort(text: string): number | Fault {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return port >= 0 && port <= 65_535 ? port : new Fault(`must be a port from 0 to 65535 (0 takes a free one); got ${JSON.stringify(text)}`);
}

export function parseHost(text: string): string | Fault {
  const isHost = isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text);
  return isHost ? text : new Fault(`must be an address or a host name to listen on; got ${JSON.stringify(text)}`);
}

export function parseText(text: string): string | Fault {
  return text.trim() === '' ? new Fault('must not be empty') : text;
}

/** Never repeated in what is said: it holds a password. */
export function parseDatabaseUrl(text: string): string | Fault {
  const url = URL.parse(text);
  const isUsable = url !== null && (url.protocol === 'postgres:' || url.protocol === 'postgresql:') && url.pathname.length > 1;
  return isUsable ? text : new Fault('must be a database as postgres://user:password@host:5432/database');
}

/** Never repeated in what is said: it holds a password. */
export function parseSmtpUrl(text: string): string | Fault {
  const url = URL.parse(text);
  const isUsable = url !== null && (url.protocol === 'smtp:' || url.protocol === 'smtps:') && url.hostname !== '';
  return isUsable ? text : new Fault('must be a mail server as smtp://user:password@host:587 or smtps://user:password@host');
}

export function parseSender(text: string): string | Fault {
  if (/^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/.test(text)) return text;
  return new Fault(`must be an email address, or a name with one, such as Waxwing <waxwing@example.com>; got ${JSON.stringify(text)}`);
}

/** As long as a key that Waxwing makes is hard to guess; a short one could be tried out. */
export function parseAdminKey(text: string): string | Fault {
  if (!/^[\x21-\x7e]+$/.test(text)) return new Fault('must be printable ASCII without spaces');
  return text.length >= 24 ? text : new Fault(`must have at least 24 characters; it has ${text.length}`);
}

export function parseBoolean(text: string): boolean | Fault {
  if (['true', '1', 'yes', 'on'].includes(text.toLowerCase())) return true;
  if (['false', '0', 'no', 'off'].includes(text.toLowerCase())) return false;
  return new Fault(`must be true or false; got ${JSON.stringify(text)}`);
}

/** A platform's own profile is known to the store only, so a name of its form is taken here and judged there. */
export function parseProfile(text: string): string | Fault {
  if (BUILT_IN_PROFILES.has(text) || /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text)) return text;
  return new Fault(`must be a profile’s name; got ${JSON.stringify(text)}`);
}

export function parseRetention(text: string): number | Fault {
  if (text === 'forever') return Infinity;
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return days >= 1 ? days : new Fault(`must be a whole number of days from 1 to 99999, or forever; got ${JSON.stringify(text)}`);
}

export function parseLogLevel(text: string): LogLevel | Fault {
  return LOG_LEVELS.find((level) => level === text) ?? new Fault(`must be one of ${LOG_LEVELS.join(', ')}; got ${JSON.stringify(text)}`);
}

export function parsePublicUrl(text: string): string | Fault {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return new Fault(`must be an http:// or https:// address; got ${JSON.stringify(text)}`);
  if (url.search !== '' || url.hash !== '' || url.username !== '') return new Fault('must not hold a query, a fragment or a user name');
  return url.href.replace(/\/$/, '');
}

export function parseManagement(text: string): readonly ManagementName[] | Fault {
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
