// The console's one cookie: read from a request, written into an answer.

const NAME = 'waxwing_session';
const VALUE = new RegExp(`(?:^|;) *${NAME}=([A-Za-z0-9_-]{43})(?:;|$)`);

/** The session id that a Cookie header carries. */
export function sessionOf(cookie: string | undefined): string | null {
  return cookie === undefined ? null : (VALUE.exec(cookie)?.[1] ?? null);
}

/** A Set-Cookie header. `maxAgeSeconds` 0 takes the cookie away. */
export function sessionCookie(session: string, maxAgeSeconds: number, secure: boolean): string {
  return `${NAME}=${session}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}
