// The relay among nodes: a listener is attached where the load balancer put it; the messages come from whoever works for its
// endpoint, and its answers go there.
//
//  1. The node that works for an endpoint serves its listener wherever that is, as if it were attached there: order, time-outs
//     and outcomes are the relay sender's. A listener's own node only carries.
//  2. Which listeners there are the store says (relay-post.ts), looked at with every turn of the membership. A shard's new
//     owner finds them there, and what was handed over before comes again, with the same attempt id.
//  3. What may have been lost on the way ends the listening, and it begins anew: nobody waits for what does not come.
//  4. What lies in the store on its way is sealed.

import type { ListenerMessage, RelayResult } from '@waxwing/protocol';
import { awayBecause, awayError } from '../commit/away.ts';
import type { Log, Randomness } from '../ports.ts';
import type { Registry } from '../registry.ts';
import type { RelaySender } from '../send/relay-sender.ts';
import { RelaySession } from '../send/relay-session.ts';
import type { ListenerRow, RelayMail } from '../store/relay-post.ts';
import type { EndpointRow } from '../store/rows.ts';
import type { Sharing } from '../store/store.ts';
import type { Vault } from '../vault.ts';
import type { Ownership } from './ownership.ts';

export interface RelayAmongNodesOptions {
  readonly sharing: Sharing;
  readonly ownership: Ownership;
  readonly registry: Registry;
  readonly relay: RelaySender;
  readonly vault: Vault;
  readonly randomness: Randomness;
  readonly log: Log;
  /** How many deliveries of an endpoint wait. */
  readonly waiting: (endpointSeq: number) => number;
  /** A turn is to be taken soon. */
  readonly look: () => void;
}

/** One that is attached here. */
interface Here {
  readonly token: string;
  readonly endpointSeq: number;
  readonly session: RelaySession;
  /** Whether it stands in the store. */
  isKnown: boolean;
  isReady: boolean;
}

/** One that this node works for, wherever it is. */
interface Served {
  readonly token: string;
  readonly session: RelaySession;
}

type Carried = { readonly token: string; readonly message: ListenerMessage } | { readonly results: readonly RelayResult[] };

const SEALED_FOR = 'relay';

export class RelayAmongNodes {
  readonly #options: RelayAmongNodesOptions;
  readonly #here = new Map<RelaySession, Here>();
  readonly #served = new Map<number, Served>();

  constructor(options: RelayAmongNodesOptions) {
    this.#options = options;
  }

  /** A listener is here. Its session begins when whoever works for its endpoint knows. */
  attach({ id, seq }: EndpointRow): RelaySession {
    const { randomness, sharing, look } = this.#options;
    const token = Buffer.from(randomness.bytes(16)).toString('hex');
    const session = new RelaySession(id);
    const here: Here = { token, endpointSeq: seq, session, isKnown: false, isReady: false };
    this.#here.set(session, here);
    sharing.relayPost.attach(seq, token).then(
      () => {
        here.isKnown = true;
        look();
      },
      (error: unknown) => this.#lose(here, error),
    );
    return session;
  }

  /** It is gone. Idempotent. */
  detach(session: RelaySession): void {
    session.end(null);
    const here = this.#here.get(session);
    if (here === undefined) return;
    this.#here.delete(session);
    this.#remove(here.endpointSeq, here.token);
  }

  detachAll(): void {
    for (const session of Array.from(this.#here.keys())) this.detach(session);
  }

  /** Takes what a listener says, for this node or whoever it is for; answers how many were waited for, or were passed on. Rejects with `store_unavailable`. */
  async answer({ id, seq }: EndpointRow, results: readonly RelayResult[]): Promise<number> {
    const { ownership, relay, sharing } = this.#options;
    if (ownership.owns(seq)) return relay.answer(id, results);
    await sharing.relayPost.send({ to: null, endpointSeq: seq, body: this.#sealed({ results }) }).catch((error: unknown) => {
      throw awayError(awayBecause(error), error);
    });
    return results.length;
  }

  /** Whether there is something to look for, also where the store says that there is none. */
  get isBusy(): boolean {
    return this.#here.size + this.#served.size + this.#options.registry.attachedElsewhere.size > 0;
  }

  /** Looks who listens, and takes what came; whether anything did. Rejects with StoreError. */
  async look(): Promise<boolean> {
    const known = [...this.#here.values()].filter(({ isKnown }) => isKnown);
    const { sharing, ownership } = this.#options;
    try {
      const { listeners, mail } = await sharing.relayPost.take(ownership.shards);
      for (const one of mail) this.#came(one);
      this.#seen(listeners, known);
      return mail.length > 0;
    } catch (error) {
      for (const here of this.#here.values()) this.#lose(here, error);
      this.#leave(() => true);
      throw error;
    }
  }

  /** Shards are another's from now on. */
  leave(): void {
    this.#leave((endpointSeq) => !this.#options.ownership.owns(endpointSeq));
  }

  #leave(left: (endpointSeq: number) => boolean): void {
    for (const [endpointSeq, { session }] of this.#served) {
      if (!left(endpointSeq)) continue;
      this.#served.delete(endpointSeq);
      this.#options.relay.detach(session, null);
    }
  }

  #seen(listeners: readonly ListenerRow[], known: readonly Here[]): void {
    const { ownership, registry, sharing } = this.#options;
    const there = new Map(listeners.map((row) => [row.endpointSeq, row]));
    this.#leave((endpointSeq) => !there.has(endpointSeq));
    registry.attachedElsewhere.clear();
    for (const row of listeners) {
      const entry = registry.endpoint(row.endpointSeq);
      const isMine = row.source === sharing.source;
      if (isMine && ![...this.#here.values()].some(({ token }) => token === row.token)) this.#remove(row.endpointSeq, row.token);
      else if (entry === undefined) continue;
      else if (!ownership.owns(row.endpointSeq)) registry.attachedElsewhere.add(entry.row.id);
      else if (this.#served.get(row.endpointSeq)?.token !== row.token) this.#serve(row, entry.row);
    }
    for (const { session, endpointSeq, token } of known) {
      if (registry.endpoint(endpointSeq) === undefined) session.end('deleted');
      else if (!there.has(endpointSeq)) session.end(null);
      else if (there.get(endpointSeq)?.token !== token) session.end('replaced');
    }
  }

  /** From now on its messages go there. Who was attached before hears that it was replaced. */
  #serve({ endpointSeq, source, token }: ListenerRow, { id }: EndpointRow): void {
    const { relay, waiting } = this.#options;
    const session = relay.attach(id);
    this.#served.set(endpointSeq, { token, session });
    session.push({ kind: 'ready', data: { listener: id, waiting: waiting(endpointSeq) } });
    void this.#carry(session, (message) => this.#send(source, endpointSeq, { token, message })).catch((error: unknown) => {
      this.#options.log.warn('a message for a listener could not be passed on; it comes again', { endpoint: id, error: String(error) });
      relay.detach(session, null);
      if (this.#served.get(endpointSeq)?.session === session) this.#served.delete(endpointSeq);
    });
  }

  async #carry(session: RelaySession, send: (message: ListenerMessage) => Promise<void>): Promise<void> {
    for await (const message of session.messages()) await send(message);
  }

  async #send(source: number, endpointSeq: number, carried: Extract<Carried, { message: unknown }>): Promise<void> {
    const { sharing } = this.#options;
    if (source === sharing.source) this.#hand(carried.token, carried.message);
    else await sharing.relayPost.send({ to: source, endpointSeq, body: this.#sealed(carried) });
  }

  #came({ endpointSeq, body }: RelayMail): void {
    const carried = this.#opened(body);
    if (carried === null) return;
    if ('message' in carried) return this.#hand(carried.token, carried.message);
    const entry = this.#options.registry.endpoint(endpointSeq);
    if (entry !== undefined) this.#options.relay.answer(entry.row.id, carried.results);
  }

  /** To the listener itself. */
  #hand(token: string, message: ListenerMessage): void {
    const here = [...this.#here.values()].find((one) => one.token === token);
    if (here === undefined) return;
    if (message.kind === 'detached') return here.session.end(message.data.reason);
    if (message.kind === 'ready' && here.isReady) return; // its endpoint has gone from one node to another
    here.isReady ||= message.kind === 'ready';
    here.session.push(message);
  }

  #lose({ session, endpointSeq }: Here, error: unknown): void {
    this.#options.log.warn('a listener has lost the node that works for its endpoint', { endpointSeq, error: String(error) });
    this.detach(session);
  }

  /** Where that fails, the next look finds that nobody is here. */
  #remove(endpointSeq: number, token: string): void {
    this.#options.sharing.relayPost.detach(endpointSeq, token).then(this.#options.look, () => undefined);
  }

  #sealed(carried: Carried): string {
    return this.#options.vault.seal(JSON.stringify(carried), SEALED_FOR);
  }

  #opened(body: string): Carried | null {
    try {
      const carried: Carried = JSON.parse(this.#options.vault.open(body, SEALED_FOR)); // written by `#sealed`
      return carried;
    } catch (error) {
      this.#options.log.warn('what another node sent of a listener cannot be read', { error: String(error) });
      return null;
    }
  }
}
