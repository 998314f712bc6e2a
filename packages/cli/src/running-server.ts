// A server as one thing: the engine on its store, and the HTTP API over it. Opened together, closed in order.

import { createEngine, postgres, smtpMailer, sqlite } from '@waxwing/engine';
import type { Engine } from '@waxwing/engine';
import { createLog, createServer, engineLog } from '@waxwing/server';
import { WaxwingError } from '@waxwing/protocol';

import { ensureAdminKey } from './admin-key.ts';
import type { AdminKey } from './admin-key.ts';
import type { Settings } from './settings.ts';
import { shownSettings } from './shown-settings.ts';
import { VERSION } from './version.ts';

export interface RunningServer {
  readonly engine: Engine;
  readonly adminKey: AdminKey;
  /** Where it listens, as one would type it. */
  readonly url: string;
  /** A code that signs in to the console with this key's rights, once, within ten minutes. */
  signInCode(keyId: string): string;
  /** Resolves when other nodes have ended its lease: this server is then to be closed. */
  readonly superseded: Promise<void>;
  /** Stops accepting, finishes what is in flight (for at most `graceMs`, default 30,000), commits. */
  close(graceMs?: number): Promise<void>;
}

/** Batches start at least this far apart, so that under load each carries more: a third less CPU at 5,000 events a second (bench/README.md). */
const GATHER_MS = 2;

/**
 * @throws WaxwingError `data_folder_in_use`, `wrong_master_key`, `store_too_new`, `store_unavailable`; `invalid_setting` when
 * the address cannot be listened on
 */
export async function startServer(settings: Settings): Promise<RunningServer> {
  const log = createLog({ level: settings.logLevel });
  const superseded = Promise.withResolvers<void>();
  const store =
    settings.databaseUrl === null
      ? sqlite(settings.dataFolder)
      : postgres(settings.databaseUrl, settings.databaseDirectUrl === null ? {} : { directUrl: settings.databaseDirectUrl });
  const engine = await createEngine({
    store,
    log: engineLog(log),
    defaultProfile: settings.defaultProfile,
    retentionDays: settings.retentionDays,
    limits: { gatherMs: GATHER_MS },
    egress: { allowHttp: settings.allowHttp, allowPrivateNetworks: settings.allowPrivateNetworks },
    onSuperseded: () => superseded.resolve(),
    ...(settings.masterKey === null ? {} : { masterKey: settings.masterKey }),
    ...(settings.smtpUrl === null || settings.emailFrom === null
      ? {}
      : { mailer: smtpMailer({ url: settings.smtpUrl, from: settings.emailFrom }) }),
    ...(settings.publicUrl === null ? {} : { publicUrl: settings.publicUrl }),
  });
  try {
    const adminKey = await ensureAdminKey(engine, settings.adminKey); // before anybody can ask
    const server = await createServer({
      engine,
      version: VERSION,
      log,
      settings: shownSettings(settings),
      management: settings.management,
      ...(settings.publicUrl === null ? {} : { publicUrl: settings.publicUrl }),
    });
    const { port } = await server.listen({ host: settings.host, port: settings.port }).catch((error: unknown) => {
      throw cannotListen(error, settings);
    });
    return {
      engine,
      adminKey,
      url: `http://${urlHost(settings.host)}:${port}`,
      signInCode: (keyId) => server.signInCode(keyId),
      superseded: superseded.promise,
      close: async (graceMs = 30_000) => {
        await server.close({ graceMs: Math.min(graceMs, 10_000) });
        await engine.close({ graceMs });
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** A wildcard address is where one listens; what one types is this machine's own. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function cannotListen(error: unknown, settings: Settings): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${settings.host}:${settings.port}`;
  const path = code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' ? '--host' : '--port';
  const message = listenAdvice(code, where);
  return message === null ? error : new WaxwingError('invalid_setting', message, { cause: error, fields: [{ path, message }] });
}

function listenAdvice(code: unknown, where: string): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `Another program listens on ${where} already. Stop it, or take another port with --port (0 takes a free one)`;
    case 'EACCES':
      return `Listening on ${where} is not permitted. Take a port above 1023 with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${where} is not an address of this machine. Give one with --host, such as 127.0.0.1 or 0.0.0.0`;
    default:
      return null;
  }
}
