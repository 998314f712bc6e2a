// The master key: made once, changed whole, and never half changed.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createEngine } from '../src/create-engine.ts';
import type { EngineOptions } from '../src/engine-options.ts';
import { changeMasterKey } from '../src/master-key.ts';
import { sqlite } from '../src/store/sqlite/sqlite.ts';
import { StoreError, type Store } from '../src/store/store.ts';
import { rejects, URL_OK } from './house.ts';
import { ManualClock, ScriptedSender } from './manual-ports.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NEXT_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const OLD_KEY = 'an old passphrase of enough characters';
const NEW_KEY = 'a new passphrase of enough characters!';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-master-key-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What attempts to an endpoint would be signed with and carry, as a start with this key finds it. */
async function opened(
  folder: string,
  over: Partial<EngineOptions> = {},
): Promise<{ readonly secrets: readonly string[]; readonly headers: unknown }> {
  const clock = new ManualClock();
  const sender = new ScriptedSender(clock, () => 'hang');
  const engine = await createEngine({ ...over, store: sqlite(folder), clock, sender });
  try {
    await engine.publish('acme', { type: 'a.b', data: {} });
    while (sender.orders.length === 0) await clock.advance(1);
    const target = sender.orders[0]?.target;
    return { secrets: target?.secrets ?? [], headers: target?.headers };
  } finally {
    const closing = engine.close({ graceMs: 0 });
    await clock.advance(1);
    await closing;
  }
}

const EXPECTED = { secrets: [NEXT_SECRET, SECRET], headers: [['x-api-key', 'value']] };

async function furnish(folder: string, over: Partial<EngineOptions> = {}): Promise<void> {
  const clock = new ManualClock();
  const engine = await createEngine({ ...over, store: sqlite(folder), clock, sender: new ScriptedSender(clock, () => 'hang') });
  const input = { url: URL_OK, secret: SECRET, headers: { 'x-api-key': 'value' } };
  const { id } = await engine.endpoints.create('acme', input);
  await engine.endpoints.rotateSecret('acme', id, { secret: NEXT_SECRET });
  const gone = await engine.endpoints.create('acme', input);
  await engine.endpoints.delete('acme', gone.id);
  await engine.close();
}

test('a key beside the store is its owner’s alone, and is replaced by one that is made', async (t) => {
  const folder = temporaryFolder(t);
  await furnish(folder);
  const file = join(folder, 'master.key');
  const before = readFileSync(file, 'utf8');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await changeMasterKey({ store: sqlite(folder) }), { endpoints: 1, keyFile: file });
  assert.notEqual(readFileSync(file, 'utf8'), before);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await opened(folder), EXPECTED);
  await rejects(opened(folder, { masterKey: before }), 'wrong_master_key');
});

test('a key that a setting gives is replaced by one that is given, and no file is made', async (t) => {
  const folder = temporaryFolder(t);
  await furnish(folder, { masterKey: OLD_KEY });
  await rejects(changeMasterKey({ store: sqlite(folder), masterKey: NEW_KEY, newMasterKey: OLD_KEY }), 'wrong_master_key');
  await rejects(changeMasterKey({ store: sqlite(folder), masterKey: OLD_KEY }), 'invalid_setting');
  await rejects(changeMasterKey({ store: sqlite(folder), masterKey: OLD_KEY, newMasterKey: OLD_KEY }), 'invalid_setting');
  await rejects(changeMasterKey({ store: sqlite(folder), masterKey: OLD_KEY, newMasterKey: 'short' }), 'invalid_setting');
  assert.deepEqual(await changeMasterKey({ store: sqlite(folder), masterKey: OLD_KEY, newMasterKey: NEW_KEY }), {
    endpoints: 1,
    keyFile: null,
  });
  assert.equal(existsSync(join(folder, 'master.key')), false);
  await rejects(opened(folder, { masterKey: OLD_KEY }), 'wrong_master_key');
  assert.deepEqual(await opened(folder, { masterKey: NEW_KEY }), EXPECTED);
});

test('a change that stops before its transaction leaves the old key, one that stops after it the new', async (t) => {
  for (const written of [false, true]) {
    const folder = temporaryFolder(t);
    await furnish(folder);
    const before = readFileSync(join(folder, 'master.key'), 'utf8');
    await assert.rejects(changeMasterKey({ store: stopping(sqlite(folder), written) }), /the process stops here/);
    const next = readFileSync(join(folder, 'master.key.next'), 'utf8');
    assert.equal(readFileSync(join(folder, 'master.key'), 'utf8'), before, 'the old one is in its place still');
    assert.deepEqual(await opened(folder), EXPECTED);
    assert.equal(readFileSync(join(folder, 'master.key'), 'utf8'), written ? next : before);
    assert.equal(existsSync(join(folder, 'master.key.next')), false);
  }
});

test('a key to come that is torn was never used, and is forgotten', async (t) => {
  const folder = temporaryFolder(t);
  await furnish(folder);
  writeFileSync(join(folder, 'master.key.next'), 'AAAA');
  assert.deepEqual(await opened(folder), EXPECTED);
  assert.equal(existsSync(join(folder, 'master.key.next')), false);
});

/** A store whose process ends at the commit: before anything is written, or after everything was. */
function stopping(inner: Store, written: boolean): Store {
  return {
    ...inner,
    kind: inner.kind,
    folder: inner.folder,
    read: inner.read,
    open: () => inner.open(),
    refill: (query) => inner.refill(query),
    load: (seqs) => inner.load(seqs),
    close: () => inner.close(),
    async commit(batch) {
      if (written) await inner.commit(batch);
      throw new StoreError('unknown', 'the process stops here');
    },
  };
}
