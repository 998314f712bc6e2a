// Event types and profiles.

import type { ProfileDefinition } from '../profile.ts';

export interface EventTypeInput {
  /** The profile it belongs to; null for the deployment's own. */
  readonly profile?: string | null;
  readonly description?: string;
  readonly group?: string;
  readonly schema?: { readonly [keyword: string]: unknown };
  readonly sample?: { readonly [member: string]: unknown };
}

export interface EventType {
  readonly name: string;
  readonly profile: string | null;
  readonly description: string;
  readonly group: string;
  readonly schema: { readonly [keyword: string]: unknown };
  readonly sample: { readonly [member: string]: unknown };
  readonly builtIn: boolean;
}

export interface ProfileResource extends ProfileDefinition {
  readonly version: number;
  readonly builtIn: boolean;
  /** A message of the first sample, signed with a sample secret: what a receiver would get. */
  readonly sampleMessage: {
    readonly secret: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: string;
  } | null;
}
