// Header names and values: what may be sent at all, and what belongs to HTTP or to Waxwing.
//
// Framing and hop-by-hop headers would change how the message itself is read (request smuggling); the message's own
// (`content-type`, `webhook-id`…) would make a receiver see another message than the one signed.

// RFC 9110 §5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
// Visible ASCII, with spaces and tabs inside but not around (RFC 9110 §5.5 without obs-text).
const VALUE = /^(?:[!-~](?:[\t -~]*[!-~])?)?$/;

const RESERVED: ReadonlySet<string> = new Set([
  // framing
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'content-type',
  'trailer',
  // hop by hop
  'connection',
  'keep-alive',
  'te',
  'upgrade',
  'http2-settings',
  // the exchange
  'host',
  'expect',
  'date',
  // the message
  'user-agent',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
]);

/** Whether a text can name a header: an RFC 9110 token of at most 128 characters. */
export function isHeaderName(name: string): boolean {
  return TOKEN.test(name);
}

/** Whether a text can be sent as a header's value unchanged: printable ASCII without white space around it. */
export function isHeaderValue(value: string): boolean {
  return VALUE.test(value);
}

/** Whether a header belongs to HTTP's framing, to one hop, or to every message; in any case of letters. */
export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED.has(lower) || lower.startsWith('proxy-');
}
