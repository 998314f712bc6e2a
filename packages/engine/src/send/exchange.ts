// An exchange: one attempt on the wire, from a target and a message to an answer or a failure.
//
// 1. It settles exactly once, whatever comes later from its socket.
// 2. One time-out covers all of it: resolving, connecting, TLS, sending, the answer and its body. When it fires, the
//    socket is destroyed.
// 3. A request is written at most once. A kept-alive connection that closed before it was written is replaced by a fresh
//    one; one that is reset afterwards is a failed attempt, since nobody can tell whether the receiver handled it.
// 4. Redirects are answers. 1xx answers are passed over, a few of them; an unasked-for 101 is no answer.

import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { Answer } from './answer.ts';
import { ANSWER_BYTES_MAX } from './answer-bytes.ts';
import { Connection, UnsentError } from './connection.ts';
import { Dial } from './dial.ts';
import type { DialPorts } from './dial.ts';
import type { HttpTarget } from './egress.ts';
import { exchangeFailure, failure, internalFailure } from './failure.ts';
import type { Failure, Stage } from './failure.ts';
import type { IdleConnections } from './idle-connections.ts';
import type { Message } from './message.ts';

const INFORMATIONAL_MAX = 8;

/** What exchanges share. */
export interface ExchangePorts extends DialPorts {
  readonly idle: IdleConnections;
}

export class Exchange implements Dispatcher.DispatchHandler {
  readonly target: HttpTarget;
  readonly message: Message;
  readonly begunMs: number;
  answer: Answer | null = null;
  failed: Failure | null = null;
  /** Whether it ran on a connection that had carried another before. */
  reused = false;
  /** From the moment the request was written to the first byte of the answer. */
  firstByteMs: number | null = null;
  totalMs = 0;

  readonly #ports: ExchangePorts;
  readonly #verifyTls: boolean;
  readonly #timeoutMs: number;
  readonly #onSettled: (exchange: Exchange) => void;
  readonly #cancelTimeout: () => void;
  #dial: Dial | null = null;
  #connection: Connection | null = null;
  #writtenMs: number | null = null;
  #informational = 0;
  #stage: Stage | null = null;
  #settled = false;

  constructor(
    ports: ExchangePorts,
    target: HttpTarget,
    message: Message,
    verifyTls: boolean,
    timeoutMs: number,
    onSettled: (exchange: Exchange) => void,
  ) {
    this.#ports = ports;
    this.target = target;
    this.message = message;
    this.#verifyTls = verifyTls;
    this.#timeoutMs = timeoutMs;
    this.#onSettled = onSettled;
    this.begunMs = ports.clock.monotonicMs();
    this.#cancelTimeout = ports.clock.after(timeoutMs, () => this.#expire());
  }

  /** How far it is, or was when it settled. */
  get stage(): Stage {
    if (this.#stage !== null) return this.#stage;
    if (this.answer !== null) return 'body';
    if (this.#connection !== null) return this.#connection.flushed ? 'answer' : 'request';
    return this.#dial?.stage ?? 'answer';
  }

  get address(): string | null {
    return this.#connection?.address ?? this.#dial?.address ?? null;
  }

  get dnsMs(): number | null {
    return this.#dial?.dnsMs ?? null;
  }

  get connectMs(): number | null {
    return this.#dial?.connectMs ?? null;
  }

  get tlsMs(): number | null {
    return this.#dial?.tlsMs ?? null;
  }

  begin(): void {
    const connection = this.#ports.idle.take(this.#key);
    if (connection === null) {
      void this.#connect();
    } else {
      this.reused = true;
      this.#dispatch(connection);
    }
  }

  /** Ends it without a word: its socket is destroyed and it never settles. */
  abandon(): void {
    this.#settled = true;
    this.#cancelTimeout();
    this.#dial?.cancel();
    this.#connection?.destroy();
  }

  get #key(): string {
    return this.#verifyTls ? this.target.origin : `unverified ${this.target.origin}`;
  }

  async #connect(): Promise<void> {
    const dial = new Dial(this.#ports, this.target, this.#verifyTls, this.begunMs + this.#timeoutMs);
    this.#dial = dial;
    const result = await dial.run();
    if ('failed' in result) {
      this.#settle(result.failed);
      return;
    }
    try {
      this.#connected(result.socket, dial.address);
    } catch (error) {
      this.#settle(internalFailure(error));
    }
  }

  #connected(socket: Socket, address: string | null): void {
    if (this.#settled) {
      socket.on('error', ignore).destroy();
      return;
    }
    const { idle } = this.#ports;
    this.#dispatch(new Connection(this.#key, this.target.origin, address, socket, (closed) => idle.forget(closed)));
  }

  #dispatch(connection: Connection): void {
    this.#connection = connection;
    const { body, headers } = this.message;
    connection.dispatch({ path: this.target.path, method: 'POST', headers, body }, this, () => this.#exceed());
  }

  // What undici calls, in this order.

  onRequestStart(): void {
    this.#writtenMs = this.#ports.clock.monotonicMs();
  }

  onResponseStarted(): void {
    if (this.firstByteMs === null && this.#writtenMs !== null) this.firstByteMs = this.#ports.clock.monotonicMs() - this.#writtenMs;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#settled) return;
    if (status < 100 || status === 101) {
      this.#settle(failure('bad_http', status === 101 ? 'an upgrade that nobody asked for' : `the status ${status} is none`));
      return;
    }
    if (status < 200) {
      this.#informational++;
      if (this.#informational > INFORMATIONAL_MAX)
        this.#settle(failure('bad_http', `more than ${INFORMATIONAL_MAX} informational answers`));
      return;
    }
    this.answer = new Answer(status, controller.rawHeaders);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled || this.answer === null) return;
    if (!this.answer.add(chunk)) this.#settle(null, false);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.answer?.end();
    this.#settle(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#settled) return;
    if (this.#writtenMs === null && this.reused) {
      this.#connection?.destroy();
      this.#connection = null;
      this.reused = false;
      void this.#connect();
      return;
    }
    this.#settle(
      error instanceof UnsentError
        ? failure('reset_before_answer', error.message)
        : exchangeFailure(error, this.stage, this.firstByteMs !== null),
    );
  }

  /** As of a body that goes on: with a status, the receiver has decided and only talks on. */
  #exceed(): void {
    if (this.answer === null) this.#settle(failure('bad_http', `more than ${ANSWER_BYTES_MAX} bytes without an answer`));
    else this.#settle(null, false);
  }

  #expire(): void {
    this.#settle(failure('timeout', `no complete answer within ${this.#timeoutMs} ms`));
  }

  /** @param reusable whether the connection may carry another exchange */
  #settle(failed: Failure | null, reusable: boolean = failed === null): void {
    if (this.#settled) return;
    this.#stage = this.stage;
    this.#settled = true;
    this.#cancelTimeout();
    this.failed = failed;
    this.totalMs = this.#ports.clock.monotonicMs() - this.begunMs;
    if (this.#connection === null) this.#dial?.cancel();
    else if (reusable) this.#ports.idle.put(this.#connection);
    else this.#connection.destroy();
    this.#onSettled(this);
  }
}

function ignore(): void {}
