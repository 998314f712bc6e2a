// How many messages a second are verified on one core: by us, and by the sender's own package where there is one.
//
// Each scheme has a ring of messages, all different and freshly signed. The ways take turns round by round, so that a noisy
// machine is as unfair to one as to the others, and the best round counts: what disturbs a round can only slow it. A way that
// refuses a message is an error.

import { createHmac, createSecretKey } from 'node:crypto';
import { createSyncVerifier, SCHEMES } from '@waxwing/receiver';
import type { SchemeName } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';
import { SENDER_PACKAGES, type BenchMessage } from './sender-packages.ts';

export interface VerifyFigures {
  readonly scheme: SchemeName;
  readonly signature: string;
  readonly bodyBytes: number;
  readonly verifiesPerSecond: number;
  /** One HMAC-SHA256 of the body and nothing else, in the same rounds: what the machine gave meanwhile. */
  readonly bareHmacsPerSecond: number;
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
const WARM_UP_MS = 2_000;

export async function verifyRates(name: SchemeName, bodyBytes: number, rounds: number, roundMs: number): Promise<VerifyFigures> {
  const sender = new TestSender(name, { url: 'https://receiver.example/webhook?tenant=acme' });
  const { secret } = sender;
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
  const key = createSecretKey(Buffer.alloc(32, 7));
  const bare: Way = { run: ({ body }) => createHmac('sha256', key).update(body).digest('hex'), rates: [] };
  const ways = [bare, ours, events, ...(theirs === null ? [] : [theirs])];

  for (const way of ways) {
    await runFor(way, messagesOf(name, sender, bodyBytes), WARM_UP_CALLS, WARM_UP_MS);
  }
  for (let round = 0; round < rounds; round++) {
    // Made anew each time: some senders' packages tolerate a few seconds only.
    for (const way of ways) way.rates.push(await runFor(way, messagesOf(name, sender, bodyBytes), Infinity, roundMs));
  }
  return {
    scheme: name,
    signature: signatureOf(name),
    bodyBytes: messagesOf(name, sender, bodyBytes)[0]?.body.length ?? 0,
    bareHmacsPerSecond: best(bare.rates),
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
      let answer = run(messages[calls % RING] ?? never());
      if (answer instanceof Promise) answer = await answer;
      if (answer === false) throw new Error('a valid message is refused');
      calls++;
    }
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return (calls * 1e6) / (user + system);
}

function messagesOf(name: SchemeName, sender: TestSender, bodyBytes: number): readonly BenchMessage[] {
  return Array.from({ length: RING }, (_, number): BenchMessage => {
    const { url, headers, body } =
      name === 'twilio' ? sender.signed({ body: formOf(number, bodyBytes) }) : filledUp(sender, number, bodyBytes);
    return {
      url,
      headers: Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value])),
      body: Buffer.from(body),
    };
  });
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
