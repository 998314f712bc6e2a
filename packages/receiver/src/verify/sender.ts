// From a sender's name (or scheme, or custom profile) to its judge, made once each.

import { WaxwingError } from '@waxwing/protocol/errors';
import { findScheme } from '../catalogue.ts';
import type { SenderInput } from '../catalogue.ts';
import type { Scheme } from '../scheme.ts';
import { SCHEMES } from '../schemes/all.ts';
import { createJudge } from './judge.ts';
import type { Judge } from './judge.ts';

const byName = new Map<string, Judge>();
const byObject = new WeakMap<object, Judge>();

/** @throws WaxwingError `unknown_profile` when no scheme has the name */
export function schemeOf(sender: SenderInput): Scheme {
  const scheme = findScheme(sender);
  if (scheme !== null) return scheme;
  throw new WaxwingError(
    'unknown_profile',
    `There is no sender named ${JSON.stringify(sender)}. Known: ${Object.keys(SCHEMES).join(', ')}; or give a scheme, or a custom profile as the server tells it.`,
  );
}

export function judgeOf(sender: SenderInput): Judge {
  const known = typeof sender === 'string' ? byName.get(sender) : byObject.get(sender);
  if (known !== undefined) return known;
  const judge = createJudge(schemeOf(sender));
  if (typeof sender === 'string') byName.set(sender, judge);
  else byObject.set(sender, judge);
  return judge;
}
