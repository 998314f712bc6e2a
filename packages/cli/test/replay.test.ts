import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';
import type { Ended } from './waxwing-process.ts';

test('from a terminal: why an endpoint did not get an event, and a replay that delivers it', async (t) => {
  const folder = await temporaryFolder(t);
  let works = false;
  const receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(works ? 200 : 500).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  t.after(() => (receiver.closeAllConnections(), receiver.close()));
  const address = receiver.address();
  assert.ok(typeof address === 'object' && address !== null);
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', join(folder, 'data'), '--allow-http', '--allow-private-networks']);
  const [, key = ''] = await server.saw(/^Admin key: (wxw_\S+)$/m);
  const [url] = await server.saw(/http:\/\/127\.0\.0\.1:\d+/);
  const env = { WAXWING_URL: url, WAXWING_KEY: key, WAXWING_TENANT: 'acme' };
  const ask = async (...args: string[]): Promise<Ended> => {
    const result = await waxwing(args, { env });
    assert.equal(result.status, 0, `${args.join(' ')}: ${result.stderr}`);
    return result;
  };
  const created = await ask('endpoints', 'create', `http://127.0.0.1:${address.port}/`, '--max-retries', '0', '--json');
  const { id: endpoint }: { id: string } = JSON.parse(created.stdout);
  await ask('send', 'a.b', '--data', '{}', '--id', 'one');
  await ask('send', 'a.c', '--data', '{}');
  const explain = async (): Promise<string> => (await ask('events', 'explain', 'one', '--endpoint', endpoint)).stdout;
  let why = await explain();
  while (!why.startsWith('failed')) why = await explain();
  assert.match(why, /^failed {2}It failed on .*schedule exhausted.*500/);

  works = true;
  assert.match((await ask('replay', '--dry-run')).stdout, /^2 deliveries would be made again/);
  assert.match((await ask('replay', '--types', 'a.b', '--wait')).stdout, /^rpl_\w+ {2}completed {2}1 of 1 done, 0 undelivered/);
  assert.match(await explain(), /^delivered[\s\S]*made by a replay[\s\S]*earlier delivery.*is failed/);
  const listed = (await ask('replay', 'list')).stdout;
  const id = /^rpl_\w+/m.exec(listed)?.[0] ?? '';
  assert.match(listed, /completed +1 of 1 +0/);
  assert.match((await ask('replay', 'get', id)).stdout, /completed/);
  const cancelled = await waxwing(['replay', 'cancel', id], { env });
  assert.deepEqual([cancelled.status, /replay_final/.test(cancelled.stderr)], [1, true]);

  works = false;
  const unwell = await waxwing(['replay', '--endpoint', endpoint, '--wait'], { env });
  assert.equal(unwell.status, 1);
  assert.match(unwell.stderr, /not everything was delivered/);
  assert.equal((await waxwing(['replay', '--states', 'lost'], { env })).status, 2);
});
