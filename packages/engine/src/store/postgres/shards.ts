// Shards: which of them this node has, as it knows, and what it tells of them.
//
// The table says whose a shard is, and changes when its owner has given it up or lost its lease (sharing-schema.ts). A node
// that has more than its share asks whoever works on them to give the rest up, and frees them once that has happened. Which
// ones is the same each time (the highest numbers), so that as few as possible move.

import type { SharingWatcher } from '../sharing.ts';

export class Shards {
  readonly #watchers: SharingWatcher[] = [];
  readonly #owned = new Set<number>();
  /** Of these, the ones that others are to have. */
  readonly #asked = new Set<number>();
  /** Given up, and not freed in the table yet. */
  readonly #given = new Set<number>();
  #share = 0;

  /** Whether it is to have more than it has. */
  get wantsMore(): boolean {
    return this.#owned.size < this.#share;
  }

  get owned(): readonly number[] {
    return [...this.#owned];
  }

  get watchers(): readonly SharingWatcher[] {
    return this.#watchers;
  }

  /** What is to be freed. */
  get given(): readonly number[] {
    return [...this.#given];
  }

  watch(watcher: SharingWatcher): void {
    this.#watchers.push(watcher);
    if (this.#owned.size > 0) watcher.gained(this.owned);
    if (this.#asked.size > 0) watcher.asked([...this.#asked]);
  }

  gaveUp(shards: readonly number[]): void {
    for (const shard of shards) {
      this.#asked.delete(shard);
      if (this.#owned.delete(shard)) this.#given.add(shard);
    }
  }

  /** What the table says: which shards are this node's, how many it is to have; `freed` were freed with it. */
  seen(inTable: readonly number[], share: number, freed: readonly number[]): void {
    this.#share = share;
    for (const shard of freed) this.#given.delete(shard);
    const gained = inTable.filter((shard) => !this.#owned.has(shard) && !this.#given.has(shard));
    for (const shard of gained) this.#owned.add(shard);
    if (gained.length > 0) for (const watcher of this.#watchers) watcher.gained(gained);
    const surplus = this.#owned.size - this.#asked.size - share;
    if (surplus <= 0) return;
    const asked = [...this.#owned].filter((shard) => !this.#asked.has(shard)).toSorted((a, b) => b - a);
    asked.length = surplus;
    for (const shard of asked) this.#asked.add(shard);
    if (this.#watchers.length === 0) this.gaveUp(asked); // nobody works on them
    for (const watcher of this.#watchers) watcher.asked(asked);
  }

  /** It has none any more, and nobody is told. */
  clear(): void {
    for (const set of [this.#owned, this.#asked, this.#given]) set.clear();
  }
}
