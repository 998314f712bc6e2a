// A server as one thing: the engine on its store, and the HTTP API over it. Opened together, closed in order.
//
// On a database that another node is active on, it stands by: it listens, says that it is not ready, and opens when that
// node ends.

import { createEngine, postgres, smtpMailer, sqlite } from '@waxwing/engine';
import type { Engine } from '@waxwing/engine';
import { createLog, createServer, engineLog, startStandbyServer } from '@waxwing/server';
import type { StandbyServer } from '@waxwing/server';
import { WaxwingError } from '@waxwing/protocol';

import type { Settings } from './settings.ts';
import { shownSettings } from './shown-settings.ts';
import { VERSION } from './version.ts';

export interface RunningServer {
  readonly engine: Engine;
  /** Where it listens, as one would type it. */
  readonly url: string;
  /** A code that signs in to the console with this key's rights, once, within ten minutes. */
  signInCode(keyId: string): string;
  /** Resolves when another node has taken over: this server is then to be closed. */
  readonly superseded: Promise<void>;
  /** Stops accepting, finishes what is in flight (for at most `graceMs`, default 30,000), commits. */
  close(graceMs?: number): Promise<void>;
}

/** Batches start at least this far apart, so that under load each carries more: a third less CPU at 5,000 events a second (bench/README.md). */
const GATHER_MS = 2;

export interface StartOptions {
  /** Ends the wait of a node that stands by. */
  readonly signal?: AbortSignal;
  /** Told when it stands by, where it listens meanwhile, and for what it waits. */
  readonly onStandby?: (url: string, reason: string) => void;
}

/**
 * @throws WaxwingError `data_folder_in_use`, `wrong_master_key`, `store_too_new`, `store_unavailable`; `shutting_down` when the
 * signal came while it stood by; `invalid_setting` when the address cannot be listened on
 */
export async function startServer(settings: Settings, { signal, onStandby }: StartOptions = {}): Promise<RunningServer> {
  const log = createLog({ level: settings.logLevel });
  const superseded = Promise.withResolvers<void>();
  let standby: Promise<StandbyServer> | null = null;
  const standBy = (reason: string): void => {
    standby = startStandbyServer({ host: settings.host, port: settings.port, reason });
    standby.then(
      ({ port }) => onStandby?.(`http://${urlHost(settings.host)}:${port}`, reason),
      () => void store.close(),
    );
  };
  const store =
    settings.databaseUrl === null
      ? sqlite(settings.dataFolder)
      : postgres(settings.databaseUrl, { onStandby: (reason) => standBy(reason) });
  const giveUp = (): void => void store.close();
  signal?.addEventListener('abort', giveUp, { once: true });
  let port = settings.port;
  let engine: Engine;
  try {
    engine = await createEngine({
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
  } finally {
    signal?.removeEventListener('abort', giveUp);
    port = (await endStandby(standby, settings)) ?? port;
  }
  try {
    const server = await createServer({
      engine,
      version: VERSION,
      log,
      settings: shownSettings(settings),
      management: settings.management,
      ...(settings.publicUrl === null ? {} : { publicUrl: settings.publicUrl }),
    });
    ({ port } = await server.listen({ host: settings.host, port }).catch((error: unknown) => {
      throw cannotListen(error, settings);
    }));
    return {
      engine,
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

/** Frees the port that a node stood by on, and gives it; null when it did not stand by. */
async function endStandby(standby: Promise<StandbyServer> | null, settings: Settings): Promise<number | null> {
  if (standby === null) return null;
  const server = await standby.catch((error: unknown) => {
    throw cannotListen(error, settings);
  });
  await server.close();
  return server.port;
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
