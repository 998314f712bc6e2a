// The use cases' examples, run as their headers say, and sent what their platform sends.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TestSender } from '@waxwing/receiver/testing';
import type { TestRequest } from '@waxwing/receiver/testing';
import { Command, within } from '../test/docs/terminal.ts';

const SECRET = 'an-example-secret';
const folder = mkdtempSync(join(tmpdir(), 'waxwing-use-cases-'));
const running: Command[] = [];
const servers: Server[] = [];
after(async () => {
  for (const command of running) await command.stop('SIGKILL');
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts an example on a free port; gives its address. */
async function start(name: string, env: { readonly [name: string]: string }): Promise<{ readonly url: string; readonly command: Command }> {
  const script = `exec "${process.execPath}" "${join(import.meta.dirname, name, 'main.ts')}"`;
  const command = new Command(
    script,
    { ...process.env, PORT: '0', WEBHOOK_SECRET: SECRET, MESHAGENT_WEBHOOK_SECRET: SECRET, ...env },
    folder,
  );
  running.push(command);
  const url = (): string | undefined => /listening on (\S+?),?\s/.exec(command.printed)?.[1];
  assert.ok(await within(() => url() !== undefined || command.hasEnded), command.printed);
  return { url: url() ?? assert.fail(command.printed), command };
}

async function served(answer: (path: string, body: string) => { readonly status: number; readonly body?: string }): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const { status, body: text = '' } = answer(decodeURIComponent(request.url ?? ''), body);
      response.writeHead(status).end(text);
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port }: Partial<AddressInfo> = Object(server.address());
  return `http://127.0.0.1:${port}/`;
}

const post = async (url: string, { headers, body }: TestRequest): Promise<number> =>
  (await fetch(url, { method: 'POST', headers, body })).status;

const MESSAGE = { type: 'agent.message', data: { agent: { id: 'agt_1', name: 'A' }, room: 'r', content: 'hi' } };

test('log-to-file writes each event as one line into its day’s file, once however often it comes, and refuses forgeries', async () => {
  const log = join(folder, 'log');
  const { url, command } = await start('log-to-file', { LOG_FOLDER: log });
  const sender = new TestSender('joai', { secret: SECRET, now: () => Date.parse('2026-05-12T15:30:00Z') });
  for (const request of sender.duplicated(MESSAGE)) assert.equal(await post(url, request), 200);
  assert.equal(await post(url, sender.tampered(MESSAGE)), 401);
  assert.deepEqual(
    readdirSync(log).filter((file) => file.endsWith('.jsonl')),
    ['2026-05-12.jsonl'],
  );
  const lines = readFileSync(join(log, '2026-05-12.jsonl'), 'utf8').trim().split('\n');
  assert.equal(lines.length, 1);
  assert.equal(JSON.parse(lines[0] ?? '').data.content, 'hi');
  assert.equal(await command.stop(), 0);
});

test('start-workflow answers at once, and calls a workflow that fails at first until it takes the event', async () => {
  const calls: string[] = [];
  const workflow = await served((_path, body) => ({ status: calls.push(body) === 1 ? 500 : 200 }));
  const { url, command } = await start('start-workflow', { WORKFLOW_URL: workflow, INBOX: join(folder, 'inbox.db') });
  const sender = new TestSender('meetloyd', { secret: SECRET });
  assert.equal(await post(url, sender.signed({ type: 'task.failed', data: { task_id: 'tsk_1' } })), 200);
  assert.equal(
    await post(url, sender.signed({ type: 'task.created', data: {} })),
    200,
    'an event that no workflow wants is taken all the same',
  );
  assert.ok(await within(() => command.printed.includes('started for task.failed')), command.printed);
  assert.equal(calls.length, 2);
  assert.equal(calls[0], calls[1]);
  assert.match(calls[0] ?? '', /"task_id":"tsk_1"/);
  assert.equal(await command.stop(), 0);
});

test('sync-files fetches, moves and deletes what events name, and nothing outside its folder', async () => {
  const stored = new Map([['/a/one.txt', 'one']]);
  const storage = await served((path) => (stored.has(path) ? { status: 200, body: stored.get(path) ?? '' } : { status: 404 }));
  const files = join(folder, 'files');
  const { url, command } = await start('sync-files', { FILES_URL: storage, FOLDER: files });
  const sender = new TestSender('meshagent', { secret: SECRET });
  const send = (type: string, data: object): Promise<number> => post(url, sender.signed({ type, data: { participant_id: 'p', ...data } }));

  assert.equal(await send('storage.file.updated', { path: 'a/one.txt' }), 200);
  assert.equal(readFileSync(join(files, 'a/one.txt'), 'utf8'), 'one');
  stored.set('/b.txt', 'one').delete('/a/one.txt');
  assert.equal(await send('storage.file.moved', { source_path: 'a/one.txt', destination_path: 'b.txt' }), 200);
  assert.deepEqual([existsSync(join(files, 'a/one.txt')), readFileSync(join(files, 'b.txt'), 'utf8')], [false, 'one']);
  stored.delete('/b.txt');
  assert.equal(await send('storage.file.deleted', { path: 'b.txt' }), 200);
  assert.equal(existsSync(join(files, 'b.txt')), false);
  stored.set('/outside.txt', 'no');
  assert.equal(await send('storage.file.updated', { path: '../outside.txt' }), 422);
  assert.equal(existsSync(join(folder, 'outside.txt')), false);
  assert.equal(await command.stop(), 0);
});

test('analytics-rollup counts each event once by hour, agent and type, over a kill', async () => {
  const env = { ROLLUP: join(folder, 'rollup.db') };
  const sender = new TestSender('joai', { secret: SECRET, now: () => Date.parse('2026-05-12T15:30:00Z') });
  const requests = [...sender.duplicated({ ...MESSAGE, id: 'evt_1' }), sender.signed({ ...MESSAGE, id: 'evt_2' })];
  const first = await start('analytics-rollup', env);
  for (const request of requests) assert.equal(await post(first.url, request), 200);
  await first.command.stop('SIGKILL');
  const second = await start('analytics-rollup', env);
  for (const request of requests) assert.equal(await post(second.url, request), 200);
  assert.equal(await second.command.stop(), 0);
  const report = new Command(
    `"${process.execPath}" "${join(import.meta.dirname, 'analytics-rollup/main.ts')}" --report`,
    { ...process.env, ...env },
    folder,
  );
  assert.equal(await report.end(), 0);
  assert.equal(report.printed, '2026-05-12T15  agt_1  agent.message  2\n');
});
