// The vault: encrypts what must not lie in the store as plain text (secrets, custom headers).
//
// AES-256-GCM under one master key, a fresh nonce each. Sealed text is `1:` + base64 of nonce, tag and ciphertext; what it
// belongs to (`context`, an endpoint's id and field) is authenticated with it, so a sealed value cannot be moved to another row.
// A check value in the store makes another key refuse to start. Where the key comes from is master-key.ts's.

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { WaxwingError } from '@waxwing/protocol';
import type { Randomness } from './ports.ts';

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CHECK_TEXT = 'waxwing';
const CHECK_CONTEXT = 'check';

export interface Vault {
  seal(plain: string, context: string): string;
  /** Throws `wrong_master_key` when it cannot be opened. */
  open(sealed: string, context: string): string;
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

/** Whether the vault's key is the one that made this check value. */
export function opensCheckValue(vault: Vault, sealed: string): boolean {
  try {
    verifyCheckValue(vault, sealed);
    return true;
  } catch {
    return false;
  }
}

/** What a sealed secret of an endpoint is bound to. */
export function secretContext(endpointId: string): string {
  return `${endpointId}/secret`;
}

/** What an endpoint's sealed headers are bound to. */
export function headersContext(endpointId: string): string {
  return `${endpointId}/headers`;
}
