// The server's log: pino, one JSON line a fact. Keys, secrets and custom headers never reach it: request lines carry no
// headers at all, and whatever is named like a credential is redacted should it slip into one.

import { pino } from 'pino';
import type { DestinationStream, Level, Logger } from 'pino';
import type { Log } from '@waxwing/engine';

export type ServerLog = Logger;

export interface LogOptions {
  /** The least that is written; `info` unless told. */
  readonly level?: Level | 'silent';
  /** Where to; standard output unless told. */
  readonly stream?: DestinationStream;
}

const CREDENTIALS = ['authorization', 'secret', 'previousSecret', 'masterKey', 'key', 'headers'];

/** Makes a log. */
export function createLog(options: LogOptions = {}): ServerLog {
  const settings = {
    level: options.level ?? 'info',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: CREDENTIALS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return options.stream === undefined ? pino(settings) : pino(settings, options.stream);
}

/** The same log as the engine's port takes it. */
export function engineLog(log: ServerLog): Log {
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  };
}
