// The store of a server that does not run: opened, asked, closed. Nothing is delivered meanwhile.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { changeDatabaseMasterKey, changeMasterKey, createEngine, sqlite } from '@waxwing/engine';
import type { Engine, EngineOptions, MasterKeyChanged } from '@waxwing/engine';

import { CommandFailure, UsageError } from './failure.ts';
import { readSecret } from './input.ts';

/** Takes what is due and sends nothing: it stays pending, untouched, for the server's next start. */
const NOBODY_SENDS: NonNullable<EngineOptions['sender']> = {
  start: async () => {},
  learnProfile: () => {},
  send: () => {},
  close: async () => {},
};

/** @throws CommandFailure when there is no store; WaxwingError `data_folder_in_use` when its server runs */
export async function withStoppedStore<T>(folder: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const masterKey = masterKeyOf(folder);
  const engine = await createEngine({
    store: sqlite(folder),
    sender: NOBODY_SENDS,
    retentionDays: Infinity,
    ...(masterKey === null ? {} : { masterKey }),
  });
  try {
    return await use(engine);
  } finally {
    await engine.close({ graceMs: 0 }); // what was handed out is never reported: there is nothing to wait for
  }
}

/**
 * Encrypts a stopped store's secrets under another master key. The present one is WAXWING_MASTER_KEY where it is set, else
 * the one beside the store.
 */
export async function rotateMasterKey(folder: string, newMasterKey: string | null): Promise<MasterKeyChanged> {
  const masterKey = masterKeyOf(folder);
  return changeMasterKey({
    store: sqlite(folder),
    ...(masterKey === null ? {} : { masterKey }),
    ...(newMasterKey === null ? {} : { newMasterKey }),
  });
}

/** The same of a store in PostgreSQL, none of whose nodes is alive. Both keys are given: nothing keeps one beside it. */
export async function rotateDatabaseMasterKey(databaseUrl: string, newMasterKey: string | null): Promise<MasterKeyChanged> {
  const masterKey = readSecret(undefined, 'WAXWING_MASTER_KEY', process.env);
  if (masterKey === null) throw new UsageError('give the present key as WAXWING_MASTER_KEY (or …_FILE): the nodes have it there');
  if (newMasterKey === null) throw new UsageError('give the new key with --new-key-file; make one with: openssl rand -base64 32 > new.key');
  return changeDatabaseMasterKey({ databaseUrl, masterKey, newMasterKey });
}

/** The key that a setting gives, of a store that is there: opening makes one where there is none, which a mistyped folder should not. */
function masterKeyOf(folder: string): string | null {
  if (!existsSync(join(folder, 'waxwing.db')))
    throw new CommandFailure(`there is no store at ${resolve(folder)}: give the folder that \`waxwing serve --data\` uses`);
  return readSecret(undefined, 'WAXWING_MASTER_KEY', process.env);
}
