// kill -9 in mid-flight: what was answered is delivered, whenever the process dies.

import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';

const PROGRAM = new URL('./publisher-process.ts', import.meta.url);
const KILLS = 6;
/** An attempt's key holds its delivery and its number. */
const GAPS = 'SELECT key / 4096 AS delivery, COUNT(*) AS n, MAX(key % 4096) AS last FROM attempts GROUP BY delivery HAVING n <> last';

interface Message {
  readonly kind: 'ready' | 'acknowledged' | 'drained';
  readonly id?: string;
}

describe('an engine that is killed with kill -9 while it publishes and delivers', () => {
  const received = new Map<string, number>();
  const acknowledged = new Set<string>();
  let folder = '';
  let receiver: Server;
  let url = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waxwing-kill-'));
    receiver = createServer((request, response) => {
      const id = String(request.headers['webhook-id']);
      request.resume().on('end', () => {
        received.set(id, (received.get(id) ?? 0) + 1);
        response.end('ok');
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  });

  after(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  it('loses none of the events it had answered, and keeps every attempt’s number', async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start('publish');
      const already = acknowledged.size;
      await until(() => acknowledged.size > already + 50 + kill * 37);
      child.kill('SIGKILL');
      await exited(child);
    }
    const child = start('drain');
    let drained = false;
    child.on('message', (message: Message) => (drained ||= message.kind === 'drained'));
    await exited(child);
    assert.ok(drained, 'the last run delivered everything and closed');

    const lost = [...acknowledged].filter((id) => !received.has(id));
    assert.deepEqual(lost, []);
    assert.ok(acknowledged.size > KILLS * 50, `only ${acknowledged.size} events were answered`);
    checkStore(join(folder, 'waxwing.db'));
  });

  function start(mode: 'publish' | 'drain'): ChildProcess {
    const child = fork(PROGRAM, [folder, url, mode], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('message', (message: Message) => {
      if (message.kind === 'acknowledged' && message.id !== undefined) acknowledged.add(message.id);
    });
    return child;
  }

  /** The file is whole, and no delivery skips or repeats an attempt's number. */
  function checkStore(file: string): void {
    const db = new DatabaseSync(file, { readOnly: true });
    assert.deepEqual({ ...db.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    const gaps = db.prepare(GAPS).all();
    assert.deepEqual(gaps, []);
    db.close();
  }
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}
