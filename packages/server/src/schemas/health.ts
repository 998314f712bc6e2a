// What the probes answer.

import { exactly, named, open, word } from './schema.ts';
import type { NamedSchema } from './schema.ts';

export const health: NamedSchema<{ readonly status: 'ok' }> = named(
  'Health',
  exactly<{ readonly status: 'ok' }>()(open({ status: word(['ok']) })),
);
export const readiness: NamedSchema<{ readonly status: 'ready' }> = named(
  'Readiness',
  exactly<{ readonly status: 'ready' }>()(open({ status: word(['ready']) })),
);
