// The model's relay post: on the disk's side, and a node's.

import type { ModelCluster } from './model-cluster.ts';
import type { ListenerRow, RelayMail, RelayPost } from './relay-post.ts';
import { shardOf } from './sharing.ts';

export class ModelRelayPost {
  readonly #listeners = new Map<number, ListenerRow>();
  #mail: readonly RelayMail[] = [];

  get isInUse(): boolean {
    return this.#listeners.size + this.#mail.length > 0;
  }

  attach(listener: ListenerRow): void {
    this.#listeners.set(listener.endpointSeq, listener);
  }

  detach(endpointSeq: number, token: string): void {
    if (this.#listeners.get(endpointSeq)?.token === token) this.#listeners.delete(endpointSeq);
  }

  send(mail: RelayMail): void {
    this.#mail = [...this.#mail, mail];
  }

  /** Mail for nodes that are gone goes with it. */
  take(
    source: number,
    shards: readonly number[],
    isThere: (source: number) => boolean,
  ): { readonly listeners: readonly ListenerRow[]; readonly mail: readonly RelayMail[] } {
    const isMine = ({ to, endpointSeq }: RelayMail): boolean => (to === null ? shards.includes(shardOf(endpointSeq)) : to === source);
    const mail = this.#mail.filter(isMine);
    this.#mail = this.#mail.filter((one) => !isMine(one) && (one.to === null || isThere(one.to)));
    return { listeners: [...this.#listeners.values()], mail };
  }

  /** A node's lease has ended. */
  nodeGone(source: number): void {
    for (const listener of this.#listeners.values()) if (listener.source === source) this.#listeners.delete(listener.endpointSeq);
    this.#mail = this.#mail.filter(({ to }) => to !== source);
  }
}

/** @param entered asks the disk as a node, whose number the effect is given; refuses where it is one no longer */
export function relayPostOf({ relayPost, nodes }: ModelCluster, entered: <T>(effect: (source: number) => T) => Promise<T>): RelayPost {
  return {
    attach: (endpointSeq, token) => entered((source) => relayPost.attach({ endpointSeq, source, token })),
    detach: (endpointSeq, token) => entered(() => relayPost.detach(endpointSeq, token)),
    send: (mail) => entered(() => relayPost.send(mail)),
    take: (shards) => entered((source) => relayPost.take(source, shards, (other) => nodes.has(other))),
  };
}
