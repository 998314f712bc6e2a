// Challenges: answering a sender that asks whether this URL is meant to receive its webhooks.
//
// A challenge is answered only after its signature held, and for a subscription only with the token that this receiver was
// given. It is no event: no handler sees it, nothing remembers it.

import type { ReceivedEvent } from './event.ts';
import type { Runtime } from './runtime.ts';
import type { Challenge, Place, Scheme } from './scheme.ts';
import { problem } from './serve/answer.ts';
import type { Answer } from './serve/answer.ts';
import { sameText } from './verify/encoding.ts';
import { atPointer, headerValue } from './verify/request.ts';
import type { HeadersInput } from './verify/request.ts';

/**
 * The answer to a verified message that is a challenge; null when it is none.
 * @param secret the one that verified it
 */
export async function answerChallenge(
  scheme: Scheme,
  event: ReceivedEvent,
  headers: HeadersInput,
  secret: string,
  runtime: Runtime,
): Promise<Answer | null> {
  const find = (place: Place): unknown =>
    place.startsWith('/') ? atPointer(event.payload, place) : headerValue(headers, place.toLowerCase());
  for (const challenge of scheme.challenges ?? []) {
    if (challenge.kind === 'subscription' || !challenge.when.every(({ at, is }) => (find(at) ?? null) === is)) continue;
    switch (challenge.kind) {
      case 'echo':
        return text(find(challenge.echo));
      case 'fixed':
        return { status: challenge.status, headers: { 'content-type': 'application/json' }, body: challenge.body };
      case 'signed-token': {
        const token = find(challenge.token);
        if (typeof token !== 'string') return text(token);
        const [plain, signed] = challenge.members;
        const body = JSON.stringify({ [plain]: token, [signed]: await runtime.hmacSha256Hex(secret, token) });
        return { status: 200, headers: { 'content-type': 'application/json' }, body };
      }
      default:
        return challenge satisfies never;
    }
  }
  return null;
}

/**
 * The answer to a GET by which a sender subscribes; null for a sender that does not, or a receiver without a token.
 * @param url the request's URL, or its path and query
 */
export function answerSubscription(scheme: Scheme, url: string, verifyToken: string | undefined): Answer | null {
  const challenge = scheme.challenges?.find(isSubscription);
  if (challenge === undefined || verifyToken === undefined || verifyToken === '') return null;
  const question = url.indexOf('?');
  const query = new URLSearchParams(question === -1 ? '' : url.slice(question));
  const given = query.get(challenge.token);
  if (given === null || !sameText(given, verifyToken)) return problem(403, 'wrong_verify_token', 'The verify token is not this receiver’s');
  return text(query.get(challenge.challenge));
}

function isSubscription(challenge: Challenge): challenge is Extract<Challenge, { kind: 'subscription' }> {
  return challenge.kind === 'subscription';
}

function text(value: unknown): Answer {
  if (typeof value !== 'string') return problem(400, 'invalid_request', 'The challenge holds nothing to answer with');
  return { status: 200, headers: { 'content-type': 'text/plain', 'x-content-type-options': 'nosniff' }, body: value };
}
