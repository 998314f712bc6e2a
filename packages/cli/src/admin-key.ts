// The admin key at start: set by WAXWING_ADMIN_KEY, or made and shown once on a store that never had one.

import type { Engine } from '@waxwing/engine';
import { WaxwingError } from '@waxwing/protocol';
import type { Key, Page } from '@waxwing/protocol';

/** Under this name the setting's key stands in the store, so that a changed setting revokes the key it replaces. */
const SETTING = 'WAXWING_ADMIN_KEY';

/** `id` is the key that the printed sign-in link stands for. */
export type AdminKey =
  /** Made just now: to be shown, this once. */
  | { readonly kind: 'made'; readonly key: string; readonly id: string }
  | { readonly kind: 'from_setting'; readonly id: string }
  /** The store has one already; its text is known to whoever kept it. */
  | { readonly kind: 'kept'; readonly id: string };

export async function ensureAdminKey(engine: Engine, given: string | null): Promise<AdminKey> {
  if (given === null) {
    const kept = await usableAdminKey(engine);
    if (kept !== null) return { kind: 'kept', id: kept };
    const { key, id } = await engine.keys.create({ name: 'first start', scope: 'admin' });
    return { kind: 'made', key, id };
  }
  const known = engine.keys.authenticate(given);
  if (known !== null && known.scope !== 'admin') {
    throw new WaxwingError('invalid_setting', `${SETTING} is the text of ${known.id}, which is not an admin key. Give another`, {
      fields: [{ path: SETTING, message: 'is another key’s text' }],
    });
  }
  const current = known ?? (await engine.keys.create({ name: SETTING, scope: 'admin' }, { key: given }));
  await revokeKeys(engine, (key) => key.name === SETTING && key.id !== current.id);
  return { kind: 'from_setting', id: current.id };
}

/** The id of an admin key that is neither expired nor revoked; null when there is none. */
async function usableAdminKey(engine: Engine): Promise<string | null> {
  for await (const key of allKeys(engine)) if (key.scope === 'admin' && engine.keys.usable(key.id) !== null) return key.id;
  return null;
}

/** Revokes every live key that matches. */
export async function revokeKeys(engine: Engine, matches: (key: { readonly id: string; readonly name: string }) => boolean): Promise<void> {
  for await (const key of allKeys(engine)) if (key.revokedAt === null && matches(key)) await engine.keys.revoke(key.id);
}

async function* allKeys(engine: Engine): AsyncGenerator<Key, void, undefined> {
  let cursor: string | null = null;
  do {
    const page: Page<Key> = await engine.keys.list({ limit: 250, ...(cursor === null ? {} : { cursor }) });
    yield* page.data;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
