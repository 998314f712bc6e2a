import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { run, startScript, startWaxwing, temporaryFolder } from './waxwing-process.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

test('the embedded example publishes, delivers, verifies, and ends', async () => {
  const { status, stdout, stderr } = await run(process.execPath, [join(EXAMPLES, 'embedded/main.ts')]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /published evt_\S+, 1 delivery/);
  assert.match(stdout, /received whevt_\S+: meeting mtg_1 is completed, signature verified/);
});

test('the publisher’s event reaches the receiver through a running server, and again when it is run again', async (t) => {
  const folder = await temporaryFolder(t);
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', folder, '--allow-http', '--allow-private-networks']);
  const [, key = ''] = await server.saw(/^Admin key: (wxw_\S+)$/m);
  const [url] = await server.saw(/http:\/\/127\.0\.0\.1:\d+/);
  const secret = 'whsec_an-example-secret';
  const receiver = startScript(t, join(EXAMPLES, 'publisher-receiver/receiver.ts'), { WEBHOOK_SECRET: secret, PORT: '0' });
  const [, receiverUrl = ''] = await receiver.saw(/listening on (\S+)/);

  const env = { WAXWING_URL: url, WAXWING_KEY: key, WEBHOOK_SECRET: secret, RECEIVER_URL: receiverUrl };
  for (let time = 1; time <= 2; time++) {
    const { status, stdout, stderr } = await run(process.execPath, [join(EXAMPLES, 'publisher-receiver/publisher.ts')], env);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /dlv_\S+ is delivered after 1 attempt\n/);
    const [, id = ''] = /published evt_(\S+)/.exec(stdout) ?? [];
    await receiver.saw(new RegExp(`whevt_${id}: meeting mtg_1 is completed`));
  }
  receiver.child.kill('SIGTERM');
  assert.equal((await receiver.ended).status, 0);
});
