// Keys: who may do what. Only a hash is kept; the key itself is shown once, when it is made.

import { createHash } from 'node:crypto';
import { isTenantId, KEY_FORMATS, WaxwingError, type Key, type KeyInput, type TenantAction } from '@waxwing/protocol';
import type { Engine } from '../engine.ts';
import type { KeyRow } from '../store/rows.ts';
import { change, type ServiceContext } from './context.ts';
import { Fields } from './fields.ts';
import { pageOf, sortable } from './paging.ts';
import { presentKey } from './present.ts';

const FIELDS = ['name', 'scope', 'tenant', 'actions', 'expiresAt', 'format'];
const ACTIONS: readonly TenantAction[] = ['publish', 'manage', 'read'];
const KEY_BYTES = 32;
/** A key that a person chooses must be beyond guessing. */
const KEY_LENGTH_MIN = 24;

export function keyService(context: ServiceContext): Engine['keys'] {
  const { registry, clock } = context;
  const usable = (row: KeyRow): boolean => row.revokedMs === null && (row.expiresMs === null || row.expiresMs > clock.nowMs());

  return {
    async create(input, options = {}) {
      checkInput(context, input);
      const key = options.key ?? newKeyText(context, input.format ?? 'wxw');
      if (key.length < KEY_LENGTH_MIN || /[^\x21-\x7e]/.test(key))
        throw new WaxwingError('invalid_setting', `A key must have at least ${KEY_LENGTH_MIN} printable ASCII characters without blanks.`);
      let row: KeyRow = {
        id: context.ids.mint('key'),
        name: input.name ?? input.scope,
        scope: input.scope,
        tenant: input.tenant ?? null,
        actions: input.scope === 'tenant' ? (input.actions ?? ACTIONS) : [],
        hash: keyHash(key),
        createdMs: clock.nowMs(),
        expiresMs: typeof input.expiresAt === 'string' ? Date.parse(input.expiresAt) : null,
        revokedMs: null,
      };
      await change(context, `key:${row.hash}`, () => {
        // Nodes that start together are given the same key: the first makes it.
        const same = options.key === undefined ? undefined : registry.keyByHash(row.hash);
        if (same === undefined || !usable(same)) return [{ kind: 'putKey', key: row }];
        row = same;
        return [];
      });
      return { ...presentKey(row), key };
    },
    async list(options = {}) {
      const listed = Array.from(registry.keys.values()).filter((row) => row.portal === undefined);
      return pageOf('keys', listed, (row) => `${sortable(row.createdMs)} ${row.id}`, options, presentKey);
    },
    async revoke(id) {
      await change(context, `key:${id}`, () => {
        const row = registry.keys.get(id);
        if (row === undefined) throw new WaxwingError('key_not_found', `There is no key ${JSON.stringify(id)}.`);
        return row.revokedMs === null ? [{ kind: 'putKey', key: { ...row, revokedMs: clock.nowMs() } }] : [];
      });
    },
    authenticate(key): Key | null {
      const row = registry.keyByHash(keyHash(key));
      return row !== undefined && usable(row) ? presentKey(row) : null;
    },
    usable(id) {
      const row = registry.keys.get(id);
      return row !== undefined && usable(row) ? presentKey(row) : null;
    },
    any(scope) {
      for (const row of registry.keys.values()) if (row.scope === scope && usable(row)) return true;
      return false;
    },
  };
}

/** A new key's text. */
export function newKeyText(context: ServiceContext, prefix: string): string {
  return `${prefix}_${Buffer.from(context.randomness.bytes(KEY_BYTES)).toString('base64url')}`;
}

/** Keys carry 256 random bits, so a plain hash is enough: there is nothing to guess. */
export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function checkInput(context: ServiceContext, input: KeyInput): void {
  const fields = new Fields();
  fields.known(input, FIELDS);
  fields.text('/name', input.name, { min: 1, max: 200 });
  fields.oneOf('/scope', input.scope, ['admin', 'read', 'publish', 'tenant']);
  if (input.scope === undefined) fields.refuse('/scope', 'is required');
  if (input.scope === 'tenant') {
    if (typeof input.tenant !== 'string' || !isTenantId(input.tenant)) fields.refuse('/tenant', 'is required with scope tenant');
    if (input.actions?.length === 0) fields.refuse('/actions', 'must have at least one action');
    input.actions?.forEach((action, index) => fields.oneOf(`/actions/${index}`, action, ACTIONS));
  } else {
    if (input.tenant !== undefined) fields.refuse('/tenant', 'is only for scope tenant');
    if (input.actions !== undefined) fields.refuse('/actions', 'is only for scope tenant');
  }
  fields.oneOf('/format', input.format, KEY_FORMATS);
  // A key that looks like a customer's must not open the whole deployment.
  if (input.format !== undefined && input.format !== 'wxw' && input.scope !== 'tenant')
    fields.refuse('/format', `${JSON.stringify(input.format)} is only for scope tenant`);
  if (typeof input.expiresAt === 'string' && !(Date.parse(input.expiresAt) > context.clock.nowMs()))
    fields.refuse('/expiresAt', 'must be a time to come, in ISO 8601');
  fields.done();
}
