import assert from 'node:assert/strict';
import { test } from 'node:test';

import { run, startWaxwing, temporaryFolder } from './waxwing-process.ts';
import type { Running } from './waxwing-process.ts';

/** Runs the printed curl line as it stands, as a newcomer would. */
async function publishAsPrinted(server: Running): Promise<{ readonly id: string; readonly deliveries: number }> {
  const [line] = await server.saw(/^curl .*$/m);
  const { status, stdout, stderr } = await run('sh', ['-c', line]);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test('the printed curl line publishes, and its delivery is seen to arrive and verify; on the next start again', async (t) => {
  const folder = await temporaryFolder(t);
  const args = ['serve', '--dev', '--port', '0', '--data', folder];
  const first = startWaxwing(t, args);
  await first.saw(/Development mode/);
  await first.saw(/Plain HTTP is allowed/);
  await first.saw(/Private networks are allowed/);
  await first.saw(/Admin key: wxw_/);
  const published = await publishAsPrinted(first);
  assert.equal(published.deliveries, 1);
  await first.saw(new RegExp(`✓ meeting\\.completed ${published.id} arrived and was verified \\(\\d+ ms after it was published\\)`));
  const [oldKey] = await first.saw(/Bearer wxw_[\w-]+/);
  first.child.kill('SIGTERM');
  assert.equal((await first.ended).status, 0);

  const second = startWaxwing(t, args);
  const { id, deliveries } = await publishAsPrinted(second);
  assert.equal(deliveries, 1, 'the one endpoint was pointed at the new receiver, not joined by another');
  await second.saw(new RegExp(`✓ meeting\\.completed ${id} arrived and was verified`));

  const [line] = await second.saw(/^curl .*$/m);
  const withOldKey = await run('sh', ['-c', line.replace(/Bearer wxw_[\w-]+/, oldKey)]);
  assert.match(withOldKey.stdout, /"code":"unauthorized"/, 'the first start’s sample key is revoked');
  second.child.kill('SIGINT');
  assert.equal((await second.ended).status, 0);
});
