// JSON text that goes into a request as it stands, so that what JavaScript would change (integers beyond 2^53, the order of
// integer-like keys, 1.0) reaches the server as it was written. The server validates it; here it is only spliced.

/** Event data as JSON text. Sent unchanged. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Prints a request body whose `data` member may be a JsonText. */
export function printEvent(event: { readonly data: unknown } & { readonly [member: string]: unknown }): string {
  const { data, ...rest } = event;
  const text = data instanceof JsonText ? data.text : JSON.stringify(data);
  if (text === undefined) throw new TypeError('Event data must be a JSON object; got something JSON cannot hold');
  const head = JSON.stringify(rest);
  return head === '{}' ? `{"data":${text}}` : `${head.slice(0, -1)},"data":${text}}`;
}
