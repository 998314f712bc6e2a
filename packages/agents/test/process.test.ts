import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { sdk } from '../src/sdk.ts';
import { LoopbackRoom } from './loopback-room.ts';
import { post, SECRET } from './webhook.ts';

interface Program {
  readonly url: string;
  readonly child: ChildProcessByStdio<null, Readable, null>;
  readonly lines: string[];
}

/** Runs a program until it says where it listens. */
async function run(t: TestContext, path: string): Promise<Program> {
  const file = fileURLToPath(new URL(path, import.meta.url));
  const env = { ...process.env, MESHAGENT_WEBHOOK_SECRET: SECRET, MESHAGENT_PORT: '0', MESHAGENT_API_KEY: '', NODE_NO_WARNINGS: '1' };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(line));
  await once(output, 'line');
  const url = /^listening on (\S+)$/.exec(lines[0] ?? '')?.[1];
  assert.ok(url !== undefined, lines.join('\n'));
  return { url, child, lines };
}

async function roomFor(t: TestContext): Promise<LoopbackRoom> {
  const room = await new LoopbackRoom().open();
  t.after(() => room.close());
  return room;
}

test('the adder of the examples joins a room that calls, adds, and leaves when it is dismissed', { timeout: 20_000 }, async (t) => {
  const room = await roomFor(t);
  const { url, child, lines } = await run(t, '../../../examples/adder/main.ts');
  const call = { room_name: room.name, room_url: room.url, token: 't', arguments: {} };
  assert.equal(await post(url, 'room.call', call), 200);
  await room.untilNoted('register samples.adder');
  const visitor = await room.visitor();
  const [toolkit] = await visitor.listToolkits();
  const answer = await visitor.invoke({ toolkit: toolkit?.name ?? '', tool: toolkit?.tools[0]?.name ?? '', arguments: { a: 2, b: 3 } });
  assert.deepEqual(answer instanceof sdk.JsonContent && answer.json, { result: 5 });
  await room.say('dismiss');
  await room.untilNoted('p1 gone 1000');
  visitor.dispose();
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.deepEqual(lines.slice(1), ['samples.adder joined my-room', 'samples.adder left my-room (dismissed)']);
});

test('SIGTERM lets a call that runs be answered, leaves the room, and the process ends with 0', { timeout: 20_000 }, async (t) => {
  const room = await roomFor(t);
  const { url, child, lines } = await run(t, './slow-agent-process.ts');
  assert.equal(await post(url, 'room.call', { room_name: room.name, room_url: room.url, token: 't', arguments: {} }), 200);
  await room.untilNoted('register slow');
  const visitor = await room.visitor();
  const answer = visitor.invoke({ toolkit: 'slow', tool: 'run_slow_task', arguments: {} });
  await room.untilNoted('call slow');
  child.kill('SIGTERM');
  const content = await answer;
  assert.deepEqual(content instanceof sdk.JsonContent && content.json, { said: 'goodbye' });
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.deepEqual(lines.slice(1), ['slow joined my-room', 'slow left my-room (stopped)', 'stopped']);
  assert.ok(room.journal.indexOf('answer') < room.journal.indexOf('p1 gone 1000'), room.journal.join(', '));
  assert.equal(room.noted('unregister slow'), 1);
  visitor.dispose();
});
