// What passes between a thread sender and its thread. Plain data: everything survives structured clone.

import type { ProfileDefinition } from '@waxwing/protocol';
import type { AttemptReport, SendOrder } from './order.ts';

export type ToThread =
  | { readonly kind: 'orders'; readonly orders: readonly SendOrder[] }
  | { readonly kind: 'profile'; readonly version: number; readonly definition: ProfileDefinition }
  | { readonly kind: 'close'; readonly graceMs: number };

export type FromThread = { readonly kind: 'ready' } | { readonly kind: 'reports'; readonly reports: readonly AttemptReport[] };
