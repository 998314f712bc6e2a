// The vectors, read once for every test that leans on them. vectors/README.md says what each member is.

import { readFileSync } from 'node:fs';

import { BUILT_IN_PROFILES, compileProfile, parseProfileDefinition } from '../src/index.ts';
import type { Profile, SignatureScheme, WireSettings } from '../src/index.ts';

export interface PositiveVector {
  readonly name: string;
  readonly event: { readonly id: string; readonly type: string; readonly timestampMs: number; readonly data: string };
  readonly endpoint: { readonly id: string; readonly name: string };
  readonly settings?: WireSettings;
  readonly secrets: readonly string[];
  readonly verifySecrets: readonly string[];
  readonly timestampSeconds: number;
  readonly body: string;
  readonly headers: { readonly [name: string]: string };
}

export interface ReceivedVector {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly nowSeconds: number;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  readonly bodyBase64?: string;
  readonly expect?: readonly string[];
}

export interface VectorFile {
  readonly profile: string;
  readonly definition?: unknown;
  readonly scheme: SignatureScheme;
  readonly toleranceSeconds: number;
  readonly positive: readonly PositiveVector[];
  readonly accepted: readonly ReceivedVector[];
  readonly negative: readonly ReceivedVector[];
}

export const VECTOR_FILES: readonly VectorFile[] = ['standard', 'meetloyd', 'joai', 'humanconnection', 'meshagent', 'custom'].map(
  readVectors,
);

function readVectors(name: string): VectorFile {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
}

/** The profile that a file is about: a built-in one, or its own definition as the API would take it. */
export function profileOf(file: VectorFile): Profile {
  const profile =
    file.definition === undefined
      ? BUILT_IN_PROFILES.get(file.profile)
      : compileProfile(parseProfileDefinition(file.profile, file.definition));
  if (!profile) throw new Error(`no profile ${file.profile}`);
  return profile;
}
