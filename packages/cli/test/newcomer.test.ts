// A newcomer's path, from `waxwing serve` on, in commands alone: a webhook received on their machine, verified, made to fail,
// understood, and replayed.

import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { startProject, startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

test(
  'serve, init, listen, trigger: received and verified; made to fail, explained, retried and replayed',
  { timeout: 60_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules')); // in place of npm install
    const server = startWaxwing(t, ['serve', '--port', '0', '--data', join(folder, 'waxwing-data')]);
    const [, key = ''] = await server.saw(/^Admin key: (wxw_\S+)$/m);
    const [url] = await server.saw(/http:\/\/127\.0\.0\.1:\d+/);
    const project = join(folder, 'receiver');
    const env = { WAXWING_URL: url, WAXWING_KEY: key, WAXWING_TENANT: 'acme', XDG_STATE_HOME: join(folder, 'state') };
    const does = async (...args: string[]): Promise<string> => {
      const { status, stdout, stderr } = await waxwing(args, { env });
      assert.equal(status, 0, `waxwing ${args.join(' ')}: ${stderr}`);
      return stdout;
    };

    await does('init', project, '--tenant', 'acme');
    // The project says 3000, which may be taken here.
    const port = await freePort();
    const config = join(project, 'waxwing.listen.json');
    writeFileSync(config, readFileSync(config, 'utf8').replace('3000', port));
    const secret = (await does('listen', '--config', config, '--print-secret')).trim();
    let app = startProject(t, project, { WEBHOOK_SECRET: secret, PORT: port });
    await app.saw(/listening on/);
    const listener = startWaxwing(t, ['listen', '--config', config, '--output', 'interactive'], env);
    const [, endpoint = ''] = await listener.saw(/of acme as (ep_\w+)/);

    const [, received = ''] = /^(evt_\w+) {2}meeting\.completed {2}1 delivery$/m.exec(await does('trigger', 'meeting.completed')) ?? [];
    await listener.saw(new RegExp(`→ meeting\\.completed ${received}\\n← 200 POST http://localhost:${port}/webhook`));
    await app.saw(new RegExp(`^meeting\\.completed ${received}`, 'm'));

    // It is made to fail: the app gets another secret.
    app.child.kill('SIGTERM');
    await app.ended;
    app = startProject(t, project, { WEBHOOK_SECRET: `whsec_${'B'.repeat(43)}=`, PORT: port });
    await app.saw(/listening on/);
    const [, failed = ''] = /^(evt_\w+)/m.exec(await does('trigger', 'meeting.completed', '--set', 'data.meeting_id=mtg_failed')) ?? [];
    await listener.saw(
      new RegExp(
        `→ meeting\\.completed ${failed}\\n← 401 .*\\n  The signature does hold for this session’s secret, .*; your app holds another\\.`,
      ),
    );

    // It is understood.
    await listener.saw(/attempt 2\)\n← 401/); // the first outcome is stored by then
    const why = await does('events', 'explain', failed, '--endpoint', endpoint);
    assert.match(why, /^(retrying|in_flight) /m);
    const [, delivery = ''] = /^(dlv_\w+) .* pending .* refused /m.exec(await does('deliveries', 'list', '--endpoint', endpoint)) ?? [];
    assert.match(
      await does('deliveries', 'get', delivery),
      /Attempt 1 {2}refused {2}HTTP 401[\s\S]*x?webhook-signature: v1,[\s\S]*"code":"no_match"/i,
    );

    // It is mended, sent again, and then everything is replayed.
    app.child.kill('SIGTERM');
    await app.ended;
    app = startProject(t, project, { WEBHOOK_SECRET: secret, PORT: port });
    await app.saw(/listening on/);
    await does('deliveries', 'retry', delivery);
    await app.saw(new RegExp(`^meeting\\.completed ${failed} [\\s\\S]*mtg_failed`, 'm'));
    await listener.saw(new RegExp(`${failed} \\((retry|attempt \\d+)\\)\\n← 200`));
    await does('replay', 'start', '--endpoint', endpoint, '--states', 'delivered', '--wait');
    for (const event of [received, failed]) await listener.saw(new RegExp(`→ meeting\\.completed ${event} \\(replay\\)\\n← 200`));

    listener.child.kill('SIGINT');
    assert.equal((await listener.ended).status, 0);
    server.child.kill('SIGTERM');
    assert.equal((await server.ended).status, 0);
  },
);

async function freePort(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return String(address.port);
}
