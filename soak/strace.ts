// The strace run: a real server under strace while events are published singly and in batches, all at once; then its trace is
// read for answers that left before the fsync of their batch had returned.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedDeployment } from './deployment.ts';
import { needStrace } from './faults.ts';
import { readTrace, type TraceReport } from './trace.ts';
import { ADMIN_KEY, type WaxwingNode } from './waxwing-node.ts';

/** Whole pages must be in the trace: an event's id may stand at the end of one. */
const PAGE_BYTES = 8_192;
const CALLS = 'trace=pwrite64,pwritev,write,writev,sendto,sendmsg,fsync,fdatasync';
const LOOPS = 16;
const ROUNDS = 20;
const BATCH = 10;
const IDS = /traced-\d{6}/g;

export async function straceRun(): Promise<TraceReport> {
  needStrace();
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-strace-'));
  const trace = join(folder, 'trace');
  // -D: strace is the grandchild, so that signals go to the server.
  const prefix = ['strace', '-D', '-f', '-ttt', '-y', '-s', String(PAGE_BYTES), '-e', CALLS, '-o', trace];
  const { nodes } = await embeddedDeployment({ folder, prefix });
  const [node] = nodes;
  try {
    node.start();
    await node.ready();
    await send(node, 'PUT', '/v1/tenants/traced', {});
    let made = 0;
    const event = () => ({ id: `traced-${String((made += 1)).padStart(6, '0')}`, type: 'a.b', data: {} });
    await Promise.all(
      Array.from({ length: LOOPS }, async (_, loop) => {
        for (let round = 0; round < ROUNDS; round++) {
          if (loop > 0) await send(node, 'POST', '/v1/tenants/traced/events', event());
          else await send(node, 'POST', '/v1/tenants/traced/events/batch', { events: Array.from({ length: BATCH }, event) });
        }
      }),
    );
    await node.stop();
    return readTrace(readFileSync(trace, 'latin1'), IDS);
  } finally {
    await node.abandon();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function send(node: WaxwingNode, method: string, path: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
  const answer = await fetch(`${node.url}${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
}
