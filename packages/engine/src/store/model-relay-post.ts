// The model's relay post, on the disk's side.

import type { ListenerRow, RelayMail } from './relay-post.ts';
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
