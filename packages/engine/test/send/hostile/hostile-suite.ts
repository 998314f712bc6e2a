// What the tests of hostile receivers share: one sender for all of them, short time-outs, and what must hold
// whatever a receiver does: one report, in time, with a sentence, and no socket left open on either side.

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after } from 'node:test';
import type { Outcome } from '@waxwing/protocol';
import type { SendingOptions } from '../../../src/send/http-sender.ts';
import type { Sender, SendOrder } from '../../../src/send/order.ts';
import { certificate, rawReceiver } from '../raw-receiver.ts';
import type { RawReceiverOptions, RawRequest } from '../raw-receiver.ts';
import { DEVELOPMENT, order, Sending } from '../sending.ts';
import type { Attempted } from '../sending.ts';
import { gone } from '../suite.ts';

/** Of the endpoints that are expected to be timed out. */
export const TIMEOUT_MS = 1_000;
/** Of the others: what is cut off sooner is so by something else. */
export const PATIENT_MS = 20_000;
/** How much later than its time-out an attempt may end on a machine that is busy with everything else. */
const LATE_MS = 5_000;

export interface HostileOptions extends RawReceiverOptions {
  /** With TLS, where the receiver has no certificate to speak it. */
  readonly secure?: true;
  readonly event?: SendOrder['event'];
  readonly timedOut?: boolean;
  /** A receiver that does not read does not see that it was left. */
  readonly reads?: false;
}

/** A receiver's whole behaviour: bytes to write for each request, or what to do with it. */
export type Behaviour = string | Buffer | ((request: RawRequest) => void);

export interface HostileSuite {
  sender(): Promise<Sending>;
  /** One attempt at a receiver that does this; everything that must always hold has been checked. */
  meets(behaviour: Behaviour, options?: HostileOptions): Promise<Attempted>;
  /** The same, with what the report must say: the outcome, the code, and words of the sentence that the customer's engineer reads. */
  fails(behaviour: Behaviour, outcome: Outcome, code: string, sentence: RegExp, options?: HostileOptions): Promise<Attempted>;
}

export const TIMED_OUT: Outcome = { kind: 'timed_out' };
export const RESET: Outcome = { kind: 'unreachable', reason: 'reset' };
export const PROTOCOL: Outcome = { kind: 'unreachable', reason: 'protocol' };
export const TLS: Outcome = { kind: 'unreachable', reason: 'tls' };

/** Called within a `describe`: closes the shared sender after it. */
export function hostileSuite(make: (options: SendingOptions) => Sender): HostileSuite {
  let shared: Promise<Sending> | null = null;
  const sender = (): Promise<Sending> =>
    (shared ??= Sending.start(make({ policy: DEVELOPMENT, userAgent: 'Waxwing/test', trustedCertificates: [certificate('authority')] })));
  after(async () => (await shared)?.close(0));

  async function meets(behaviour: Behaviour, options: HostileOptions = {}): Promise<Attempted> {
    const timeoutMs = options.timedOut === true ? TIMEOUT_MS : PATIENT_MS;
    const answer = typeof behaviour === 'function' ? behaviour : ({ socket }: RawRequest) => socket.write(behaviour);
    await using receiver = await rawReceiver(answer, options);
    const scheme = options.secure === true ? 'https' : 'http';
    const sent = order(
      `${scheme}://127.0.0.1:${receiver.port}/in`,
      { timeoutMs },
      options.event === undefined ? {} : { event: options.event },
    );
    const sending = await sender();
    const attempted = await sending.attempt(sent);
    assert.ok(attempted.record.totalMs <= timeoutMs + LATE_MS, `it took ${attempted.record.totalMs} ms`);
    assert.equal(sending.reports.get(sent.delivery)?.length, 1);
    const { kind } = attempted.report.outcome;
    if (kind !== 'delivered' && kind !== 'refused' && options.reads !== false) await gone(receiver.openSockets);
    return attempted;
  }

  return {
    sender,
    meets,
    async fails(behaviour, outcome, code, sentence, options) {
      const attempted = await meets(behaviour, { ...options, timedOut: outcome === TIMED_OUT });
      const { report, record } = attempted;
      assert.deepEqual({ outcome: report.outcome, code: record.error?.code }, { outcome, code }, record.error?.message ?? '');
      assert.match(record.error?.explanation ?? '', sentence);
      assert.ok((report.error ?? '').length > 0);
      return attempted;
    },
  };
}

/** Writes again and again, as fast as it is taken, until the socket is gone. */
export function pour(socket: Socket, piece: string | Buffer): void {
  const bytes = Buffer.from(piece);
  const more = (): void => {
    // A few at a time: other receivers share this thread.
    for (let i = 0; i < 4; i++) if (socket.destroyed || !socket.write(bytes)) return;
    setImmediate(more);
  };
  socket.on('drain', more);
  more();
}

/** Writes one piece after the other, this many milliseconds apart; then the last one for ever. */
export function drip(socket: Socket, pieces: Iterable<string>, everyMs: number): void {
  const iterator = pieces[Symbol.iterator]();
  let piece = '';
  const timer = setInterval(() => {
    const next = iterator.next();
    if (next.done !== true) piece = next.value;
    socket.write(piece);
  }, everyMs);
  socket.on('close', () => clearInterval(timer));
}
