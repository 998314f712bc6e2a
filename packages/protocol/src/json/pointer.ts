// JSON Pointers (RFC 6901): how every refusal names the place it means.

/** The JSON Pointer (RFC 6901) one step below another. */
export function pointerTo(path: string, step: string): string {
  return `${path}/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
