// Listener presence: a relayed endpoint's lane moves while its listener is there, and rests while it is not.

import type { Registry } from '../registry.ts';
import type { RelaySenderOptions } from '../send/relay-sender.ts';
import type { Dispatcher } from './dispatcher.ts';

export function listenerPresence(registry: Registry, dispatcher: () => Dispatcher): RelaySenderOptions['onPresence'] {
  return (endpointId, isThere) => {
    if (isThere) registry.attached.add(endpointId);
    else registry.attached.delete(endpointId);
    const entry = registry.endpointById(endpointId);
    if (entry !== undefined) dispatcher().edited(entry.row.seq);
    if (isThere) dispatcher().pump();
  };
}
