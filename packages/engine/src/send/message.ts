// Messages: from an order to the bytes and headers of one attempt.
//
// The bytes that are signed are the bytes that are sent. A fan-out hands the same event to many endpoints: the body is
// rendered once for as many in a row as it is the same for. Custom headers come after ours, as given.

import type { Profile, ProfileDefinition, WireEvent } from '@waxwing/protocol';
import { BUILT_IN_PROFILES, compileProfile, messageHeaders, sign } from '@waxwing/protocol';
import { forbiddenHeader } from './custom-headers.ts';
import type { HttpTarget } from './egress.ts';
import type { ProfileRef, SendOrder } from './order.ts';

export type RecordedHeader = readonly [name: string, value: string | null];

/** One attempt's message. */
export interface Message {
  readonly body: Buffer;
  /** Names and values by turns, as undici takes them: all but those that it adds itself. */
  readonly headers: string[];
  /** Every header as it stands on the wire, in order; the endpoint's own with null for the value. */
  readonly recorded: readonly RecordedHeader[];
}

/** A profile, and the last body that it rendered. */
class Renderer {
  readonly profile: Profile;
  readonly #namesEndpoint: boolean;
  #event: WireEvent | null = null;
  #facts: string | null = null;
  #endpointId = '';
  #body: Buffer = Buffer.alloc(0);

  constructor(profile: Profile) {
    this.profile = profile;
    // A body may only take from the endpoint what its envelope names, or what stands in the facts.
    this.#namesEndpoint = JSON.stringify(profile.definition.envelope).includes('{endpoint.id}');
  }

  body(event: WireEvent, endpointId: string, facts: string | null): Buffer {
    if (event !== this.#event || facts !== this.#facts || (this.#namesEndpoint && endpointId !== this.#endpointId)) {
      this.#event = null; // so that a body that cannot be rendered leaves nothing behind
      this.#body = Buffer.from(this.profile.body(event, endpointId, facts), 'utf8');
      this.#event = event;
      this.#facts = facts;
      this.#endpointId = endpointId;
    }
    return this.#body;
  }
}

/** The profiles that a sender knows, and how to write messages in them. */
export class MessageWriter {
  readonly #userAgent: string;
  readonly #renderers = new Map<string, Renderer>();

  constructor(userAgent: string) {
    this.#userAgent = userAgent;
    for (const [name, profile] of BUILT_IN_PROFILES) this.#renderers.set(`${name} 0`, new Renderer(profile));
  }

  learn(version: number, definition: ProfileDefinition): void {
    this.#renderers.set(`${definition.name} ${version}`, new Renderer(compileProfile(definition)));
  }

  definition(ref: ProfileRef): ProfileDefinition | null {
    return this.#renderers.get(`${ref.name} ${ref.version}`)?.profile.definition ?? null;
  }

  /** @throws where the profile is not known, or the body cannot be rendered or signed */
  write(order: SendOrder, target: Pick<HttpTarget, 'authority'>, timestampSeconds: number): Message {
    const { event, facts } = order;
    const { endpointId, profile: ref, secrets } = order.target;
    const renderer = this.#renderers.get(`${ref.name} ${ref.version}`);
    if (renderer === undefined) throw new Error(`the profile ${ref.name}, version ${ref.version}, is not known to the sender`);
    const { profile } = renderer;
    const body = renderer.body(event, endpointId, facts);
    const headers: string[] = [];
    const recorded: RecordedHeader[] = [
      ['host', target.authority],
      ['connection', 'keep-alive'],
    ];
    for (const header of messageHeaders(profile, event.id, this.#userAgent)) {
      headers.push(header[0], header[1]);
      recorded.push(header);
    }
    const message = { id: profile.eventId(event.id), timestampSeconds, body };
    for (const header of sign(profile.definition.signature, message, secrets)) {
      headers.push(header[0], header[1]);
      recorded.push(header);
    }
    for (const [name, value] of order.target.headers) {
      if (forbiddenHeader(name, profile.definition) !== null) continue;
      headers.push(name, value);
      recorded.push([name, null]);
    }
    recorded.push(['content-length', String(body.length)]);
    return { body, headers, recorded };
  }
}
