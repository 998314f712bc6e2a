// Portal links: keys of one tenant that expire soon, with a look and the origins that may frame them. Behind each is a key
// row like any other's, so that authenticating, revoking and expiring are the same; it is not listed among the keys.

import { PORTAL_MODES, WaxwingError, type Key, type PortalLinkInput, type PortalTheme, type TenantAction } from '@waxwing/protocol';
import type { Engine } from '../engine.ts';
import type { KeyRow } from '../store/rows.ts';
import { change, type ServiceContext } from './context.ts';
import { Fields } from './fields.ts';
import { newKeyText, keyHash } from './keys.ts';
import { iso } from './present.ts';
import { find as findTenant } from './tenants.ts';

const FIELDS = ['expiresInSeconds', 'actions', 'theme', 'origins'];
const THEME_FIELDS = ['name', 'logoUrl', 'color', 'mode'];
const ACTIONS: readonly TenantAction[] = ['publish', 'manage', 'read'];
const ACTIONS_DEFAULT: readonly TenantAction[] = ['manage', 'read'];
const SECONDS_DEFAULT = 3_600;
const SECONDS_MAX = 86_400;
const ORIGINS_MAX = 20;
const COLOR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
/** Links that have expired are forgotten after this long: until then their page can say so within its frame. */
const FORGET_AFTER_MS = 24 * 3_600_000;
const FORGET_AT_ONCE = 500;

export function portalLinkService(context: ServiceContext): Engine['portalLinks'] {
  const { registry, clock } = context;
  return {
    async create(tenant, input = {}, by = null) {
      findTenant(context, tenant);
      checkInput(input);
      if (by !== null && registry.keys.get(by.id)?.portal !== undefined)
        throw new WaxwingError('forbidden', 'A portal link makes no further links.');
      const nowMs = clock.nowMs();
      const asked = nowMs + (input.expiresInSeconds ?? SECONDS_DEFAULT) * 1_000;
      const expiresMs = typeof by?.expiresAt === 'string' ? Math.min(asked, Date.parse(by.expiresAt)) : asked;
      const key = newKeyText(context, 'wxp');
      const row: KeyRow = {
        id: context.ids.mint('key'),
        name: 'portal link',
        scope: 'tenant',
        tenant,
        actions: actionsOf(input, by),
        hash: keyHash(key),
        createdMs: nowMs,
        expiresMs,
        revokedMs: null,
        portal: { theme: input.theme ?? {}, origins: (input.origins ?? []).map((origin) => new URL(origin).origin) },
      };
      await change(context, `key:${row.hash}`, () => {
        findTenant(context, tenant);
        return [{ kind: 'putKey', key: row }];
      });
      return { id: row.id, token: key, expiresAt: iso(expiresMs) };
    },
    find(id) {
      const row = registry.keys.get(id);
      if (row?.portal === undefined) return null;
      const isUsable = row.revokedMs === null && row.expiresMs !== null && row.expiresMs > clock.nowMs();
      return { ...row.portal, isUsable };
    },
  };
}

/** Forgets links that have expired a while ago, a few at a time. */
export async function forgetPortalLinks(context: ServiceContext): Promise<void> {
  const beforeMs = context.clock.nowMs() - FORGET_AFTER_MS;
  const old: KeyRow[] = [];
  for (const row of context.registry.keys.values()) {
    if (row.portal !== undefined && row.expiresMs !== null && row.expiresMs < beforeMs) old.push(row);
    if (old.length === FORGET_AT_ONCE) break;
  }
  if (old.length > 0) await change(context, 'portal-links', () => old.map(({ id }) => ({ kind: 'deleteKey', id })));
}

/** No more than who makes the link may do. */
function actionsOf(input: PortalLinkInput, by: Key | null): readonly TenantAction[] {
  const may = (action: TenantAction): boolean => by === null || by.scope !== 'tenant' || by.actions.includes(action);
  if (input.actions === undefined) return ACTIONS_DEFAULT.filter(may);
  if (input.actions.every(may)) return input.actions;
  throw new WaxwingError('forbidden', 'A portal link may do no more than the key that makes it.');
}

function checkInput(input: PortalLinkInput): void {
  const fields = new Fields();
  fields.known(input, FIELDS);
  fields.whole('/expiresInSeconds', input.expiresInSeconds, { min: 60, max: SECONDS_MAX });
  if (input.actions?.length === 0) fields.refuse('/actions', 'must have at least one action');
  input.actions?.forEach((action, index) => fields.oneOf(`/actions/${index}`, action, ACTIONS));
  checkTheme(fields, input.theme ?? {});
  if ((input.origins?.length ?? 0) > ORIGINS_MAX) fields.refuse('/origins', `must have at most ${ORIGINS_MAX} entries`);
  input.origins?.forEach((origin, index) => {
    if (!isOrigin(origin)) fields.refuse(`/origins/${index}`, 'must be an origin such as https://app.example.com');
  });
  fields.done();
}

function checkTheme(fields: Fields, theme: PortalTheme): void {
  for (const name of Object.keys(theme)) if (!THEME_FIELDS.includes(name)) fields.refuse(`/theme/${name}`, 'is not a field here');
  fields.text('/theme/name', theme.name, { min: 1, max: 100 });
  fields.oneOf('/theme/mode', theme.mode, PORTAL_MODES);
  if (theme.color !== undefined && !COLOR.test(theme.color)) fields.refuse('/theme/color', 'must be #rgb or #rrggbb');
  const { logoUrl } = theme;
  if (logoUrl !== undefined && !(logoUrl.length <= 2_048 && URL.canParse(logoUrl) && isPlainOrigin(new URL(logoUrl), false)))
    fields.refuse('/theme/logoUrl', 'must be an https URL');
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return isPlainOrigin(url, true) && (text === url.origin || text === `${url.origin}/`);
}

/** Whether a page's policy can name it: no wildcard, no user, https (or http on this very machine, for development). */
function isPlainOrigin(url: URL, loopback: boolean): boolean {
  if (url.username !== '' || url.password !== '' || !/^[a-z0-9.-]+$/.test(url.hostname)) return false;
  return url.protocol === 'https:' || (loopback && url.protocol === 'http:' && /^(?:localhost|127\.0\.0\.1)$/.test(url.hostname));
}
