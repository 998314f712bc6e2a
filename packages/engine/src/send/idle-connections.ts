// Idle connections: the kept-alive ones between two exchanges, found by origin and TLS settings.
//
// The one used last is used next, so that the rest grow old and close; at most so many are kept in all, the oldest going
// first. What the peer or the keep-alive time-out closes leaves by itself. An origin without idle connections costs nothing.

import type { Connection } from './connection.ts';

export class IdleConnections {
  readonly #max: number;
  readonly #byKey = new Map<string, Connection[]>();
  readonly #oldestFirst = new Set<Connection>();
  #closed = false;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#oldestFirst.size;
  }

  /** A connection to use now, or null when a new one must be dialled. */
  take(key: string): Connection | null {
    const list = this.#byKey.get(key);
    if (list === undefined) return null;
    for (let connection = list.pop(); connection !== undefined; connection = list.pop()) {
      this.#oldestFirst.delete(connection);
      if (connection.usable) {
        if (list.length === 0) this.#byKey.delete(key);
        return connection;
      }
      connection.destroy();
    }
    this.#byKey.delete(key);
    return null;
  }

  /**
   * Takes a connection whose exchange is over; closes it when it may not carry another. The answer of a near receiver can be
   * read before the socket has told that the request was written, always so over TLS: it has a turn of the event loop to.
   */
  put(connection: Connection): void {
    if (connection.usable) this.#keep(connection);
    else setImmediate(() => (connection.usable && !this.#closed ? this.#keep(connection) : connection.destroy()));
  }

  #keep(connection: Connection): void {
    const list = this.#byKey.get(connection.key);
    if (list === undefined) this.#byKey.set(connection.key, [connection]);
    else list.push(connection);
    this.#oldestFirst.add(connection);
    if (this.#oldestFirst.size > this.#max) {
      for (const oldest of this.#oldestFirst) {
        this.forget(oldest);
        oldest.destroy();
        break;
      }
    }
  }

  /** Takes out a connection that closed; without effect on one that is in use. */
  forget(connection: Connection): void {
    if (!this.#oldestFirst.delete(connection)) return;
    const list = this.#byKey.get(connection.key);
    if (list === undefined) return;
    const index = list.indexOf(connection);
    if (index >= 0) list.splice(index, 1);
    if (list.length === 0) this.#byKey.delete(connection.key);
  }

  closeAll(): void {
    this.#closed = true;
    const all = [...this.#oldestFirst];
    this.#byKey.clear();
    this.#oldestFirst.clear();
    for (const connection of all) connection.destroy();
  }
}
