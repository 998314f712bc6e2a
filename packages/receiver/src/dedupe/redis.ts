// Dedupe in Redis (or Valkey): shared by every process that reaches it. Time is Redis's own.
//
// A key holds `run:<token>` while it is leased and `done` after, with Redis's expiry for both. What must hold only while
// the lease is the caller's own (renew, release) is a script, which Redis runs alone. Works on Redis 4 and later.

import type { Beginning, DedupeStore } from './store.ts';

/** A client of `ioredis` (`call`) or of `redis` (`sendCommand`), or a function that sends a command and answers its reply. */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(command: string[]): Promise<unknown> }
  | ((command: readonly string[]) => Promise<unknown>);

export interface RedisDedupeOptions {
  /** What keys begin with. Default `waxwing:dedupe:`. */
  readonly prefix?: string;
}

const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;
const DONE = 'done';
const RUNNING = 'run:';

/** @example new WebhookServer({ profile: 'joai', secret, dedupe: new RedisDedupe(new Redis(process.env.REDIS_URL)) }) */
export class RedisDedupe implements DedupeStore {
  readonly #send: (...command: string[]) => Promise<unknown>;
  readonly #prefix: string;

  constructor(client: RedisClient, options: RedisDedupeOptions = {}) {
    this.#send = sender(client);
    this.#prefix = options.prefix ?? 'waxwing:dedupe:';
  }

  async begin(key: string, leaseMs: number): Promise<Beginning> {
    const name = this.#prefix + key;
    const token = crypto.randomUUID();
    for (;;) {
      const set = await this.#send('SET', name, RUNNING + token, 'PX', whole(leaseMs), 'NX');
      if (set !== null) return { kind: 'leased', token };
      const value = await this.#send('GET', name);
      if (value === null) continue; // it ran out in between
      if (value === DONE) return { kind: 'done' };
      return { kind: 'running', remainingMs: Math.max(0, Number(await this.#send('PTTL', name))) };
    }
  }

  async renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    return Number(await this.#send('EVAL', RENEW, '1', this.#prefix + key, RUNNING + token, whole(leaseMs))) === 1;
  }

  async finish(key: string, _token: string, keepMs: number): Promise<void> {
    await this.#send('SET', this.#prefix + key, DONE, 'PX', whole(keepMs));
  }

  async release(key: string, token: string): Promise<void> {
    await this.#send('EVAL', RELEASE, '1', this.#prefix + key, RUNNING + token);
  }
}

/** `call` is asked for first: ioredis has a `sendCommand` too, which takes a command object. */
function sender(client: RedisClient): (...command: string[]) => Promise<unknown> {
  if ('call' in client && typeof client !== 'function') return (command = '', ...args) => client.call(command, ...args);
  if ('sendCommand' in client) return (...command) => client.sendCommand(command);
  return (...command) => client(command);
}

/** Redis takes whole milliseconds above zero. */
function whole(ms: number): string {
  return String(Math.max(1, Math.ceil(ms)));
}
