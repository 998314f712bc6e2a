// JSON Pointers (RFC 6901), by which errors say where.

/** The pointer of a member of what `path` points to. */
export function pointer(path: string, member: string): string {
  return `${path}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
