// The master key of a store in PostgreSQL, changed: everything that is sealed, in one transaction, while no node is alive.
//
// The key itself is a setting of every node: it is given here twice, the present one and the one to come, and kept nowhere.

import { WaxwingError } from '@waxwing/protocol';
import { parseMasterKey, resealed, type MasterKeyChanged } from './master-key.ts';
import type { Randomness } from './ports.ts';
import { rewriteSealedRows } from './store/postgres/sealed-rows.ts';
import { systemRandomness } from './system-ports.ts';
import { checkValue, createVault, opensCheckValue, VAULT_CHECK, verifyCheckValue } from './vault.ts';

export interface DatabaseMasterKeyChange {
  /** `postgres://user:password@host:port/database`. */
  readonly databaseUrl: string;
  /** The key that the nodes have had. */
  readonly masterKey: string;
  /** The key that they are to have from now on. */
  readonly newMasterKey: string;
  readonly randomness?: Randomness;
}

/**
 * Encrypts all secrets and custom headers in a database under a new master key: all of them or, whatever happens, none.
 * Throws `wrong_master_key`, `invalid_setting`, `data_folder_in_use` (with the nodes that are alive), `store_unavailable`,
 * `store_too_new`, `commit_unknown`.
 */
export async function changeDatabaseMasterKey({
  databaseUrl,
  masterKey,
  newMasterKey,
  randomness = systemRandomness,
}: DatabaseMasterKeyChange): Promise<MasterKeyChanged> {
  const from = createVault(parseMasterKey(masterKey), randomness);
  const to = createVault(parseMasterKey(newMasterKey), randomness);
  let endpoints = 0;
  await rewriteSealedRows(databaseUrl, {
    rewrite(was) {
      const check = was.meta[VAULT_CHECK];
      if (check !== undefined && opensCheckValue(to, check))
        throw new WaxwingError('invalid_setting', 'The new master key is the one that the store has already.');
      if (check !== undefined) verifyCheckValue(from, check);
      endpoints = was.endpoints.length;
      return { endpoints: was.endpoints.map((row) => resealed(row, from, to)), meta: { [VAULT_CHECK]: checkValue(to) } };
    },
    check(now) {
      verifyCheckValue(to, now.meta[VAULT_CHECK] ?? '');
      for (const row of now.endpoints) resealed(row, to, to); // opens everything
    },
  });
  return { endpoints, keyFile: null };
}
