// The admin key at start: set by WAXWING_ADMIN_KEY, or made and shown once on a store that never had one.

import type { Engine } from '@waxwing/engine';
import { WaxwingError } from '@waxwing/protocol';

/** Under this name the setting's key stands in the store, so that a changed setting revokes the key it replaces. */
const SETTING = 'WAXWING_ADMIN_KEY';

export type AdminKey =
  /** Made just now: to be shown, this once. */
  | { readonly kind: 'made'; readonly key: string }
  | { readonly kind: 'from_setting' }
  /** The store has one already; its text is known to whoever kept it. */
  | { readonly kind: 'kept' };

export async function ensureAdminKey(engine: Engine, given: string | null): Promise<AdminKey> {
  if (given === null) {
    if (engine.keys.any('admin')) return { kind: 'kept' };
    const { key } = await engine.keys.create({ name: 'first start', scope: 'admin' });
    return { kind: 'made', key };
  }
  const known = engine.keys.authenticate(given);
  if (known !== null && known.scope !== 'admin') {
    throw new WaxwingError('invalid_setting', `${SETTING} is the text of ${known.id}, which is not an admin key. Give another`, {
      fields: [{ path: SETTING, message: 'is another key’s text' }],
    });
  }
  const current = known ?? (await engine.keys.create({ name: SETTING, scope: 'admin' }, { key: given }));
  await revokeKeys(engine, (key) => key.name === SETTING && key.id !== current.id);
  return { kind: 'from_setting' };
}

/** Revokes every live key that matches. */
export async function revokeKeys(engine: Engine, matches: (key: { readonly id: string; readonly name: string }) => boolean): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Engine['keys']['list']>> = await engine.keys.list({
      limit: 250,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const key of page.data) if (key.revokedAt === null && matches(key)) await engine.keys.revoke(key.id);
    cursor = page.nextCursor;
  } while (cursor !== null);
}
