// Which names `verify` and the servers know, and which events each brings: the schemes' list and the catalogues' types.

import type { SignatureScheme } from '@waxwing/protocol/schemes';
import type { EventMap, EventUnion, ReceivedEvent } from './event.ts';
import type { HumanconnectionEvents } from './generated/humanconnection.ts';
import type { JoaiEvents } from './generated/joai.ts';
import type { MeetloydEvents } from './generated/meetloyd.ts';
import type { MeshagentEvents } from './generated/meshagent.ts';
import type { Scheme } from './scheme.ts';
import { SCHEMES } from './schemes/all.ts';
import type { SchemeName } from './schemes/all.ts';
import { anyReader } from './verify/any-reader.ts';
import { isRecord } from './verify/request.ts';

/**
 * The event catalogues by name. An interface, so that `waxwing types` (or you) can add a platform's own:
 * `declare module '@waxwing/receiver' { interface Catalogues { acme: AcmeEvents } }`.
 */
export interface Catalogues {
  readonly meetloyd: MeetloydEvents;
  readonly joai: JoaiEvents;
  readonly humanconnection: HumanconnectionEvents;
  readonly meshagent: MeshagentEvents;
}

/** A custom profile as the server tells it (`GET /v1/profiles/{name}`): what is needed to receive it. */
export interface ProfileLike {
  readonly name: string;
  readonly signature: SignatureScheme;
  readonly envelope: { readonly [member: string]: unknown };
}

/** How a sender is named: one of the known ones, a scheme of your own, or a custom profile as the server tells it. */
export type SenderInput = SchemeName | Scheme | ProfileLike;

/** A catalogue's map of types to data; any type and unknown data where there is no catalogue. */
export type EventsOf<Sender> = Sender extends keyof Catalogues
  ? Catalogues[Sender]
  : Sender extends { readonly name: infer Name extends keyof Catalogues }
    ? Catalogues[Name]
    : EventMap;

/** The union of a sender's events. Types that a catalogue does not know can still arrive: keep a default branch. */
export type EventOf<Sender> = EventMap extends EventsOf<Sender> ? ReceivedEvent : EventUnion<EventsOf<Sender>>;

/** The scheme that an input names, or null when there is none of that name. */
export function findScheme(sender: SenderInput): Scheme | null {
  if (typeof sender === 'string') return Object.hasOwn(SCHEMES, sender) ? SCHEMES[sender] : null;
  return 'event' in sender ? sender : schemeOfProfile(sender);
}

/** The scheme of a custom profile: its own signature, and the places that its envelope's placeholders name. */
export function schemeOfProfile(profile: ProfileLike): Scheme {
  const places = new Map<string, string>();
  collectPlaces(profile.envelope, '', places);
  const timestamp = places.get('{timestamp}');
  return {
    name: profile.name,
    page: '',
    signature: profile.signature,
    reader: () => anyReader(profile.signature),
    toleranceSeconds: 300,
    event: {
      id: places.get('{id}') ?? 'webhook-id',
      type: places.get('{type}') ?? null,
      timestamp: timestamp === undefined ? null : { at: timestamp, form: 'iso' },
      data: places.get('{data}') ?? '',
    },
  };
}

function collectPlaces(envelope: { readonly [member: string]: unknown }, path: string, places: Map<string, string>): void {
  for (const [member, value] of Object.entries(envelope)) {
    const here = `${path}/${member}`;
    if (typeof value === 'string') places.set(value, here);
    else if (isRecord(value)) collectPlaces(value, here, places);
  }
}
