// How many messages a second are verified on one core: by us, and by the sender's own package where there is one.
//
// Each scheme has a ring of messages, all different and freshly signed. The ways take turns round by round, so that a noisy
// machine is as unfair to one as to the others, and the best round counts: what disturbs a round can only slow it. A way that
// refuses a message is an error.

import { createSyncVerifier, SCHEMES } from '@waxwing/receiver';
import type { SchemeName } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';
import { SENDER_PACKAGES, type BenchMessage } from './sender-packages.ts';

export interface VerifyFigures {
  readonly scheme: SchemeName;
  readonly signature: string;
  readonly bodyBytes: number;
  readonly verifiesPerSecond: number;
  /** Verifying, and reading the event: parsing the body. */
  readonly eventsPerSecond: number;
  readonly theirs: { readonly name: string; readonly perSecond: number; readonly parses: boolean } | null;
}

interface Way {
  readonly run: (message: BenchMessage) => unknown;
  readonly rates: number[];
}

const RING = 64;
const BATCH = 64;
const WARM_UP_CALLS = 3_000;

export async function verifyRates(name: SchemeName, bodyBytes: number, rounds: number, roundMs: number): Promise<VerifyFigures> {
  const { secret, messages } = messagesOf(name, bodyBytes);
  const verify = createSyncVerifier(SCHEMES[name]);
  const reference = SENDER_PACKAGES[name];
  const ours: Way = { run: ({ headers, body, url }) => verify({ headers, body, url, method: 'POST' }, secret).ok, rates: [] };
  const events: Way = {
    run: ({ headers, body, url }) => {
      const result = verify({ headers, body, url, method: 'POST' }, secret);
      return result.ok && result.event.payload !== undefined;
    },
    rates: [],
  };
  const theirs: Way | null = reference === undefined ? null : { run: reference.check(secret), rates: [] };
  const ways = [ours, events, ...(theirs === null ? [] : [theirs])];

  for (const way of ways) {
    for (const message of messages) if ((await way.run(message)) === false) throw new Error(`${name}: a valid message is refused`);
    await runFor(way, messages, WARM_UP_CALLS, 2_000);
  }
  for (let round = 0; round < rounds; round++) for (const way of ways) way.rates.push(await runFor(way, messages, Infinity, roundMs));
  return {
    scheme: name,
    signature: signatureOf(name),
    bodyBytes: messages[0]?.body.length ?? 0,
    verifiesPerSecond: best(ours.rates),
    eventsPerSecond: best(events.rates),
    theirs: reference === undefined || theirs === null ? null : { ...reference, perSecond: best(theirs.rates) },
  };
}

/**
 * Calls a second of CPU, of all threads: what one core carries, whatever else the machine does meanwhile. A way that answers
 * later is awaited, one call after the other.
 */
async function runFor({ run }: Way, messages: readonly BenchMessage[], callsMax: number, ms: number): Promise<number> {
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  let calls = 0;
  while (calls < callsMax && performance.now() - startMs < ms) {
    for (let i = 0; i < BATCH; i++) {
      const answer = run(messages[calls % RING] ?? never());
      if (answer instanceof Promise) await answer;
      calls++;
    }
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return (calls * 1e6) / (user + system);
}

function messagesOf(name: SchemeName, bodyBytes: number): { readonly secret: string; readonly messages: readonly BenchMessage[] } {
  const url = 'https://receiver.example/webhook?tenant=acme';
  const sender = new TestSender(name, { url });
  const messages = Array.from({ length: RING }, (_, number): BenchMessage => {
    const signed = name === 'twilio' ? sender.signed({ body: formOf(number, bodyBytes) }) : filledUp(sender, number, bodyBytes);
    const headers = Object.fromEntries(Object.entries(signed.headers).map(([header, value]) => [header.toLowerCase(), value]));
    return { url, headers, body: Buffer.from(signed.body) };
  });
  return { secret: sender.secret, messages };
}

/** A message whose body has that many bytes, envelope included. */
function filledUp(sender: TestSender, number: number, bodyBytes: number): ReturnType<TestSender['signed']> {
  const event = (text: string): ReturnType<TestSender['signed']> =>
    sender.signed({ type: 'order.paid', data: { number: 1000 + number, text } });
  return event('x'.repeat(Math.max(0, bodyBytes - event('').body.length)));
}

function formOf(number: number, bodyBytes: number): string {
  const start = `MessageSid=SM${1000 + number}&AccountSid=AC1&From=%2B14155550100&To=%2B14155550101&NumMedia=0&Body=`;
  return start + 'x'.repeat(bodyBytes - start.length);
}

function signatureOf(name: SchemeName): string {
  const { signature } = SCHEMES[name];
  switch (signature.kind) {
    case 'signed-template':
      return signature.algorithm;
    case 'hmac-template':
      return `hmac-${signature.algorithm}`;
    case 'standard-webhooks':
      return 'hmac-sha256';
    case 'jwt-body-hash':
      return 'jwt (hs256), sha256';
    case 'twilio':
      return 'hmac-sha1';
    case 'shared-token':
      return 'none';
    default:
      return signature satisfies never;
  }
}

function best(values: readonly number[]): number {
  return Math.round(Math.max(...values));
}

function never(): never {
  throw new Error('the ring has a message at every place');
}
