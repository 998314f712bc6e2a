// Compiling: a profile's definition made ready to render bodies.
//
// What data can say is in the definition. What it cannot is a `Completion`, written beside a built-in definition: a pure
// function that completes an event's data before it is printed. Everything that a body takes from outside its event and
// its endpoint's id goes through `facts`, so that a later edit of the endpoint or the settings changes no body.

import { compileEnvelope, holdsPlaceholder } from '../envelope.ts';
import type { Profile, ProfileDefinition, WireEndpoint, WireSettings } from '../profile.ts';
import { formatTimestamp } from '../timestamp.ts';

/** How a built-in profile completes data that a publisher may leave incomplete, or makes a call of an event. */
export interface Completion {
  /** What `complete` needs of the endpoint and the settings, fixed at publish; null where the defaults stand. */
  facts(endpoint: WireEndpoint, settings: WireSettings): string | null;
  /** The event's type as the body names it. */
  eventType(type: string, facts: string | null): string;
  /** The event's data, completed: JSON text to JSON text. */
  complete(type: string, data: string, facts: string | null): string;
  readonly callFaults: Profile['callFaults'];
}

const MINTED_PREFIX = 'evt_';

/**
 * Makes a profile of its definition, which has been checked: a built-in one or one from `parseProfileDefinition`.
 * Facts are the endpoint's name, where the envelope shows it, else what the completion wants; no profile has both.
 */
export function compileProfile(definition: ProfileDefinition, completion: Completion | null = null): Profile {
  const render = compileEnvelope(definition.envelope, definition.print);
  const showsName = holdsPlaceholder(definition.envelope, '{endpoint.name}');
  const showsTimestamp = holdsPlaceholder(definition.envelope, '{timestamp}');
  const { eventIdPrefix, timestampForm } = definition;

  const eventId = (id: string): string => {
    if (eventIdPrefix === null || id.startsWith(eventIdPrefix)) return id;
    return eventIdPrefix + (id.startsWith(MINTED_PREFIX) ? id.slice(MINTED_PREFIX.length) : id);
  };

  const eventType = (type: string, facts: string | null): string => completion?.eventType(type, facts) ?? type;

  return {
    definition,
    facts: (endpoint, settings) => (showsName ? endpoint.name : (completion?.facts(endpoint, settings) ?? null)),
    body: (event, endpointId, facts) =>
      render({
        id: eventId(event.id),
        type: eventType(event.type, facts),
        timestamp: showsTimestamp ? formatTimestamp(timestampForm, event.timestampMs) : '',
        data: completion === null ? event.data : completion.complete(event.type, event.data, facts),
        hasUnsafeInteger: event.hasUnsafeInteger,
        endpointId,
        endpointName: facts ?? '',
      }),
    eventId,
    eventType,
    callFaults: completion?.callFaults ?? null,
  };
}
