// Message headers: the headers of an attempt that do not depend on its signature.
//
// Every profile sends content-type, user-agent and webhook-id, so that a receiver can drop duplicates whatever the
// platform; then the profile's own fixed headers. Signature headers come from sign.ts.

import type { Profile } from './profile.ts';

/**
 * The headers of a message, without the ones that its signature adds.
 * @param eventId the event's id as published; the profile shapes it
 * @param userAgent `Waxwing/<version>`
 */
export function messageHeaders(profile: Profile, eventId: string, userAgent: string): readonly (readonly [name: string, value: string])[] {
  return [
    ['content-type', 'application/json'],
    ['user-agent', userAgent],
    ['webhook-id', profile.eventId(eventId)],
    ...Object.entries(profile.definition.headers),
  ];
}
