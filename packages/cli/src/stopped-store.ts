// The embedded store of a server that does not run: opened, asked, closed. Nothing is delivered meanwhile.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { createEngine, sqlite } from '@waxwing/engine';
import type { Engine } from '@waxwing/engine';

import { CommandFailure } from './failure.ts';
import { readSecret } from './input.ts';

export async function withStoppedStore<T>(folder: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  // Opening makes a store where there is none, which a mistyped folder should not.
  if (!existsSync(folder)) throw new CommandFailure(`there is no store at ${resolve(folder)}: give the folder that \`waxwing serve --data\` uses`);
  const masterKey = readSecret(undefined, 'WAXWING_MASTER_KEY', process.env);
  const engine = await createEngine({ store: sqlite(folder), ...(masterKey === null ? {} : { masterKey }) });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}
