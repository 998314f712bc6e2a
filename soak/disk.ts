// The disk run: a real server whose disk fills up, and one whose fsync fails, under publishing. Each must refuse publishing by
// name while it lasts, go on by itself when it is over, and have lost nothing that it had answered.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedDeployment, type Deployment } from './deployment.ts';
import { failFsync, smallDisk } from './faults.ts';
import { startReceiver, type Receiver } from './receipts.ts';
import { ADMIN_KEY, pause, type WaxwingNode } from './waxwing-node.ts';

export interface DiskReport {
  readonly fault: string;
  /** Events answered 202: before, and after. */
  readonly before: number;
  readonly after: number;
  /** How often each answer was given while it lasted, by its code. */
  readonly refusals: { readonly [code: string]: number };
  /** What /readyz said, and whether what was stored could be read. */
  readonly notReady: string;
  readonly readable: boolean;
  /** From the end of the fault to the next 202. */
  readonly recoveredMs: number;
  readonly lost: number;
  /** Null: the file is whole. */
  readonly damage: string | null;
}

interface Scene {
  readonly node: WaxwingNode;
  readonly deployment: Deployment;
  readonly receiver: Receiver;
}

const LASTS_MS = 2_500;
const END_MS = 60_000;
const EVENTS_MAX = 20_000;
const TEXT = 'x'.repeat(4_000);

export async function fullDiskRun(): Promise<DiskReport> {
  return withFolder(async (folder) => {
    const disk = smallDisk(folder);
    try {
      return await withScene(folder, disk.data, async (scene) => {
        disk.begin(scene.node.pid);
        return faultRun(scene, `full disk: ${disk.how}`, async () => async () => disk.makeRoom(scene.node.pid), null);
      });
    } finally {
      disk.dispose();
    }
  });
}

export async function failingFsyncRun(): Promise<DiskReport> {
  return withFolder((folder) =>
    withScene(folder, join(folder, 'data'), (scene) =>
      faultRun(scene, 'every fsync fails with EIO (strace)', () => failFsync(scene.node.pid), 200),
    ),
  );
}

/**
 * @param begin starts the fault and gives what ends it
 * @param eventsBefore how many events are answered before it; null: publishing goes on until one is refused
 */
async function faultRun(
  { node, deployment, receiver }: Scene,
  fault: string,
  begin: () => Promise<() => Promise<void>>,
  eventsBefore: number | null,
): Promise<DiskReport> {
  const acknowledged: string[] = [];
  const refusals: { [code: string]: number } = {};
  let made = 0;
  async function publish(): Promise<boolean> {
    const id = `disk-${(made += 1)}`;
    const { status, body } = await call(node, 'POST', '/v1/tenants/acme/events', { id, type: 'a.b', data: { text: TEXT } });
    if (status === 202) acknowledged.push(id);
    else {
      const { code = 'none' }: { readonly code?: string } = JSON.parse(body);
      refusals[`${status} ${code}`] = (refusals[`${status} ${code}`] ?? 0) + 1;
    }
    return status === 202;
  }

  while (made < (eventsBefore ?? EVENTS_MAX) && (await publish()));
  const before = acknowledged.length;
  const end = await begin();
  const untilMs = performance.now() + LASTS_MS;
  let notReady = '';
  while (performance.now() < untilMs) {
    await publish();
    const { status, body } = await call(node, 'GET', '/readyz');
    if (status === 503) notReady = String(JSON.parse(body).detail);
    await pause(20);
  }
  const readable = (await call(node, 'GET', '/v1/tenants/acme/events/disk-1')).status === 200;
  await end();
  const endedMs = performance.now();
  while (!(await publish())) {
    if (performance.now() > endedMs + END_MS) throw new Error(`publishing did not recover from ${fault}`);
    await pause(20);
  }
  const recoveredMs = Math.round(performance.now() - endedMs);
  for (let n = 0; n < 50; n++) await publish();
  while ((await node.metric('waxwing_deliveries_pending')) > 0) {
    if (performance.now() > endedMs + END_MS) throw new Error(`deliveries did not recover from ${fault}`);
    await pause(50);
  }
  await node.stop();
  const received = new Set(receiver.receipts().map(({ event }) => event));
  const lost = acknowledged.filter((id) => !received.has(id)).length;
  const damage = deployment.check();
  return { fault, before, after: acknowledged.length - before, refusals, notReady, readable, recoveredMs, lost, damage };
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-disk-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withScene<T>(folder: string, data: string, work: (scene: Scene) => Promise<T>): Promise<T> {
  const deployment = await embeddedDeployment({ folder, data });
  const [node] = deployment.nodes;
  const receiver = await startReceiver(join(folder, 'receipts.jsonl'));
  try {
    node.start();
    await node.ready();
    const created = await call(node, 'POST', '/v1/tenants/acme/endpoints', {
      url: receiver.url('all', 'steady'),
      retryScheduleSeconds: [1, 1, 2, 2, 5, 5],
    });
    if (created.status !== 201) throw new Error(`creating the endpoint was answered ${created.status}: ${created.body}`);
    return await work({ node, deployment, receiver });
  } finally {
    await node.abandon();
    await receiver.stop();
  }
}

async function call(node: WaxwingNode, method: string, path: string, body?: object): Promise<{ status: number; body: string }> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(`${node.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: answer.status, body: await answer.text() };
}
