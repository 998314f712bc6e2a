// What several platforms' mappings have in common: lists of event types that must not be empty, the status in the platform's
// word, times in its form, and an edit without what was not given.

import { BUILT_IN_PROFILES, formatTimestamp } from '@waxwing/protocol';
import type { Endpoint, EndpointStatus } from '@waxwing/protocol';
import { text } from '../schemas/schema.ts';
import type { Schema } from '../schemas/schema.ts';
import Type from 'typebox';

/** A webhook's URL as it comes in. */
export const url: Schema<string> = text(4_096, 'Where to deliver: `https://…`.');

export const secretText: Schema<string> = text(512, 'The signing secret. One is made when none is given.');

/** Which event types a webhook receives: at least one. */
export const events: Schema<readonly string[]> = Type.Unsafe<readonly string[]>({
  type: 'array',
  items: { type: 'string', maxLength: 256 },
  minItems: 1,
  maxItems: 1_000,
  description: 'Event types by name, `prefix.*` or `*`.',
});

/** The endpoint's status; `failing` is what the platform's page calls it. */
export function statusWord({ status, profile }: Endpoint): string {
  return status === 'failing' ? (BUILT_IN_PROFILES.get(profile)?.definition.failingWord ?? status) : status;
}

/** A time of ours in a profile's form. */
export function timeAs(profile: string, isoTime: string): string {
  return formatTimestamp(BUILT_IN_PROFILES.get(profile)?.definition.timestampForm ?? 'iso', Date.parse(isoTime));
}

/** Whether a status receives; a person's pause and a disabling do not. */
export function isActive(status: EndpointStatus): boolean {
  return status === 'active' || status === 'failing';
}

/** The status that `active` asks for, where it is another than the endpoint has: a second `active` forgives nothing. */
export function statusFor(active: boolean | null | undefined, before: EndpointStatus | null): { readonly status?: 'active' | 'disabled' } {
  if (active === undefined || active === null || active === (before === null || isActive(before))) return {};
  return { status: active ? 'active' : 'disabled' };
}

/** The members that were given: neither absent nor null. */
export function given<T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept: { [K in keyof T]?: NonNullable<T[K]> } = {};
  for (const name in members) {
    const value = members[name];
    if (value !== undefined && value !== null) kept[name] = value;
  }
  return kept;
}
