import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { BUILT_IN_PROFILES } from '@waxwing/protocol';

import { temporaryFolder, waxwing } from './waxwing-process.ts';

test('every sample of every catalogue is delivered and verified, and nothing is left behind', async (t) => {
  const folder = await temporaryFolder(t);
  const { status, stdout, stderr } = await waxwing(['demo'], { env: { TMPDIR: folder } });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  let total = 0;
  for (const { definition } of BUILT_IN_PROFILES.values()) {
    for (const { name } of definition.eventTypes)
      assert.match(stdout, new RegExp(`✓ ${definition.name} +${name} .* verified after \\d+ ms`));
    const count = definition.eventTypes.length;
    assert.match(stdout, new RegExp(`^${definition.name} .* ${count}/${count} +${count}/${count} `, 'm'));
    total += count;
  }
  assert.match(stdout, new RegExp(`All ${total} samples of ${BUILT_IN_PROFILES.size} profiles were delivered and verified`));
  assert.equal(stdout.match(/^✓/gm)?.length, total);
  assert.deepEqual(await leftIn(folder), []);
});

test('a demo that does not finish in time fails, says what is missing, and leaves nothing behind', async (t) => {
  const folder = await temporaryFolder(t);
  const { status, stderr } = await waxwing(['demo', '--time-limit', '0.001'], { env: { TMPDIR: folder } });
  assert.equal(status, 1);
  assert.match(stderr, /the demo did not finish within 0\.001 s/);
  assert.deepEqual(await leftIn(folder), []);
});

/** What is there, save Node's own cache of compiled code. */
async function leftIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== 'node-compile-cache');
}
