// Findings: what an answer says about a receiver, and what to do about it. Pure.
//
// `unsafe` a forger or a replay gets through; `broken` the receiver does not take what its sender sends, so nothing else
// is proven; `unhelpful` events will be lost, repeated or retried in vain; `unproven` refused, but so was the valid one.

import type { Answer } from './exchange.ts';
import type { Probe, ProbeName } from './probe.ts';

export type Verdict = 'good' | 'unhelpful' | 'unsafe' | 'broken' | 'unproven' | 'left_out';

export interface Finding {
  readonly name: ProbeName;
  readonly verdict: Verdict;
  readonly sent: string | null;
  readonly expected: string | null;
  /** Null when the probe was left out. */
  readonly answer: Answer | null;
  /** What to do, or, of one left out, why. Null where nothing is to be done. */
  readonly advice: string | null;
}

/** @param validTaken whether the receiver takes what its sender sends; null for `valid` itself */
export function findingOf(probe: Extract<Probe, { kind: 'sent' }>, answer: Answer, validTaken: boolean | null): Finding {
  const taken = isTaken(answer);
  const { name, sends: sent } = probe;
  if (probe.sound === 'accepts') {
    const finding = { name, sent, expected: 'a 2xx answer', answer };
    if (taken) return { ...finding, verdict: 'good', advice: null };
    if (validTaken === null) return { ...finding, verdict: 'broken', advice: notTaken(answer) };
    if (!validTaken) return { ...finding, verdict: 'unproven', advice: null };
    return { ...finding, verdict: 'unhelpful', advice: ADVICE[name] };
  }
  const finding = { name, sent, expected: 'a refusal, best 401', answer };
  if (taken) return { ...finding, verdict: 'unsafe', advice: ADVICE[name] };
  if (validTaken !== true) return { ...finding, verdict: 'unproven', advice: null };
  const clumsy = clumsyRefusal(answer);
  return { ...finding, verdict: clumsy === null ? 'good' : 'unhelpful', advice: clumsy };
}

export function leftOutFinding(probe: Extract<Probe, { kind: 'left_out' }>): Finding {
  return { name: probe.name, verdict: 'left_out', sent: null, expected: null, answer: null, advice: probe.why };
}

export function isTaken(answer: Answer): boolean {
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
}

/** Whether the receiver can be left as it is: nothing unsafe, and what its sender sends is taken. */
export function isSound(findings: readonly Finding[]): boolean {
  return !findings.some(({ verdict }) => verdict === 'unsafe' || verdict === 'broken');
}

function notTaken(answer: Answer): string {
  switch (answer.kind) {
    case 'timed_out':
      return 'Answer before the work is done: keep the event (an inbox, a queue) and answer 200, then handle it.';
    case 'unreachable':
      return 'Look into the receiver’s log: it took the connection and gave no answer. It may have crashed.';
    case 'answered':
      return notTakenWith(answer.status, answer.location);
    default:
      return answer satisfies never;
  }
}

function notTakenWith(status: number, location: string | null): string {
  if (status >= 300 && status < 400) {
    return `Senders do not follow redirects: give them the final address${location === null ? '' : ` (${location})`}.`;
  }
  switch (status) {
    case 400:
    case 401:
    case 403:
      return 'Either it holds another secret than the one given here, or it verifies a body that was parsed before: the exact bytes are needed (express.raw, not express.json). `waxwing verify` tells which.';
    case 404:
    case 405:
      return 'There is no POST route at this path: check the URL.';
    case 413:
      return 'Raise its body limit: even a small event is too large for it.';
    default:
      return status >= 500
        ? 'Look into the receiver’s log: it failed on a valid message. A missing body parser, and an exception in the handler, are the usual causes.'
        : ADVICE.valid;
  }
}

/** What is wrong with how a forgery was turned away, or null. */
function clumsyRefusal(answer: Answer): string | null {
  switch (answer.kind) {
    case 'timed_out':
      return 'It was not taken, but it was not answered either: each forged request holds a connection. Refuse it at once.';
    case 'unreachable':
      return 'It was turned away without an answer. Answer 401, so that an honest sender with a wrong secret learns of it.';
    case 'answered':
      if (answer.status === 410)
        return 'Answer 401: on 410 many senders disable the endpoint, so a forger’s test could end your deliveries.';
      if (answer.status >= 400 && answer.status < 500) return null;
      return 'Refused, but not as the sender’s fault. Answer 401: an exception here is often timingSafeEqual on signatures of unequal length, and 5xx makes senders try again.';
    default:
      return answer satisfies never;
  }
}

/** What to do when a probe that should be refused is taken, or one that should be taken is not. */
const ADVICE: Readonly<Record<ProbeName, string>> = {
  valid: 'Look into the receiver’s log for why it does not take a valid message.',
  unsigned:
    'Whoever knows this URL can make it act. Verify the signature over the exact bytes before anything else, and answer 401 where it is absent or does not hold: one line with @waxwing/receiver.',
  tampered:
    'A message can be changed on the way. Make the signature again over all the bytes received and compare, before anything is done.',
  'wrong-secret':
    'Any signature of the right form gets through. Compare it, in constant time, with the one that your secret makes over the bytes received.',
  stale:
    'A message that was captured once can be sent again for ever. Refuse a signed time more than 5 minutes from now, in either direction.',
  duplicate: 'Answer 2xx to an event that was handled before, without handling it again: every other answer makes the sender try on.',
  rotated: 'While a secret is rotated, messages may be signed with either one: give the receiver both until the grace is over.',
  'two-signatures':
    'Try every signature in the header: during a rotation a message carries one for each secret, and yours may stand second.',
  'slow-body': 'Collect the body until it ends, whatever its pieces, and give it at least 10 s.',
  large: 'Raise the body limit to 1 MB: an event may carry 256 KiB of data, and Express stops at 100 kB by itself.',
  'unknown-type': 'Answer 2xx to event types that are new to you: senders add some, and take a refusal for a failing endpoint.',
};
