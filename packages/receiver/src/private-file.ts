// A database file that only its owner may read: what webhooks carry is nobody else's business.

import { closeSync, openSync } from 'node:fs';
import { WaxwingError } from '@waxwing/protocol/errors';

/**
 * Creates the file, if it is not there, readable by its owner alone, and gives its path back.
 * @throws WaxwingError `invalid_setting` when it cannot be written
 */
export function createPrivate(path: string): string {
  if (path === ':memory:') return path;
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (cause) {
    throw new WaxwingError('invalid_setting', `The file ${path} cannot be written: ${String(cause)}. Does its folder exist?`, { cause });
  }
  return path;
}
