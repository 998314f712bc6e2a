// The receiver: from a request to an answer, whatever framework carries it.
//
// 1. No handler runs before the signature holds, unless validation was switched off by name.
// 2. 200 means that every handler for the event has finished, or, with an inbox, that the event is durably kept; a handler
//    that throws makes the answer 500, so that the sender tries again.
// 3. Without a usable secret it cannot be made at all.

import { WaxwingError } from '@waxwing/protocol/errors';
import type { EventsOf, SenderInput } from '../catalogue.ts';
import { answerChallenge, answerSubscription } from '../challenge.ts';
import { eventKey } from '../dedupe/event-key.ts';
import type { EventKey } from '../dedupe/event-key.ts';
import { Once } from '../dedupe/once.ts';
import type { DedupeOptions } from '../dedupe/once.ts';
import type { DedupeStore, Lease } from '../dedupe/store.ts';
import { readEvent } from '../event.ts';
import type { EventUnion, ReceivedEvent } from '../event.ts';
import { answerOfHandling } from '../handling.ts';
import type { Handling } from '../handling.ts';
import { keptHeaders, requestOf } from '../inbox/message.ts';
import type { EventInbox, InboxOwner } from '../inbox/message.ts';
import type { Runtime } from '../runtime.ts';
import type { Scheme } from '../scheme.ts';
import { payloadFaults } from '../schema/payload-schema.ts';
import type { PayloadSchemas } from '../schema/payload-schema.ts';
import { createJudge, secretFault } from '../verify/judge.ts';
import type { VerifyOptions } from '../verify/judge.ts';
import { readBody } from '../verify/request.ts';
import type { ReceivedRequest } from '../verify/request.ts';
import type { VerifyResult } from '../verify/result.ts';
import { schemeOf } from '../verify/sender.ts';
import { answerOfRefusal, ONLY_POST, problem } from './answer.ts';
import type { Answer, HandlerResult } from './answer.ts';
import { faultsText, logLine } from './notice.ts';
import type { ReceiverNotice } from './notice.ts';

/** What a handler is told beside the event. */
export interface HandlerContext {
  readonly request: ReceivedRequest;
  /** What a dedupe store's `finishWithin` takes; null without dedupe, and for events that cannot be told apart. */
  readonly lease: Lease | null;
  /** Which try of an inbox this is, from 1. Without an inbox always 1: only the sender counts its tries. */
  readonly attempt: number;
}

export type Handler<Event> = (event: Event, context: HandlerContext) => HandlerResult | void | Promise<HandlerResult | void>;

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
  /**
   * The public URL senders were given; needed by those that sign it (Twilio, Square, HubSpot). A request that comes with a query
   * of its own was called with that one: it takes the place of this URL's.
   */
  readonly publicUrl?: string;
  /** What the data of events must look like, by type; one that does not is answered 422 and reaches no handler. Default: not looked at. */
  readonly schemas?: PayloadSchemas;
  /** The token that you gave a sender which subscribes by GET (Meta's `hub.verify_token`). Without it such a GET is 405. */
  readonly verifyToken?: string;
  /** Remembers what was handled, so that a second delivery of an event is answered 200 and not handled again. */
  readonly dedupe?: DedupeStore | DedupeOptions;
  /** Answers at once, when the event is durably kept, and handles it after. Without it the answer waits for the handlers. */
  readonly inbox?: EventInbox;
  /** Where notices go. Default: one line on standard error. */
  readonly log?: (notice: ReceiverNotice) => void;
}

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
  readonly #schemas: PayloadSchemas;
  readonly #verifyToken: string | undefined;
  readonly #runtime: Runtime;
  readonly #log: (notice: ReceiverNotice) => void;
  readonly #handlers = new Map<string, KeptHandler[]>();
  readonly #anyHandlers: KeptHandler[] = [];
  readonly #unknownHandlers: KeptHandler[] = [];
  readonly #once: Once | null;
  readonly #key: EventKey;
  readonly #inbox: EventInbox | null;
  readonly #inboxOwner: InboxOwner;
  #inboxStarted = false;

  /** @throws WaxwingError `invalid_secret` without a secret that can verify; `unknown_profile` */
  constructor(options: ReceiverOptions<Sender>, runtime: Runtime) {
    this.#scheme = schemeOf(options.profile);
    this.#secrets = [...(options.secret === undefined ? [] : [options.secret]), ...(options.secrets ?? [])];
    this.#publicUrl = options.publicUrl;
    this.#schemas = options.schemas ?? {};
    this.#verifyToken = options.verifyToken;
    this.#runtime = runtime;
    this.#log = options.log ?? logLine;
    const defaultKey = eventKey(this.#scheme.name, runtime.sha256Hex);
    const storeFailed = (error: unknown): void => this.#log({ kind: 'store_failed', store: 'dedupe', error });
    this.#once = options.dedupe === undefined ? null : new Once(options.dedupe, defaultKey, storeFailed);
    this.#key = this.#once?.key ?? defaultKey;
    this.#inbox = options.inbox ?? null;
    this.#inboxOwner = {
      handle: (message) => {
        const request = requestOf(message);
        return this.#handle(readEvent(this.#scheme.event, this.#scheme.signature, request.headers, message.body), request, message.attempt);
      },
      notice: (notice) => this.#log(notice),
    };
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
    this.#verify = (request) => runtime.settle(judge(request, this.#secrets, judging));
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
    const signed = { ...request, url: signedUrl(this.#publicUrl, request.url) };
    const result = this.#verify === null ? this.#unverified(signed) : await this.#verify(signed);
    if (!result.ok) {
      this.#log({ kind: 'refused', reason: result.reason, explanation: result.explain() });
      return answerOfRefusal(result.reason);
    }
    const { event, secretIndex } = result;
    const challenge = await answerChallenge(this.#scheme, event, request.headers, this.#secrets[secretIndex] ?? '', this.#runtime);
    if (challenge !== null) return challenge;
    if (event.bodyForm === 'text') {
      this.#log({ kind: 'unreadable', explanation: `A verified request of ${this.#scheme.name} has a body that is not JSON.` });
      return problem(400, 'invalid_json', 'The body is not valid JSON');
    }
    const mismatch = await this.#mismatch(event);
    if (mismatch !== null) return mismatch;
    const whole = { ...request, url: signed.url ?? request.url };
    return answerOfHandling(this.#inbox === null ? await this.#handle(event, whole, 1) : await this.#keep(this.#inbox, event, whole));
  }

  /** The answer to a request that is no POST: to a sender that subscribes by GET, else 405. */
  otherMethod(method: string | undefined, url: string | undefined): Answer {
    const subscription = method === 'GET' ? answerSubscription(this.#scheme, url ?? '', this.#verifyToken) : null;
    return subscription ?? ONLY_POST;
  }

  /**
   * The answer where something read the request before, and its bytes are gone.
   * @param fix how that framework keeps them. Told in the log and in the answer: whoever reads it is setting this receiver up
   */
  bodyWasParsed(fix: string): Answer {
    const explanation = `The body was read or parsed before the receiver got it, so the bytes that were signed are gone. ${fix}`;
    this.#log({ kind: 'refused', reason: 'body_was_parsed', explanation });
    return problem(500, 'body_was_parsed', 'The receiver cannot verify requests as it is set up', {}, explanation);
  }

  /** Opens the inbox, if there is one, and begins to handle what it kept. The first request does so too. */
  async start(): Promise<void> {
    this.#inbox?.start(this.#inboxOwner);
    this.#inboxStarted = true;
  }

  /** Handles what the inbox has due, for a bounded time, and closes it. */
  async stop(): Promise<void> {
    await this.#inbox?.stop();
  }

  async #keep(inbox: EventInbox, event: ReceivedEvent, request: ReceivedRequest): Promise<Handling> {
    try {
      if (!this.#inboxStarted) await this.start();
      const places = [this.#scheme.event.id, this.#scheme.event.type].filter((place) => place !== null && !place.startsWith('/'));
      const kind = await inbox.accept({
        key: (await this.#key(event)) ?? `unnamed:${crypto.randomUUID()}`,
        headers: keptHeaders(request.headers, ['content-type', ...places.filter((place) => place !== null)]),
        body: event.raw,
        method: request.method ?? null,
        url: request.url ?? null,
      });
      return { kind };
    } catch (error) {
      this.#log({ kind: 'store_failed', store: 'inbox', error });
      return { kind: 'store_failed' };
    }
  }

  /** The answer to an event whose data does not match its schema; the sender proved itself, so it is told where. */
  async #mismatch({ type, id, data }: ReceivedEvent): Promise<Answer | null> {
    try {
      const faults = await payloadFaults(this.#schemas, type, data);
      if (faults.length === 0) return null;
      this.#log({ kind: 'schema_mismatch', type, id, faults });
      return problem(422, 'schema_mismatch', 'The event’s data does not match its schema', {}, faultsText(faults));
    } catch (error) {
      this.#log({ kind: 'handler_failed', type, id, error });
      return answerOfHandling({ kind: 'failed' });
    }
  }

  #handle(event: ReceivedEvent, request: ReceivedRequest, attempt: number): Promise<Handling> {
    if (this.#once === null) return this.#dispatch(event, { request, lease: null, attempt });
    return this.#once.run(event, (lease) => this.#dispatch(event, { request, lease, attempt }));
  }

  async #dispatch(event: ReceivedEvent, context: HandlerContext): Promise<Handling> {
    const own = this.#handlers.get(event.type) ?? this.#unknownHandlers;
    let answer: HandlerResult | null = null;
    try {
      for (const handler of [...this.#anyHandlers, ...own]) {
        const result = await handler.run(event, context);
        if (result !== undefined) answer ??= result;
      }
    } catch (error) {
      this.#log({ kind: 'handler_failed', type: event.type, id: event.id, error });
      return { kind: 'failed' };
    }
    return answer === null ? { kind: 'handled' } : { kind: 'result', result: answer };
  }

  #unverified(request: ReceivedRequest): VerifyResult<ReceivedEvent> {
    const reading = readBody(request.body);
    if (reading.kind === 'raw') {
      return { ok: true, event: readEvent(this.#scheme.event, this.#scheme.signature, request.headers, reading.body), secretIndex: 0 };
    }
    return { ok: false, reason: 'body_was_parsed', explain: () => 'The body’s bytes are needed, also when nothing is verified.' };
  }
}

/**
 * The URL as the sender called it. Behind a proxy only the public one is known, save the query, which proxies leave alone. A bare
 * path, as Node's servers have it, is no URL: a sender that signs it is then told that one is missing.
 */
function signedUrl(publicUrl: string | undefined, requested: string | undefined): string | undefined {
  if (publicUrl === undefined) return requested?.startsWith('/') === true ? undefined : requested;
  const query = requested?.indexOf('?') ?? -1;
  if (requested === undefined || query === -1) return publicUrl;
  const [before = ''] = publicUrl.split('?', 1);
  return before + requested.slice(query);
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
