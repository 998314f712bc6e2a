// The embedded store of a server that does not run: opened, asked, closed. Nothing is delivered meanwhile.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { createEngine, sqlite } from '@waxwing/engine';
import type { Engine, EngineOptions } from '@waxwing/engine';

import { CommandFailure } from './failure.ts';
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
  // Opening makes a store where there is none, which a mistyped folder should not.
  if (!existsSync(join(folder, 'waxwing.db'))) {
    throw new CommandFailure(`there is no store at ${resolve(folder)}: give the folder that \`waxwing serve --data\` uses`);
  }
  const masterKey = readSecret(undefined, 'WAXWING_MASTER_KEY', process.env);
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
