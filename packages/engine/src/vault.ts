// The vault: encrypts what must not lie in the store as plain text (secrets, custom headers).
//
// AES-256-GCM under one master key, a fresh nonce each. Sealed text is `1:` + base64 of nonce, tag and ciphertext; what it
// belongs to (`context`, an endpoint's id and field) is authenticated with it, so a sealed value cannot be moved to another row.
// The key is given, or generated beside an embedded store; a check value in the store makes another key refuse to start.

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaxwingError } from '@waxwing/protocol';
import type { Randomness } from './ports.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CHECK_TEXT = 'waxwing';
const CHECK_CONTEXT = 'check';

export interface Vault {
  seal(plain: string, context: string): string;
  /** Throws `wrong_master_key` when it cannot be opened. */
  open(sealed: string, context: string): string;
}

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

/** The key file beside an embedded store: read, or made at the first start (mode 0600). */
export function masterKeyBeside(folder: string, randomness: Randomness): Uint8Array {
  const file = join(folder, 'master.key');
  if (existsSync(file)) return parseMasterKey(readFileSync(file, 'utf8'));
  const key = randomness.bytes(KEY_BYTES);
  writeFileSync(file, `${Buffer.from(key).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  return key;
}

export function createVault(masterKey: Uint8Array, randomness: Randomness): Vault {
  if (masterKey.length !== KEY_BYTES)
    throw new WaxwingError('invalid_setting', `The master key must be ${KEY_BYTES} bytes; this one has ${masterKey.length}.`);
  return {
    seal(plain, context) {
      const nonce = randomness.bytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce);
      cipher.setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `1:${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')}`;
    },
    open(sealed, context) {
      try {
        const bytes = Buffer.from(sealed.slice(2), 'base64');
        const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, NONCE_BYTES));
        decipher.setAAD(Buffer.from(context));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch (error) {
        throw new WaxwingError(
          'wrong_master_key',
          'A secret in the store cannot be opened with this master key. Start with the key that the store was written with (WAXWING_MASTER_KEY, or master.key in the data folder).',
          {
            cause: error,
          },
        );
      }
    },
  };
}

/** Under this name the store keeps the check value. */
export const VAULT_CHECK = 'vault.check';

/** What the store keeps to tell a wrong key at start. */
export function checkValue(vault: Vault): string {
  return vault.seal(CHECK_TEXT, CHECK_CONTEXT);
}

/** Throws `wrong_master_key` when the vault's key is not the one that made this check value. */
export function verifyCheckValue(vault: Vault, sealed: string): void {
  vault.open(sealed, CHECK_CONTEXT);
}
