// A session: one connection to one room, from joining to leaving.
//
// 1. The agent is registered at most once a session, after the room has let it in.
// 2. A session ends exactly once, and says how. It never rejects.
// 3. Leaving drains: the room is told to send no more calls, those that run finish (their answers are sent) up to a limit,
//    and only then the connection closes.

import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostedToolkit, RoomClient } from '@meshagent/meshagent';
import type { Agent, AgentContext, AskOutcome } from './agent.ts';
import type { RoomChannel } from './channel.ts';
import { sdk } from './sdk.ts';
import { toolkitOf } from './toolkit.ts';

/** How a session ended. */
export type SessionEnd =
  | { readonly kind: 'left' }
  | { readonly kind: 'dismissed' }
  | { readonly kind: 'closed' }
  /** The room does not let this token in; another try would end the same. */
  | { readonly kind: 'shut_out'; readonly error: unknown }
  | { readonly kind: 'lost'; readonly error: unknown };

export interface SessionSettings {
  readonly agent: Agent;
  readonly roomName: string;
  readonly callArguments: { readonly [name: string]: unknown };
  /** How long joining and registering may take. */
  readonly joinTimeoutMs: number;
  /** How long `leave` waits for calls that run. */
  readonly drainTimeoutMs: number;
  readonly onJoined: () => void;
  readonly onOutcome: (outcome: AskOutcome) => void;
}

/** How long a room may take to confirm that it sends no more calls. */
const UNREGISTER_LIMIT_MS = 1000;
/** What a room answers a handshake when the token is wrong (401), not for this room (403), or the room is not there (404). */
const SHUT_OUT: readonly number[] = [401, 403, 404];

export class Session {
  readonly #settings: SessionSettings;
  readonly #channel: RoomChannel;
  readonly #client: RoomClient;
  readonly #ended: PromiseWithResolvers<SessionEnd> = Promise.withResolvers();
  readonly #gone = new AbortController();
  readonly #calls = new Set<Promise<void>>();
  readonly #caller = new AsyncLocalStorage<string | null>();
  #hosted: HostedToolkit | null = null;
  #leaving: Promise<void> | null = null;

  /** Begins to join at once: a room that dialled in may send its first message with the handshake. */
  constructor(channel: RoomChannel, settings: SessionSettings) {
    this.#channel = channel;
    this.#settings = settings;
    this.#client = new sdk.RoomClient({
      protocolFactory: () =>
        new WatchedProtocol(channel, {
          onMessage: (type, data, handle) => this.#watch(type, data, handle),
          onUnreadable: (error) => this.#lose(error),
        }),
      reconnectTimeout: 0, // a lost session is followed by another one (visit.ts), whose timers can be stopped
    });
    this.#client.ready.catch(() => {}); // `start` says the same; this promise alone would end the process
    this.#client.messaging.on('message', ({ message }) => {
      if (message.type === 'dismiss') this.#end({ kind: 'dismissed' });
    });
    void this.#join();
  }

  /** Resolves when the session is over; where calls still run, they are drained by then. */
  async ended(): Promise<SessionEnd> {
    const end = await this.#ended.promise;
    await this.leave();
    return end;
  }

  /** Drains and closes. Calling it again waits for the same end. */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #join(): Promise<void> {
    const late = setTimeout(() => this.#lose(new Error('the room did not answer in time')), this.#settings.joinTimeoutMs).unref();
    try {
      await this.#client.start();
      void this.#client.waitForClose().then(() => this.#closed());
      const toolkit = toolkitOf(this.#settings.agent, () => this.#context(), this.#settings.onOutcome);
      this.#hosted = await sdk.startHostedToolkit({ room: this.#client, toolkit, public_: true });
      if (this.#leaving === null) this.#settings.onJoined();
    } catch (error) {
      this.#lose(error);
    } finally {
      clearTimeout(late);
    }
  }

  async #leave(): Promise<void> {
    const limit = new AbortController();
    const drained = this.#drain().then(() => limit.abort());
    await Promise.race([drained, pause(this.#settings.drainTimeoutMs, limit.signal)]);
    limit.abort();
    this.#gone.abort();
    this.#client.dispose();
    await this.#channel.closed;
    this.#ended.resolve({ kind: 'left' }); // where it has ended already, this changes nothing
  }

  async #drain(): Promise<void> {
    if (this.#client.isClosed) return; // nobody is there to answer to
    const confirmed = new AbortController();
    const unregistered = this.#hosted?.stop().catch(() => {}); // a room that refuses this is left all the same
    await Promise.race([unregistered, pause(UNREGISTER_LIMIT_MS, confirmed.signal)]);
    confirmed.abort();
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
  }

  #closed(): void {
    const { closeKind, closeReason } = this.#client;
    if (closeKind === sdk.ProtocolCloseKind.ERROR) this.#lose(new Error(closeReason ?? 'the connection broke'));
    else this.#end({ kind: 'closed' });
  }

  #lose(error: unknown): void {
    const { refusedStatus } = this.#channel;
    this.#end({ kind: refusedStatus !== null && SHUT_OUT.includes(refusedStatus) ? 'shut_out' : 'lost', error });
  }

  /** While it leaves, everything that closing brings about is expected. */
  #end(end: SessionEnd): void {
    if (this.#leaving === null) this.#ended.resolve(end);
  }

  /** Every message passes here. A call counts until its answer is sent. */
  #watch(type: string, data: Uint8Array, handle: () => Promise<void>): Promise<void> {
    if (type !== `room.tool_call.${this.#settings.agent.name}`) return handle();
    const call = this.#caller.run(callerOf(data), handle).finally(() => this.#calls.delete(call));
    this.#calls.add(call);
    return call;
  }

  #context(): AgentContext {
    const { roomName, callArguments } = this.#settings;
    return { roomName, callArguments, room: this.#client, callerId: this.#caller.getStore() ?? null, signal: this.#gone.signal };
  }
}

interface Watcher {
  onMessage(type: string, data: Uint8Array, handle: () => Promise<void>): Promise<void>;
  onUnreadable(error: unknown): void;
}

/**
 * The SDK's protocol, with every message shown to its session: a hosted toolkit says neither who calls nor when the answer
 * is sent. A packet that cannot be read ends the session; by itself the SDK would let it end the process.
 */
class WatchedProtocol extends sdk.Protocol {
  readonly #watcher: Watcher;

  constructor(channel: RoomChannel, watcher: Watcher) {
    super({ channel });
    this.#watcher = watcher;
  }

  override async handleMessage(messageId: number, type: string, data: Uint8Array): Promise<void> {
    await this.#watcher.onMessage(type, data, () => super.handleMessage(messageId, type, data));
  }

  override onDataReceived(packet: Uint8Array): void {
    try {
      super.onDataReceived(packet);
    } catch (error) {
      this.#watcher.onUnreadable(error);
    }
  }
}

function callerOf(data: Uint8Array): string | null {
  const [header]: [{ readonly [name: string]: unknown }, Uint8Array] = sdk.unpackMessage(data);
  return typeof header['caller_id'] === 'string' ? header['caller_id'] : null;
}

/** Resolves after a while, or at once when the signal says so. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
