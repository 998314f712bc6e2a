// What a replay was asked for, in words.

import type { Endpoint, Replay } from '@waxwing/protocol';

/** `failed, skipped to Production`. */
export function replayWords({ states, types, endpoint }: Replay, names: ReadonlyMap<string, Endpoint>): string {
  const what = types === null ? states.join(', ') : `${states.join(', ')} ${types.join(', ')}`;
  return `${what} to ${endpoint === null ? 'all endpoints' : (names.get(endpoint)?.name ?? endpoint)}`;
}
