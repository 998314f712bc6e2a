// What the probes answer.

import Type from 'typebox';
import { exactly, named, open, word } from './schema.ts';
import type { NamedSchema } from './schema.ts';

export const health: NamedSchema<{ readonly status: 'ok' }> = named(
  'Health',
  exactly<{ readonly status: 'ok' }>()(open({ status: word(['ok']) })),
);

/** `shards`: of a node among others, how many it works for, and of how many. */
export interface Readiness {
  readonly status: 'ready';
  readonly shards?: { readonly owned: number; readonly of: number };
}
export const readiness: NamedSchema<Readiness> = named(
  'Readiness',
  exactly<Readiness>()(open({ status: word(['ready']), shards: Type.Optional(open({ owned: Type.Integer(), of: Type.Integer() })) })),
);
