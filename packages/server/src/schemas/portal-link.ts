// A portal link: what makes one, what is answered, and how its portal looks.

import Type from 'typebox';
import { PORTAL_MODES } from '@waxwing/protocol';
import type { PortalLink, PortalLinkInput, PortalTheme, TenantAction } from '@waxwing/protocol';
import { closed, exactly, id, named, open, string, text, time, word } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';

const ACTIONS = ['publish', 'manage', 'read'] as const satisfies readonly TenantAction[];

const themeInput: Schema<PortalTheme> = exactly<PortalTheme>()(
  closed({
    name: Type.Optional(text(100)),
    logoUrl: Type.Optional(text(2_048, 'https')),
    color: Type.Optional(text(7, '`#rgb` or `#rrggbb`')),
    mode: Type.Optional(word(PORTAL_MODES)),
  }),
);

export const portalTheme: NamedSchema<PortalTheme> = named(
  'PortalTheme',
  exactly<PortalTheme>()(
    open({
      name: Type.Optional(string()),
      logoUrl: Type.Optional(string()),
      color: Type.Optional(string()),
      mode: Type.Optional(word(PORTAL_MODES)),
    }),
  ),
);

export const portalLinkInput: NamedSchema<PortalLinkInput> = named(
  'PortalLinkInput',
  exactly<PortalLinkInput>()(
    closed({
      expiresInSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400, description: 'Defaults to an hour.' })),
      actions: Type.Optional(
        Type.Array(word(ACTIONS), {
          minItems: 1,
          maxItems: 3,
          description: 'Defaults to `manage` and `read`; no more than your key may do.',
        }),
      ),
      theme: Type.Optional(themeInput),
      origins: Type.Optional(
        Type.Array(text(300), { maxItems: 20, description: 'Who may frame the portal: https origins. Nobody unless told.' }),
      ),
    }),
  ),
);

export const portalLink: NamedSchema<PortalLink> = named(
  'PortalLink',
  exactly<PortalLink>()(
    open({
      id: id<PortalLink['id']>('key'),
      url: string('Carries the token behind `#`, where no server sees it. This answer is the only one that has it.'),
      expiresAt: time(),
    }),
  ),
);

export const portalThemeExample: PortalTheme = { name: 'Acme', logoUrl: 'https://acme.example/logo.svg', color: '#0a7d5a', mode: 'auto' };
export const portalLinkInputExample: PortalLinkInput = { theme: portalThemeExample, origins: ['https://app.acme.example'] };
export const portalLinkExample: PortalLink = {
  id: 'key_01jv2q8w5e7r9t1y3v5b7n9m8k',
  url: 'https://waxwing.example.com/portal/key_01jv2q8w5e7r9t1y3v5b7n9m8k#token=wxp_EXAMPLE',
  expiresAt: '2026-05-12T16:30:00.000Z',
};
