// The master key: its text, its file beside an embedded store, and its change.
//
// Changing it encrypts everything that is sealed anew in one transaction, with the check value. Where the key lies beside
// the store, the new one is on disk (`master.key.next`) before that transaction and takes the old one's place after it.
// Whenever the process stops, the next start sees which of the two opens the check value, and finishes or forgets the change.

import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaxwingError } from '@waxwing/protocol';
import type { Randomness } from './ports.ts';
import type { EndpointRow } from './store/rows.ts';
import type { Change, Store, StoreSnapshot } from './store/store.ts';
import { systemRandomness } from './system-ports.ts';
import {
  checkValue,
  createVault,
  headersContext,
  KEY_BYTES,
  opensCheckValue,
  secretContext,
  VAULT_CHECK,
  verifyCheckValue,
  type Vault,
} from './vault.ts';

const KEY_FILE = 'master.key';
const NEXT_FILE = 'master.key.next';

/**
 * The master key from its text: 32 bytes as base64, base64url or hex, or any passphrase of at least 32 characters (hashed).
 * Throws `invalid_setting`.
 */
export function parseMasterKey(text: string): Uint8Array {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return Buffer.from(trimmed, 'base64');
  if (trimmed.length >= 32) return createHash('sha256').update(trimmed).digest();
  throw new WaxwingError(
    'invalid_setting',
    'WAXWING_MASTER_KEY must be 32 bytes as base64 or hex, or a passphrase of at least 32 characters. Make one with: openssl rand -base64 32',
  );
}

/** A key that is made up would be lost with this process. Throws `invalid_setting`. */
export function requireMasterKey(store: Store, masterKey: string | undefined): void {
  if (store.kind !== 'postgres' || masterKey !== undefined) return;
  throw new WaxwingError(
    'invalid_setting',
    'With PostgreSQL a master key is required (WAXWING_MASTER_KEY), the same on every node: 32 bytes as base64 or hex, or a passphrase of at least 32 characters. Make one with: openssl rand -base64 32',
    { fields: [{ path: 'WAXWING_MASTER_KEY', message: 'is required with PostgreSQL' }] },
  );
}

/** Throws `wrong_master_key` when a store with these facts was written with another key than the one given. */
export function judgeMasterKey(meta: StoreSnapshot['meta'], masterKey: string | undefined, randomness: Randomness): void {
  const check = meta[VAULT_CHECK];
  if (check !== undefined && masterKey !== undefined) verifyCheckValue(createVault(parseMasterKey(masterKey), randomness), check);
}

/** Opens the vault of a store that is open. Throws `wrong_master_key`, `invalid_setting`. */
export function openVault(store: Store, snapshot: StoreSnapshot, masterKey: string | undefined, randomness: Randomness): Vault {
  const check = snapshot.meta[VAULT_CHECK];
  const key =
    masterKey !== undefined
      ? parseMasterKey(masterKey)
      : store.folder !== null
        ? keyBeside(store.folder, check, randomness)
        : randomness.bytes(KEY_BYTES);
  const vault = createVault(key, randomness);
  if (check !== undefined) verifyCheckValue(vault, check);
  return vault;
}

/** The key file beside an embedded store: read, or made at the first start (mode 0600, synced: without it the store is lost). */
function keyBeside(folder: string, check: string | undefined, randomness: Randomness): Uint8Array {
  endChange(folder, check, randomness);
  const file = join(folder, KEY_FILE);
  if (existsSync(file)) return parseMasterKey(readFileSync(file, 'utf8'));
  const key = randomness.bytes(KEY_BYTES);
  writeNext(folder, key);
  takeNext(folder);
  return key;
}

/** A change of the key that stopped midway: whichever key opens the store is the one. */
function endChange(folder: string, check: string | undefined, randomness: Randomness): void {
  const next = join(folder, NEXT_FILE);
  if (!existsSync(next)) return;
  if (check !== undefined && isWhole(next) && opensCheckValue(createVault(parseMasterKey(readFileSync(next, 'utf8')), randomness), check))
    takeNext(folder);
  else rmSync(next);
}

/** It was synced before the store changed: one that is torn was never used. */
function isWhole(file: string): boolean {
  try {
    parseMasterKey(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

export interface MasterKeyChange {
  /** The store that is encrypted; not open, no server on it. */
  readonly store: Store;
  /** The key it was written with; the one beside it when absent. */
  readonly masterKey?: string;
  /** The new key. Made when absent, where it lies beside the store. */
  readonly newMasterKey?: string;
  readonly randomness?: Randomness;
}

export interface MasterKeyChanged {
  /** Endpoints whose secrets and headers were encrypted anew. */
  readonly endpoints: number;
  /** Where the new key lies now; null when it was given and is to be given from now on. */
  readonly keyFile: string | null;
}

/**
 * Encrypts all secrets and custom headers under a new master key: all of them or, whatever happens, none.
 * Throws `wrong_master_key`, `invalid_setting`, `data_folder_in_use`, and what the store throws.
 */
export async function changeMasterKey({
  store,
  masterKey,
  newMasterKey,
  randomness = systemRandomness,
}: MasterKeyChange): Promise<MasterKeyChanged> {
  const snapshot = await store.open();
  try {
    const from = openVault(store, snapshot, masterKey, randomness);
    const folder = masterKey === undefined ? store.folder : null;
    if (newMasterKey === undefined && folder === null)
      throw new WaxwingError('invalid_setting', 'The master key of this store is given by a setting: give the new one as well.');
    const key = newMasterKey === undefined ? randomness.bytes(KEY_BYTES) : parseMasterKey(newMasterKey);
    const to = createVault(key, randomness);
    const check = snapshot.meta[VAULT_CHECK];
    if (check !== undefined && opensCheckValue(to, check))
      throw new WaxwingError('invalid_setting', 'The new master key is the one that the store has already.');
    if (folder !== null) writeNext(folder, key);
    const changes: Change[] = snapshot.endpoints.map((row) => ({ kind: 'putEndpoint', endpoint: resealed(row, from, to), untold: true }));
    changes.push({ kind: 'putMeta', name: VAULT_CHECK, value: checkValue(to) });
    await store.commit({ groups: [], settles: [], changes });
    if (folder === null) return { endpoints: snapshot.endpoints.length, keyFile: null };
    takeNext(folder);
    return { endpoints: snapshot.endpoints.length, keyFile: join(folder, KEY_FILE) };
  } finally {
    await store.close();
  }
}

/** What is sealed of an endpoint. */
export type SealedRow = Pick<EndpointRow, 'id' | 'secretSealed' | 'previousSecretSealed' | 'headersSealed'>;

/** The row, sealed anew. Throws `wrong_master_key` when `from` cannot open it. */
export function resealed<R extends SealedRow>(row: R, from: Vault, to: Vault): R {
  const anew = (sealed: string, context: string): string => to.seal(from.open(sealed, context), context);
  const anewOrNull = (sealed: string | null, context: string): string | null => (sealed === null ? null : anew(sealed, context));
  return {
    ...row,
    secretSealed: anew(row.secretSealed, secretContext(row.id)),
    previousSecretSealed: anewOrNull(row.previousSecretSealed, secretContext(row.id)),
    headersSealed: anewOrNull(row.headersSealed, headersContext(row.id)),
  };
}

/** Writes the key to come for its owner alone, and waits until it is on disk. */
function writeNext(folder: string, key: Uint8Array): void {
  const handle = openSync(join(folder, NEXT_FILE), 'wx', 0o600);
  try {
    writeFileSync(handle, `${Buffer.from(key).toString('base64')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  syncFolder(folder);
}

/** The key to come is the key. */
function takeNext(folder: string): void {
  renameSync(join(folder, NEXT_FILE), join(folder, KEY_FILE));
  syncFolder(folder);
}

/** So that the file's name outlives a power failure. Windows cannot do it, and does not need it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
