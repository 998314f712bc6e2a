// The sender whose part the doctor plays: it makes messages exactly as that sender would, signed with any secret it is told.
//
// A profile's messages are the server's own, byte for byte; another sender's are made by the receiver's testing helpers.
// What a sender cannot promise (a signed time, a signed body) is said here as data, so that no probe asks a receiver for it.

import { randomBytes } from 'node:crypto';

import { checkSecret, DEFAULT_WIRE_SETTINGS, generateSecret, generateSigningKey, messageHeaders, sign } from '@waxwing/protocol';
import type { Profile } from '@waxwing/protocol';
import { SCHEMES } from '@waxwing/receiver';
import type { Scheme } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';

import { UsageError } from '../failure.ts';
import type { Message } from '../message-text.ts';

export type EventData = { readonly [member: string]: unknown };

export interface ProbeEvent {
  readonly id: string;
  readonly type: string;
  readonly data: EventData;
  /** When it is signed, epoch milliseconds. */
  readonly timeMs: number;
}

export interface ProbeSender {
  readonly name: string;
  readonly defaultType: string;
  /** A sample of the type's data; empty where the sender has no catalogue. */
  sampleOf(type: string): EventData;
  /** Whether a captured message can be told from a fresh one by its signature. */
  readonly signsTime: boolean;
  /** Whether a change of the body breaks the signature. */
  readonly signsBody: boolean;
  /** Whether one message can carry the signatures of several secrets. */
  readonly signsWithSeveral: boolean;
  /** A secret that the receiver does not hold, of the same form as the one given. */
  readonly strangerSecret: string;
  /** The headers that prove a message. */
  readonly proofHeaders: readonly string[];
  /** The message, signed with the secrets (with the first, where `signsWithSeveral` is false). */
  message(event: ProbeEvent, secrets: readonly [string, ...string[]]): Message;
}

/** @throws WaxwingError `invalid_secret` when one of the secrets cannot sign for the profile */
export function profileSender(profile: Profile, secrets: readonly [string, ...string[]], userAgent: string): ProbeSender {
  const { definition } = profile;
  for (const secret of secrets) checkSecret(definition.secret, secret);
  const facts = profile.facts({ id: 'ep_doctor', name: 'Doctor' }, DEFAULT_WIRE_SETTINGS);
  const { signature } = definition;
  const proofOf = (event: ProbeEvent, body: Uint8Array, by: readonly string[]): Message['headers'] =>
    sign(signature, { id: profile.eventId(event.id), timestampSeconds: Math.floor(event.timeMs / 1000), body }, by);
  return {
    name: definition.name,
    defaultType: definition.eventTypes[0]?.name ?? 'test.event',
    sampleOf: (type) => definition.eventTypes.find((known) => known.name === type)?.sample ?? {},
    signsTime: signature.kind === 'standard-webhooks' || (signature.kind === 'hmac-template' && signature.content.includes('{timestamp}')),
    signsBody: true,
    signsWithSeveral: signature.kind === 'standard-webhooks',
    strangerSecret: secrets[0].startsWith('whsk_') ? generateSigningKey(randomBytes) : generateSecret(definition.secret, randomBytes),
    proofHeaders: proofOf({ id: 'evt_x', type: '', data: {}, timeMs: 0 }, new Uint8Array(), secrets).map(([name]) => name),
    message(event, by) {
      const { id, type, timeMs } = event;
      const wire = { id, type, timestampMs: timeMs, data: JSON.stringify(event.data), hasUnsafeInteger: false };
      const body = Buffer.from(profile.body(wire, 'ep_doctor', facts));
      return { headers: [...messageHeaders(profile, id, userAgent), ...proofOf(event, body, by)], body };
    },
  };
}

/** @param url the receiver's, since some senders sign it */
export function schemeSender(scheme: Scheme, url: string, userAgent: string): ProbeSender {
  const { signature } = scheme;
  if (signature.kind === 'signed-template' && (signature.algorithm === 'ed25519' || signature.algorithm === 'ecdsa-p256')) {
    throw new UsageError(
      `--profile: ${scheme.name} signs with a private key that it alone has, so nobody else can send its receivers a valid message. Test with \`TestSender\` of @waxwing/receiver/testing, which makes a key pair of its own`,
    );
  }
  const form = signature.kind === 'twilio'; // Twilio alone sends forms
  const requestOf = ({ id, type, data, timeMs }: ProbeEvent, secret: string): { headers: Record<string, string>; body: Uint8Array } => {
    const { headers, body } = new TestSender(scheme, { secret, url, now: () => timeMs }).signed(
      form ? { id, body: formOf({ MessageSid: id, ...data }) } : { id, type, data },
    );
    return { headers: { ...headers, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }), 'user-agent': userAgent }, body };
  };
  const strangerSecret = new TestSender(scheme).secret;
  const proof = Object.keys(new TestSender(scheme, { secret: strangerSecret, url }).signed({ body: '' }).headers);
  const bare = new Set(Object.keys(new TestSender(scheme, { secret: strangerSecret, url }).unsigned({ body: '' }).headers));
  return {
    name: scheme.name,
    defaultType: 'test.event',
    sampleOf: () => ({}),
    signsTime: signsTime(scheme),
    signsBody: signature.kind !== 'shared-token',
    signsWithSeveral: false,
    strangerSecret,
    proofHeaders: proof.filter((name) => !bare.has(name)),
    message(event, [secret]) {
      const { headers, body } = requestOf(event, secret);
      return { headers: Object.entries(headers), body };
    },
  };
}

function signsTime({ signature }: Scheme): boolean {
  switch (signature.kind) {
    case 'standard-webhooks':
      return true;
    case 'hmac-template':
      return signature.content.includes('{timestamp}');
    case 'signed-template':
      return signature.time !== undefined;
    case 'jwt-body-hash':
      return signature.reprinted === false; // LiveKit's tokens expire, MeshAgent's do not
    case 'twilio':
    case 'shared-token':
      return false;
    default:
      return signature satisfies never;
  }
}

function formOf(data: EventData): string {
  return new URLSearchParams(
    Object.entries(data).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  ).toString();
}

/** The scheme of a sender that is known by name and is no profile, or null. */
export function knownScheme(name: string): Scheme | null {
  return Object.entries(SCHEMES).find(([known]) => known === name)?.[1] ?? null;
}
