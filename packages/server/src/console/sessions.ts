// Sign-ins of the console: which browser session stands for which key, and the one-time codes that `serve` prints.
//
// Invariants:
//  1. In memory only: a restart signs everybody out. A session holds its key's id, never its text.
//  2. A session is worth no more than its key at this moment: a revoked or expired key ends it.
//  3. A code opens one session, once, within ten minutes.
//  4. Bounded: the session unused longest goes first.

import { randomBytes } from 'node:crypto';
import type { Engine } from '@waxwing/engine';
import type { Key } from '@waxwing/protocol';

const SESSIONS_MAX = 10_000;
const CODES_MAX = 100;
const IDLE_MS = 24 * 3_600_000;
const AGE_MS = 7 * 24 * 3_600_000;
const CODE_MS = 10 * 60_000;

export interface Sessions {
  /** Opens a session for a key's text; null when no such key is usable. */
  openByKey(key: string): OpenedSession | null;
  /** Opens one for a code, and spends the code; null when it is unknown, spent, too old, or its key is gone. */
  openByCode(code: string): OpenedSession | null;
  /** A code for a key. */
  makeCode(keyId: string): string;
  /** The key behind a session; null when there is none any more. */
  keyOf(session: string): Key | null;
  close(session: string): void;
}

export interface OpenedSession {
  readonly id: string;
  readonly key: Key;
  /** How long a browser may keep it, in seconds. */
  readonly maxAgeSeconds: number;
}

interface Session {
  readonly keyId: string;
  readonly openedMs: number;
  usedMs: number;
}

/** Keeps the sessions of one server. */
export function createSessions(keys: Pick<Engine['keys'], 'authenticate' | 'usable'>, nowMs: () => number = Date.now): Sessions {
  const sessions = new Map<string, Session>(); // the one used last stands last
  const codes = new Map<string, { readonly keyId: string; readonly madeMs: number }>();

  function open(key: Key): OpenedSession {
    const id = randomBytes(32).toString('base64url');
    sessions.set(id, { keyId: key.id, openedMs: nowMs(), usedMs: nowMs() });
    dropFirst(sessions, SESSIONS_MAX);
    return { id, key, maxAgeSeconds: AGE_MS / 1000 };
  }

  return {
    openByKey(text) {
      const key = keys.authenticate(text);
      return key === null ? null : open(key);
    },
    openByCode(text) {
      const code = codes.get(text);
      codes.delete(text);
      if (code === undefined || nowMs() - code.madeMs > CODE_MS) return null;
      const key = keys.usable(code.keyId);
      return key === null ? null : open(key);
    },
    makeCode(keyId) {
      const code = randomBytes(24).toString('base64url');
      codes.set(code, { keyId, madeMs: nowMs() });
      dropFirst(codes, CODES_MAX);
      return code;
    },
    keyOf(id) {
      const session = sessions.get(id);
      if (session === undefined) return null;
      const now = nowMs();
      const key = now - session.usedMs > IDLE_MS || now - session.openedMs > AGE_MS ? null : keys.usable(session.keyId);
      sessions.delete(id);
      if (key === null) return null;
      session.usedMs = now;
      sessions.set(id, session);
      return key;
    },
    close(id) {
      sessions.delete(id);
    },
  };
}

function dropFirst(map: Map<string, unknown>, max: number): void {
  if (map.size <= max) return;
  for (const first of map.keys()) {
    map.delete(first);
    return;
  }
}
