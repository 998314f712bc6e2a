// The package's README, done as it says: each adapter's snippet with its real framework, and the programs beside them.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { TestSender } from '@waxwing/receiver/testing';
import type { TestRequest } from '@waxwing/receiver/testing';
import { CALLS, Page, run } from './page.ts';
import { SECRET } from './signed-event.ts';

const page = new Page('packages/receiver/README.md', ['receiver.ts']);
const SEEN = 'mtg_1 is completed\n';
after(() => page.remove());

async function statuses(url: string, requests: readonly TestRequest[]): Promise<readonly number[]> {
  const found: number[] = [];
  for (const { headers, body } of requests) found.push((await fetch(url, { method: 'POST', headers, body })).status);
  return found;
}

test('every snippet is of the types that it says', () => {
  assert.equal(page.typeErrors(), '');
});

const servers = ['server.ts', 'express.ts', 'fastify.ts', 'hono.ts', 'koa.ts', 'nest.ts'];
describe('a snippet that serves takes a signed event, and refuses a tampered one', () => {
  const sender = new TestSender('humanconnection', { secret: SECRET });
  const event = { type: 'meeting.completed', data: { meeting_id: 'mtg_1' } };
  for (const file of servers) {
    test(file, { timeout: 20_000 }, async () => {
      const { port, end } = await page.start(file);
      const found = await statuses(`http://localhost:${port}/webhook`, [sender.signed(event), sender.tampered(event)]).finally(
        () => void end(),
      );
      const { seen, log } = await end();
      assert.deepEqual([found, seen], [[200, 401], SEEN], log);
    });
  }
});

const handlers = { 'verify.ts': 'route', 'route.ts': 'route', 'worker.ts': 'worker', 'lambda.ts': 'lambda', 'pages.ts': 'pages' } as const;
describe('a snippet that is called takes a signed event, and refuses a tampered one', () => {
  for (const [file, kind] of Object.entries(handlers)) {
    test(file, async () => assert.deepEqual(await page.handle(file, CALLS[kind]), { statuses: [200, 401], seen: SEEN }));
  }
});

test('the snippet of MeshAgent’s rooms hears of a room that starts, and refuses what is not signed', { timeout: 20_000 }, async () => {
  const sender = new TestSender('meshagent', { secret: SECRET });
  const event = { type: 'room.started', data: { room_name: 'my-room' } };
  const { port, end } = await page.start('rooms.ts');
  const found = await statuses(`http://localhost:${port}/webhook`, [sender.signed(event), sender.unsigned(event)]).finally(
    () => void end(),
  );
  assert.deepEqual([found, (await end()).seen], [[200, 401], 'room started my-room\n']);
});

test('the snippet of a test suite passes, and holds two tests', async () => {
  const folder = page.folderOf('webhook.test.ts');
  const { stdout } = await run(folder, ['--test', '--test-reporter=tap', 'webhook.test.ts']);
  assert.match(stdout, /^# pass 2$/m);
  assert.match(stdout, /^# fail 0$/m);
});

test('the snippet of a scheme of one’s own runs', async () => {
  assert.deepEqual(await run(page.folderOf('scheme.ts'), ['scheme.ts']), { stdout: '', stderr: '' });
});

test('every snippet is started, called or imported here', () => {
  const only = ['receiver.ts', 'scheme.ts'];
  const here = [...servers, ...Object.keys(handlers), 'rooms.ts', 'webhook.test.ts', ...only];
  assert.deepEqual([...page.programs.keys()].toSorted(), here.toSorted());
});
