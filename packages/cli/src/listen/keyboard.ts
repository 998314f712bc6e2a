// The keys of an interactive session: choose a message, send it again, see it whole, open it, filter what is shown.
//
// Only where stdin and stdout are a terminal. Raw mode is given back at the end, whatever the end. Ctrl-C is a signal here
// as anywhere: raw mode would swallow it.

import { checkEventTypes } from '@waxwing/protocol';

import { bold, cyan, dim, printable, red } from '../terminal.ts';
import type { Answered } from './news.ts';
import type { Exchanged } from './relay.ts';

/** A message that was answered, for looking back at. */
export interface Past {
  readonly news: Answered;
  readonly exchanged: Exchanged;
}

/** What a key asks for. */
export interface KeyDeeds {
  readonly past: readonly Past[];
  print(line: string): void;
  /** Delivers it again; says what came of the asking. */
  resend(past: Past): Promise<string>;
  /** Opens the console at a message. */
  open(past: Past | null): void;
  /** Shows only these types. */
  filter(patterns: readonly string[]): void;
  end(): void;
}

export const KEYS_LINE = 'Keys: ↑ ↓ choose · r resend · d details · f filter · o open in the console · q end';

const BODY_SHOWN = 4_000;
/** An arrow, or a character. */
// eslint-disable-next-line no-control-regex -- the escape character begins an arrow
const KEY = /\u001b\[[A-D]|[\s\S]/gu;

export class Keyboard {
  readonly #deeds: KeyDeeds;
  /** How many before the latest; 0 is the latest. */
  #back = 0;
  /** What is typed after `f`; null when nothing is. */
  #typed: string | null = null;

  constructor(deeds: KeyDeeds) {
    this.#deeds = deeds;
  }

  /** What a terminal in raw mode sends: a key, or several that were pressed fast or pasted. */
  press(text: string): void {
    for (const key of text.match(KEY) ?? []) this.#press(key);
  }

  #press(text: string): void {
    if (this.#typed !== null) return this.#type(text, this.#typed);
    switch (text) {
      case '\u001b[A':
        return this.#choose(1);
      case '\u001b[B':
        return this.#choose(-1);
      case 'r':
        return this.#resend();
      case 'd':
      case '\r':
        return this.#details();
      case 'o':
        return this.#deeds.open(this.#chosen());
      case 'f':
        this.#typed = '';
        return this.#deeds.print('Show which types? (such as meeting.*, payment.paid; empty for all) Then Enter.');
      case 'q':
      case '\u0003':
      case '\u0004':
        return this.#deeds.end();
      default:
        return text === '?' || text === 'h' ? this.#deeds.print(dim(KEYS_LINE)) : undefined;
    }
  }

  #chosen(): Past | null {
    return this.#deeds.past.at(-1 - this.#back) ?? null;
  }

  #choose(step: number): void {
    this.#back = Math.max(0, Math.min(this.#deeds.past.length - 1, this.#back + step));
    const past = this.#chosen();
    this.#deeds.print(
      past === null ? dim('Nothing came yet.') : `${cyan('›')} ${past.news.eventType} ${past.news.event} ${dim(resultOf(past))}`,
    );
  }

  #resend(): void {
    const past = this.#chosen();
    if (past === null) return this.#deeds.print(dim('Nothing came yet.'));
    this.#back = 0;
    this.#deeds.resend(past).then(
      (said) => this.#deeds.print(dim(said)),
      (error: unknown) => this.#deeds.print(red(error instanceof Error ? error.message : String(error))),
    );
  }

  #details(): void {
    const past = this.#chosen();
    if (past === null) return this.#deeds.print(dim('Nothing came yet.'));
    for (const line of detailLines(past)) this.#deeds.print(line);
  }

  #type(text: string, typed: string): void {
    if (text === '\u0003') return this.#deeds.end();
    if (text === '\u001b') this.#typed = null;
    else if (text === '\r' || text === '\n') this.#filter(typed);
    else if (text === '\u007f') this.#typed = typed.slice(0, -1);
    else this.#typed = typed + text;
  }

  #filter(typed: string): void {
    this.#typed = null;
    const patterns = typed.split(/[\s,]+/).filter((part) => part !== '');
    try {
      checkEventTypes(patterns.length === 0 ? ['*'] : patterns);
    } catch {
      return this.#deeds.print(red(`${JSON.stringify(typed)} is not a list of event types or prefix.*`));
    }
    this.#deeds.filter(patterns.length === 0 ? ['*'] : patterns);
    this.#deeds.print(dim(patterns.length === 0 ? 'Showing everything.' : `Showing ${patterns.join(', ')}; everything is relayed.`));
  }
}

/** One message and its answer, whole. */
export function detailLines({ news, exchanged: { message, result } }: Past): readonly string[] {
  const answer = result.answer.response;
  return [
    '',
    `${bold(news.eventType)} ${news.event}  ${dim(`delivery ${news.delivery}, attempt ${news.number}, ${news.cause}`)}`,
    `→ POST ${news.forwardTo}`,
    ...message.headers.map(([name, value]) => dim(`    ${name}: ${printable(value)}`)),
    ...shown(Buffer.from(message.body, 'base64').toString()),
    `← ${answer === undefined ? (news.error?.message ?? 'no answer') : `HTTP ${answer.status}`} ${dim(`after ${news.durationMs} ms`)}`,
    ...(answer?.headers ?? []).map(([name, value]) => dim(`    ${name}: ${printable(value)}`)),
    ...shown(result.text),
    ...(news.why === null ? [] : [`  ${news.why}`]),
    '',
  ];
}

function shown(body: string): readonly string[] {
  if (body === '') return [];
  const text = body.length > BODY_SHOWN ? `${body.slice(0, BODY_SHOWN)}… (${body.length} characters)` : body;
  return printable(text)
    .split('\n')
    .map((line) => `    ${line}`);
}

function resultOf({ news }: Past): string {
  return news.status === null ? (news.error?.code ?? 'no answer') : `HTTP ${news.status}`;
}
