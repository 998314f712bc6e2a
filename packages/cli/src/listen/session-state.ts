// What a listening session keeps on disk: which endpoint is its own, its secret, how far it is, and its last answer.
//
// Invariants:
//  1. The file is replaced whole, under another name first: a process that is killed leaves the old or the new one.
//  2. Only its owner may read it: it holds secrets.
//  3. An answer is kept before it is sent. Who is killed in between sends it again, and the local app is not called twice.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import type { RelayResult } from '@waxwing/protocol';

import { UsageError } from '../failure.ts';

export interface SessionState {
  /** The session's endpoint; null when it ended and its endpoint was removed. The secret stays: your app need not change. */
  readonly listener: string | null;
  readonly secret: string;
  readonly profile: string;
  /** The live stream's cursor, behind the last message that was seen. */
  readonly cursor: string | null;
  /** When the endpoint was made. ISO 8601, as the next one. */
  readonly madeAt: string;
  /** The last answer's time; before it, when the endpoint was made. */
  readonly until: string;
  /** Messages answered since it was made. */
  readonly received: number;
  readonly answered: RelayResult | null;
}

const VERSION = 1;

/** Where it stands when `--state` does not say: one file for a server and what is listened to there. */
export function defaultStatePath(identity: readonly string[], env: NodeJS.ProcessEnv): string {
  const windows = env['LOCALAPPDATA'];
  const base =
    env['XDG_STATE_HOME'] ?? (process.platform === 'win32' && windows !== undefined ? windows : join(homedir(), '.local', 'state'));
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  return join(base, 'waxwing', `listen-${name}.json`);
}

export class StateFile {
  readonly path: string;
  readonly #sessions: Map<string, SessionState>;

  /** @throws UsageError when the file is there and not one of ours */
  constructor(path: string) {
    this.path = path;
    this.#sessions = read(path);
  }

  get(key: string): SessionState | null {
    return this.#sessions.get(key) ?? null;
  }

  set(key: string, state: SessionState): void {
    this.#sessions.set(key, state);
    this.#write();
  }

  /** Keeps only what changed. */
  update(key: string, change: Partial<SessionState>): void {
    const state = this.#sessions.get(key);
    if (state !== undefined) this.set(key, { ...state, ...change });
  }

  #write(): void {
    const folder = dirname(this.path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const beside = `${this.path}.${process.pid}`;
    try {
      writeFileSync(beside, JSON.stringify({ version: VERSION, sessions: Object.fromEntries(this.#sessions) }), { mode: 0o600 });
      renameSync(beside, this.path);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  }
}

function read(path: string): Map<string, SessionState> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw new UsageError(`--state: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    // Written by this class: what has its version has its form.
    const parsed: { readonly version?: unknown; readonly sessions?: { readonly [key: string]: SessionState } } = JSON.parse(text);
    if (parsed.version === VERSION && parsed.sessions !== undefined) return new Map(Object.entries(parsed.sessions));
  } catch {
    // not JSON: said below
  }
  throw new UsageError(`--state: ${path} is not a listening session’s file; remove it to begin anew, or give another with --state`);
}
