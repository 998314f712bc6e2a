// An attempt as a curl command: the same bytes, the same headers. What curl sets by itself is left out, and so are the
// values of the endpoint's own headers, which are not shown.

import type { Attempt } from '@waxwing/protocol';

const BY_CURL = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);
/** Longer arguments are refused by Linux (MAX_ARG_STRLEN, 128 KiB); printf is the shell's own and takes any. */
const ARGUMENT_MAX = 100_000;

export function curlOf({ request }: Pick<Attempt, 'request'>): string {
  const headers = request.headers.filter(([name]) => !BY_CURL.has(name.toLowerCase()));
  const long = request.body.length > ARGUMENT_MAX;
  const lines = [
    `curl -i -X ${request.method} ${quoted(request.url)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    long ? '--data-binary @-' : `--data-raw ${quoted(request.body)}`,
  ];
  const command = lines.join(' \\\n  ');
  return long ? `printf %s ${quoted(request.body)} | ${command}` : command;
}

/** As a POSIX shell takes it: nothing within single quotes is special but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
