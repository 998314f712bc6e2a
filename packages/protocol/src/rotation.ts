// Rotation: which secrets sign while an endpoint moves from an old one to a new one (DESIGN §3).
//
// Where the header can carry several signatures, both secrets sign during the grace and a receiver may hold either. Where
// it carries one, the old secret goes on signing until the grace ends, so that receivers have time to accept both.

import type { SignatureScheme } from './schemes.ts';

/** An endpoint's secrets. `previous` and `graceEndsMs` (epoch milliseconds) stand while a rotation is under way. */
export interface SecretState {
  readonly current: string;
  readonly previous: string | null;
  readonly graceEndsMs: number | null;
}

/**
 * The secrets that sign a message sent at `nowMs`, in the order of their signatures. Never empty.
 * At the very moment the grace ends, the new secret signs alone.
 */
export function secretsThatSign(scheme: SignatureScheme, state: SecretState, nowMs: number): readonly string[] {
  const { current, previous, graceEndsMs } = state;
  if (previous === null || graceEndsMs === null || nowMs >= graceEndsMs) return [current];
  return carriesSeveral(scheme) ? [current, previous] : [previous];
}

function carriesSeveral(scheme: SignatureScheme): boolean {
  switch (scheme.kind) {
    case 'standard-webhooks':
      return true;
    case 'hmac-template':
    case 'jwt-body-hash':
      return false;
    default: {
      const unknown: never = scheme;
      return unknown;
    }
  }
}
