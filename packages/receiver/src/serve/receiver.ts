// The receiver: from a request to an answer, whatever framework carries it.
//
// 1. No handler runs before the signature holds, unless validation was switched off by name.
// 2. 200 means that every handler for the event has finished; one that throws makes the answer 500, so that the sender
//    tries again.
// 3. Without a usable secret it cannot be made at all.

import { WaxwingError } from '@waxwing/protocol/errors';
import type { EventsOf, SenderInput } from '../catalogue.ts';
import { readEvent } from '../event.ts';
import type { EventUnion, ReceivedEvent } from '../event.ts';
import type { Scheme } from '../scheme.ts';
import { createJudge, secretFault } from '../verify/judge.ts';
import type { VerifyOptions } from '../verify/judge.ts';
import type { Asking } from '../verify/question.ts';
import { readBody } from '../verify/request.ts';
import type { ReceivedRequest } from '../verify/request.ts';
import type { Refused, VerifyResult } from '../verify/result.ts';
import { schemeOf } from '../verify/sender.ts';
import { answerOfRefusal, answerOfResult, problem, RECEIVED } from './answer.ts';
import type { Answer, HandlerResult } from './answer.ts';

/** What a handler is told beside the event. */
export interface HandlerContext {
  readonly request: ReceivedRequest;
}

export type Handler<Event> = (event: Event, context: HandlerContext) => HandlerResult | void | Promise<HandlerResult | void>;

/** One line of what went wrong, for the receiver's own log. */
export type ReceiverNotice =
  | { readonly kind: 'refused'; readonly reason: Refused['reason']; readonly explanation: string }
  | { readonly kind: 'unreadable'; readonly explanation: string }
  | { readonly kind: 'handler_failed'; readonly type: string; readonly id: string | null; readonly error: unknown };

export interface ReceiverOptions<Sender> {
  /** Whose webhooks these are: a profile, another known sender, a scheme of your own, or a custom profile. */
  readonly profile: Sender;
  readonly secret?: string | undefined;
  /** Several, during a rotation; together with `secret` if both are given. */
  readonly secrets?: readonly string[];
  /** False takes every request unverified: for a first look on your own machine only. */
  readonly validate?: boolean;
  readonly toleranceSeconds?: number;
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
  /** The public URL senders were given; needed by those that sign it (Twilio, Square, HubSpot). */
  readonly publicUrl?: string;
  /** Where notices go. Default: one line on standard error. */
  readonly log?: (notice: ReceiverNotice) => void;
}

/** How a runtime settles a run of questions. */
export type Settle = (asking: Asking<VerifyResult<ReceivedEvent>>) => VerifyResult<ReceivedEvent> | Promise<VerifyResult<ReceivedEvent>>;

/**
 * A handler as it is kept. A method, since those may take a narrower event than they are called with: which events reach
 * which handler is decided by their type at run time.
 */
interface KeptHandler {
  run(event: ReceivedEvent, context: HandlerContext): HandlerResult | void | Promise<HandlerResult | void>;
}

export class EventReceiver<const Sender extends SenderInput, Events = EventsOf<Sender>> {
  readonly #scheme: Scheme;
  readonly #secrets: readonly string[];
  readonly #verify: ((request: ReceivedRequest) => VerifyResult<ReceivedEvent> | Promise<VerifyResult<ReceivedEvent>>) | null;
  readonly #publicUrl: string | undefined;
  readonly #log: (notice: ReceiverNotice) => void;
  readonly #handlers = new Map<string, KeptHandler[]>();
  readonly #anyHandlers: KeptHandler[] = [];
  readonly #unknownHandlers: KeptHandler[] = [];

  /** @throws WaxwingError `invalid_secret` without a secret that can verify; `unknown_profile` */
  constructor(options: ReceiverOptions<Sender>, settle: Settle) {
    this.#scheme = schemeOf(options.profile);
    this.#secrets = [...(options.secret === undefined ? [] : [options.secret]), ...(options.secrets ?? [])];
    this.#publicUrl = options.publicUrl;
    this.#log = options.log ?? logLine;
    if (options.validate === false) {
      this.#verify = null;
      return;
    }
    checkSecrets(this.#scheme, this.#secrets);
    const judge = createJudge(this.#scheme);
    const judging: VerifyOptions = {
      diagnose: false, // the bytes are read here, so nothing can have printed them again
      ...(options.toleranceSeconds !== undefined && { toleranceSeconds: options.toleranceSeconds }),
      ...(options.now !== undefined && { now: options.now }),
    };
    this.#verify = (request) => settle(judge(request, this.#secrets, judging));
  }

  /** Calls the handler for each event of one type. Handlers of a type run one after the other, in the order they were added. */
  on<Type extends keyof Events & string>(type: Type, handler: Handler<ReceivedEvent<Type, Events[Type]>>): this {
    const handlers = this.#handlers.get(type) ?? [];
    handlers.push({ run: handler });
    this.#handlers.set(type, handlers);
    return this;
  }

  /** Calls the handler for every event, before those of its type. */
  onAny(handler: Handler<EventUnion<Events>>): this {
    this.#anyHandlers.push({ run: handler });
    return this;
  }

  /** Calls the handler for each event whose type has no handler of its own. Without one such events are answered 200. */
  onUnknown(handler: Handler<ReceivedEvent>): this {
    this.#unknownHandlers.push({ run: handler });
    return this;
  }

  /** Verifies a request, runs the handlers, and says what to answer. Never rejects. */
  async receive(request: ReceivedRequest): Promise<Answer> {
    const whole = this.#publicUrl === undefined ? request : { ...request, url: this.#publicUrl };
    const result = this.#verify === null ? this.#unverified(whole) : await this.#verify(whole);
    if (!result.ok) {
      this.#log({ kind: 'refused', reason: result.reason, explanation: result.explain() });
      return answerOfRefusal(result.reason);
    }
    const { event } = result;
    if (event.bodyForm === 'text') {
      this.#log({ kind: 'unreadable', explanation: `A verified request of ${this.#scheme.name} has a body that is not JSON.` });
      return problem(400, 'invalid_json', 'The body is not valid JSON');
    }
    return this.#dispatch(event, { request: whole });
  }

  async #dispatch(event: ReceivedEvent, context: HandlerContext): Promise<Answer> {
    const own = this.#handlers.get(event.type) ?? this.#unknownHandlers;
    let answer: Answer | null = null;
    try {
      for (const handler of [...this.#anyHandlers, ...own]) {
        const result = await handler.run(event, context);
        if (result !== undefined) answer ??= answerOfResult(result);
      }
    } catch (error) {
      this.#log({ kind: 'handler_failed', type: event.type, id: event.id, error });
      return problem(500, 'handler_failed', 'The event could not be handled');
    }
    return answer ?? RECEIVED;
  }

  #unverified(request: ReceivedRequest): VerifyResult<ReceivedEvent> {
    const reading = readBody(request.body);
    if (reading.kind === 'raw') {
      return { ok: true, event: readEvent(this.#scheme.event, this.#scheme.signature, request.headers, reading.body), secretIndex: 0 };
    }
    return { ok: false, reason: 'body_was_parsed', explain: () => 'The body’s bytes are needed, also when nothing is verified.' };
  }
}

function checkSecrets(scheme: Scheme, secrets: readonly string[]): void {
  if (secrets.length === 0) {
    throw new WaxwingError(
      'invalid_secret',
      `No secret was given, so nothing that claims to come from ${scheme.name} could be verified. Give \`secret\` (is the environment variable set?), or \`validate: false\` to take unverified requests.`,
    );
  }
  for (const secret of secrets) {
    const fault = secretFault(scheme, secret);
    if (fault !== null) throw new WaxwingError('invalid_secret', `The secret for ${scheme.name} cannot be used: ${fault}.`);
  }
}

/** The default log: one line a notice. */
export function logLine(notice: ReceiverNotice): void {
  switch (notice.kind) {
    case 'refused':
      return console.warn(`webhook refused (${notice.reason}): ${notice.explanation}`);
    case 'unreadable':
      return console.warn(`webhook unreadable: ${notice.explanation}`);
    case 'handler_failed':
      return console.error(`webhook handler failed (${notice.type} ${notice.id ?? ''}):`, notice.error);
  }
}
