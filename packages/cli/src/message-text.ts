// A message as text: header lines, an empty line, the body. What `sign` prints and `verify` reads, byte for byte.

import { UsageError } from './failure.ts';
import { headerPairs } from './input.ts';

export interface Message {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** The message, and one line break after the body, which `parseMessage` takes away again. */
export function printMessage(message: Message): Buffer {
  const head = message.headers.map(([name, value]) => `${name}: ${value}\n`).join('');
  return Buffer.concat([Buffer.from(`${head}\n`), message.body, Buffer.from('\n')]);
}

export function parseMessage(bytes: Buffer): Message {
  let at = 0;
  const lines: string[] = [];
  for (;;) {
    const end = bytes.indexOf(0x0a, at);
    if (end === -1) throw new UsageError('a message is header lines, an empty line, and the body; this one has no empty line');
    const line = bytes.subarray(at, end).toString().replace(/\r$/, '');
    at = end + 1;
    if (line === '') break;
    lines.push(line);
  }
  const body = bytes.subarray(at);
  return { headers: headerPairs(lines, 'a header line'), body: body.at(-1) === 0x0a ? body.subarray(0, -1) : body };
}

/** A command line that sends the message. */
export function curlLine(url: string, message: Message): string {
  const headers = message.headers.map(([name, value]) => `-H ${shellQuoted(`${name}: ${value}`)}`);
  return ['curl', '-X POST', shellQuoted(url), ...headers, '--data-raw', shellQuoted(Buffer.from(message.body).toString())].join(' ');
}

/** A text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
