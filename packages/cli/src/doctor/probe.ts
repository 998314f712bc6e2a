// The probes: what is sent to a receiver, and whether a sound receiver takes it or refuses it.
//
// Every probe is an event of its own (its own id), so that a receiver that drops duplicates judges each by itself; only
// `duplicate` repeats one. What its sender cannot show is left out and says why. Pure: clock and ids are handed in.

import type { Message } from '../message-text.ts';
import type { Pace } from './exchange.ts';
import type { EventData, ProbeEvent, ProbeSender } from './sender.ts';

export type ProbeName =
  | 'valid'
  | 'unsigned'
  | 'tampered'
  | 'wrong-secret'
  | 'stale'
  | 'duplicate'
  | 'rotated'
  | 'two-signatures'
  | 'slow-body'
  | 'large'
  | 'unknown-type';

export type Probe =
  | {
      readonly kind: 'sent';
      readonly name: ProbeName;
      /** What is sent, in a few words. */
      readonly sends: string;
      /** What a sound receiver does with it. */
      readonly sound: 'accepts' | 'refuses';
      readonly pace: Pace;
      /** Made when it is sent, so that its signature is fresh. */
      readonly message: () => Message;
    }
  | { readonly kind: 'left_out'; readonly name: ProbeName; readonly why: string };

export interface ProbePlan {
  readonly sender: ProbeSender;
  readonly secret: string;
  /** The one before the last rotation; null when none was given. */
  readonly previousSecret: string | null;
  readonly type: string;
  readonly data: EventData;
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
  readonly mintId: () => string;
  readonly slowPace: Pace;
}

const STALE_SECONDS = 86_400;
const LARGE_BYTES = 200_000;
const UNKNOWN_TYPE = 'doctor.unknown_type';

/** The probes in the order in which they are sent; the first is `valid`, by which the others are judged. */
export function probesOf(plan: ProbePlan): readonly Probe[] {
  const { sender, secret, previousSecret, type, data, now, mintId, slowPace } = plan;
  const event = (changes: Partial<ProbeEvent> = {}): ProbeEvent => ({ id: mintId(), type, data, timeMs: now(), ...changes });
  const signed = (changes?: Partial<ProbeEvent>): Message => sender.message(event(changes), [secret]);
  const sent = (name: ProbeName, sound: 'accepts' | 'refuses', sends: string, message: () => Message, pace: Pace = 'at_once'): Probe => ({
    kind: 'sent',
    name,
    sound,
    sends,
    message,
    pace,
  });
  const leftOut = (name: ProbeName, why: string): Probe => ({ kind: 'left_out', name, why });
  const proof = sender.proofHeaders.join(' and ');
  const firstId = mintId();

  return [
    sent('valid', 'accepts', `${type}, signed now with the secret`, () => signed({ id: firstId })),
    sent('unsigned', 'refuses', `${type} without ${proof}`, () => without(signed(), sender.proofHeaders)),
    sender.signsBody
      ? sent('tampered', 'refuses', `${type}, its data changed after it was signed`, () => {
          const genuine = event();
          const changed = sender.message({ ...genuine, data: { ...data, tampered: 'by the doctor' } }, [secret]);
          return { headers: sender.message(genuine, [secret]).headers, body: changed.body };
        })
      : leftOut(
          'tampered',
          `${sender.name} repeats a token and signs no body: whoever sees one message can change it. Keep the URL and the way to it private`,
        ),
    sent('wrong-secret', 'refuses', `${type}, signed with a secret that was made up`, () =>
      sender.message(event(), [sender.strangerSecret]),
    ),
    sender.signsTime
      ? sent('stale', 'refuses', `${type}, properly signed a day ago`, () => signed({ timeMs: now() - STALE_SECONDS * 1000 }))
      : leftOut(
          'stale',
          `${sender.name} signs no time, so an old message cannot be told from a fresh one: remember the ids (or the bodies) that were handled`,
        ),
    sent('duplicate', 'accepts', 'the same event as in `valid` again, as when an answer is lost', () => signed({ id: firstId })),
    previousSecret === null
      ? leftOut('rotated', 'give the secret before the last rotation with --secret-previous to see whether it is still taken')
      : sent('rotated', 'accepts', `${type}, signed with the previous secret`, () => sender.message(event(), [previousSecret])),
    sender.signsWithSeveral
      ? sent('two-signatures', 'accepts', `${type} with two signatures, the second made with the secret`, () =>
          sender.message(event(), [sender.strangerSecret, secret]),
        )
      : leftOut('two-signatures', `${sender.name} sends one signature at a time`),
    sent('slow-body', 'accepts', `${type}, its body in pieces${seconds(slowPace)}`, () => signed(), slowPace),
    sent('large', 'accepts', `${type} with ${LARGE_BYTES / 1000} kB of data`, () =>
      signed({ data: { ...data, padding: 'x'.repeat(LARGE_BYTES) } }),
    ),
    sent('unknown-type', 'accepts', `${UNKNOWN_TYPE}, a type that no catalogue has`, () => signed({ type: UNKNOWN_TYPE, data: {} })),
  ];
}

function without(message: Message, names: readonly string[]): Message {
  return { headers: message.headers.filter(([name]) => !names.includes(name)), body: message.body };
}

function seconds(pace: Pace): string {
  return pace === 'at_once' ? '' : ` over ${(pace.pieces * pace.pauseMs) / 1000} s`;
}
