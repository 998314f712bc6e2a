// Server-sent events, parsed (HTML Standard 9.2.6), as far as Waxwing sends them: `id`, `event`, `data`, comments.

/** One block. `data` null for one that only moves the place on. */
export interface SentEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: string | null;
}

/** Takes text as it comes, in any pieces, and gives what is whole. */
export class EventParser {
  #rest = '';
  #id: string | null = null;
  #event = '';
  #data: string[] = [];

  push(text: string): readonly SentEvent[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const events: SentEvent[] = [];
    for (const line of lines) {
      const event = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #line(line: string): SentEvent | null {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id') this.#id = value;
    else if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    return null;
  }

  #end(): SentEvent | null {
    const ended = { id: this.#id, event: this.#event, data: this.#data.length === 0 ? null : this.#data.join('\n') };
    this.#id = null;
    this.#event = '';
    this.#data = [];
    return ended.id === null && ended.data === null ? null : ended;
  }
}
