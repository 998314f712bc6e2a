// The suite over the stores that need no server: memory, SQLite, and Redis's commands and scripts on a Redis in JavaScript
// (ioredis-mock, which runs the Lua).

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import type { Redis } from 'ioredis';
import RedisMock from 'ioredis-mock';
import type { createClient } from 'redis';
import { MemoryDedupe, RedisDedupe } from '@waxwing/receiver/dedupe';
import { SqliteDedupe } from '@waxwing/receiver/dedupe-sqlite';
import { dedupeSuite } from './suite.ts';

const clock = { nowMs: 1_768_477_500_000 };
const now = (): number => clock.nowMs;
const pass = (ms: number): void => {
  clock.nowMs += ms;
};

const memory = new MemoryDedupe({ now });
dedupeSuite('in memory', () => ({ store: memory, pass }));

const folder = mkdtempSync(join(tmpdir(), 'waxwing-dedupe-'));
const path = join(folder, 'dedupe.db');
const sqlite = new SqliteDedupe(path, { now });
const sameFile = new SqliteDedupe(path, { now });
after(() => {
  sqlite.close();
  sameFile.close();
  rmSync(folder, { recursive: true });
});
dedupeSuite('in SQLite', () => ({ store: sqlite, other: sameFile, pass }));

const redis = new RedisMock();
const send = (command: readonly string[]): Promise<unknown> => {
  const [name = '', key = '', ...values] = command;
  switch (name) {
    case 'SET':
      return values[3] === 'NX'
        ? redis.set(key, values[0] ?? '', 'PX', Number(values[2]), 'NX')
        : redis.set(key, values[0] ?? '', 'PX', Number(values[2]));
    case 'GET':
      return redis.get(key);
    case 'PTTL':
      return redis.pttl(key);
    case 'EVAL':
      return redis.eval(key, Number(values[0]), ...values.slice(1));
    default:
      throw new Error(`the store sent ${name}`);
  }
};
/** Redis has a clock of its own: instead of it, what is left of each key is moved. */
async function passInRedis(ms: number): Promise<void> {
  for (const key of await redis.keys('*')) {
    const left = (await redis.pttl(key)) - ms;
    await (left > 0 ? redis.pexpire(key, left) : redis.del(key));
  }
}
after(() => redis.disconnect());
dedupeSuite('in Redis, by a function', () => ({ store: new RedisDedupe(send), pass: passInRedis }));
dedupeSuite('in Redis, by a client like ioredis', () => {
  const client = {
    call: (command: string, ...args: string[]) => send([command, ...args]),
    sendCommand: () => Promise.reject(new Error('no')),
  };
  return { store: new RedisDedupe(client, { prefix: 'a:' }), pass: passInRedis };
});
dedupeSuite('in Redis, by a client like redis', () => ({
  store: new RedisDedupe({ sendCommand: send }, { prefix: 'b:' }),
  pass: passInRedis,
}));

/** The type checker holds this: the clients of both packages fit as they are. */
export const ofRealClients = (client: Redis | ReturnType<typeof createClient>): RedisDedupe => new RedisDedupe(client);

describe('MemoryDedupe', () => {
  test('holds no more keys than it may, forgetting the oldest done first and none that runs', () => {
    const store = new MemoryDedupe({ keysMax: 3, now });
    const running = store.begin('running', 1000);
    for (let index = 0; index < 10; index++) {
      const beginning = store.begin(`done ${index}`, 1000);
      assert.ok(beginning.kind === 'leased');
      store.finish(`done ${index}`, beginning.token, 1000);
    }
    assert.ok(running.kind === 'leased');
    assert.equal(store.size, 4); // three done and the one that runs
    assert.equal(store.begin('running', 1000).kind, 'running');
    assert.equal(store.begin('done 9', 1000).kind, 'done');
    assert.equal(store.begin('done 0', 1000).kind, 'leased');
  });

  test('forgets by itself what ran out', () => {
    const store = new MemoryDedupe({ now });
    for (let index = 0; index < 100; index++) store.begin(`left ${index}`, 1000);
    pass(1001);
    store.begin('one more', 1000);
    assert.equal(store.size, 1);
  });
});

describe('SqliteDedupe', () => {
  test('remembers what was done after the file is closed and opened again, readable by its owner alone', () => {
    const file = join(folder, 'again.db');
    const first = new SqliteDedupe(file, { now });
    const beginning = first.begin('a', 1000);
    assert.ok(beginning.kind === 'leased');
    first.finish('a', beginning.token, 60_000);
    first.close();
    const second = new SqliteDedupe(file, { now });
    assert.equal(second.begin('a', 1000).kind, 'done');
    second.close();
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('commits done with the handler’s own transaction, or not at all', () => {
    const db = new DatabaseSync(':memory:');
    const store = new SqliteDedupe(db, { now });
    db.exec('create table payments (id text)');
    const begin = (): string => {
      const beginning = store.begin('a', 1000);
      assert.ok(beginning.kind === 'leased');
      return beginning.token;
    };
    db.exec("begin; insert into payments values ('1')");
    db.exec('rollback');
    const token = begin();
    db.exec("begin; insert into payments values ('1')");
    store.finishWithin({ key: 'a', token, keepMs: 5000 });
    db.exec('rollback');
    assert.equal(store.begin('a', 1000).kind, 'running');
    store.finishWithin({ key: 'a', token, keepMs: 5000 });
    assert.equal(store.begin('a', 1000).kind, 'done');
    assert.throws(() => store.finishWithin({ key: 'a', token, keepMs: 5000 }), { code: 'lease_lost' });
    store.close(); // the database was handed in, and stays open
    assert.equal(db.isOpen, true);
    db.close();
  });

  test('says in words when its file cannot be written', () => {
    assert.throws(() => new SqliteDedupe(join(folder, 'no', 'such', 'folder.db')), { code: 'invalid_setting' });
  });
});
