// An id as one part of a URL's path.

/**
 * Encodes an id. An empty id, `.` and `..` are refused: the URL would be another route's (`DELETE …/endpoints/..` is
 * the tenant's).
 */
export function segment(id: string): string {
  if (id === '' || id === '.' || id === '..') throw new TypeError(`${JSON.stringify(id)} is not an id`);
  return encodeURIComponent(id);
}
