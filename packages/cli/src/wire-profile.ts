// The profile that `sign` and `verify` are asked for: a built-in one by name, or a platform's own from a JSON file.

import { BUILT_IN_PROFILES, compileProfile, nearestName, parseProfileDefinition } from '@waxwing/protocol';
import type { Profile } from '@waxwing/protocol';

import { UsageError } from './failure.ts';
import { readInput } from './input.ts';

/** @param given a built-in profile's name, or `@file` with a definition */
export async function wireProfile(given: string): Promise<Profile> {
  if (given.startsWith('@')) return fileProfile(given);
  const profile = BUILT_IN_PROFILES.get(given);
  if (profile !== undefined) return profile;
  const near = nearestName(given, BUILT_IN_PROFILES.keys());
  throw new UsageError(
    `--profile: there is no built-in profile ${JSON.stringify(given)}${near === null ? '.' : `; did you mean ${near}?`} Known: ${[...BUILT_IN_PROFILES.keys()].join(', ')}, or @file.json`,
  );
}

/** A definition from a file, or the whole resource as `waxwing profiles get NAME --json` prints it. */
export async function fileProfile(given: string): Promise<Profile> {
  let parsed: unknown;
  try {
    parsed = JSON.parse((await readInput(given, '--profile')).toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`--profile: ${given.slice(1)} is not JSON: ${error.message}`);
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null) throw new UsageError(`--profile: ${given.slice(1)} does not hold a JSON object`);
  const name = 'name' in parsed && typeof parsed.name === 'string' ? parsed.name : 'custom';
  const {
    version: _version,
    builtIn: _builtIn,
    sampleMessage: _sample,
    ...definition
  }: { readonly [member: string]: unknown } = { ...parsed };
  return compileProfile(parseProfileDefinition(name, definition));
}
