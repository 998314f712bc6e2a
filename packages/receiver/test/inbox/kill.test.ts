// kill -9 in the middle of work: a real process, a real file, and what the sender was told.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { signedEvent } from '../adapters/signed-event.ts';

const folder = mkdtempSync(join(tmpdir(), 'waxwing-kill-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});
const inboxPath = join(folder, 'inbox.db');
const notesPath = join(folder, 'notes');
const CONCURRENCY = 4;

async function startReceiver(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'receiver-process.ts'), inboxPath, notesPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [url] = await once(createInterface(child.stdout), 'line');
  return { child, url: String(url) };
}

/** How often each event's handler ended. */
function ends(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(notesPath, 'utf8').split('\n')) {
    if (line.startsWith('end ')) counts.set(line.slice(4), (counts.get(line.slice(4)) ?? 0) + 1);
  }
  return counts;
}

test('no acknowledged event is lost by kill -9, and what was finished does not run again', { timeout: 30_000 }, async () => {
  const acknowledged: string[] = [];
  const first = await startReceiver();
  const died = once(first.child, 'exit');
  const post = async (url: string, id: string): Promise<string> => {
    const { body, headers } = signedEvent('meeting.completed', { id });
    const response = await fetch(url, { method: 'POST', body, headers });
    assert.equal(response.status, 200);
    return response.text();
  };
  const senders = Array.from({ length: 8 }, async (_, sender) => {
    for (let index = 0; ; index++) {
      const id = `whevt_${sender}_${index}`;
      try {
        await post(first.url, id);
      } catch {
        return; // it is dead
      }
      acknowledged.push(id);
      if (acknowledged.length === 200) first.child.kill('SIGKILL');
    }
  });
  await Promise.all([...senders, died]);
  const before = ends();
  const unfinished = acknowledged.filter((id) => !before.has(id));
  assert.ok(unfinished.length > 0, 'the kill came too late to prove anything');
  assert.ok(before.size > 0, 'the kill came too early to prove anything');

  const second = await startReceiver();
  const duplicates = await Promise.all(acknowledged.map((id) => post(second.url, id)));
  assert.ok(duplicates.every((answer) => answer.includes('duplicate')));
  while (acknowledged.some((id) => !ends().has(id))) await new Promise((resolve) => setTimeout(resolve, 10));
  second.child.kill('SIGTERM');
  assert.deepEqual(await once(second.child, 'exit'), [0, null]);
  assert.match(readFileSync(notesPath, 'utf8'), /^stopped$/m);

  // Only what ended just before the kill, whose mark was not on the disk yet, may have run twice.
  const repeated = [...ends()].filter(([, runs]) => runs > 1);
  assert.ok(repeated.length <= 2 * CONCURRENCY, `${repeated.length} of ${before.size} ran twice`);
  assert.ok(repeated.every(([, runs]) => runs === 2));
});
