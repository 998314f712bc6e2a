// The soak: a deployment under publishing and delivering load whose nodes are killed with SIGKILL at random moments, again and
// again; then everything is let come to its end, and judged.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Waxwing } from '@waxwing/client';
import { Dice } from '../packages/engine/simulation/dice.ts';
import { embeddedDeployment, type Deployment } from './deployment.ts';
import { judge, type Fault, type Verdict } from './judge.ts';
import { startMeddling } from './meddling.ts';
import { LIVE, startPublishing } from './publishing.ts';
import { startReceiver, type Receiver } from './receipts.ts';
import { subscribe } from './subscribing.ts';
import { ADMIN_KEY, pause, type WaxwingNode } from './waxwing-node.ts';

export interface SoakOptions {
  readonly kills: number;
  /** Drives the moments of the kills and what is done; the machine adds its own chance. */
  readonly seed: number;
  /** Ends killing after so many minutes, whatever `kills` says. */
  readonly minutes?: number;
  /** How many endpoints a wide event goes to. */
  readonly wideEndpoints: number;
  /** Publishers at once. */
  readonly loops: number;
  /** The longest that a node lives, from when it takes events. */
  readonly lifeMsMax: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly kills: number;
  readonly events: number;
  readonly pending: number;
}

export interface SoakReport {
  readonly verdict: Verdict;
  readonly kills: number;
  /** Kills before the node was ready: in the middle of its start. */
  readonly killsAtStart: number;
  readonly askedAgain: number;
  readonly refused: number;
  readonly meddling: { readonly [deed: string]: number };
  readonly seconds: number;
}

/** An answer leaves before its record is on disk: the next group commit has it, however busy the machine. */
const WINDOW_MS = 1_000;
/** One kill in so many comes while the node starts. */
const AT_START = 0.2;
const START_MS = 500;
/** How long the end may take: retries, pauses and replays included. */
const END_MS = 300_000;
const REST_MS = 40;
/**
 * With more pending the publishers take their time and the nodes live longer: what is under test is the kills, not how much a
 * busy machine can deliver between them.
 */
const BACKLOG_MAX = 1_500;
const BEHIND_REST = 20;
const BEHIND_LIFE = 3;
const MEDDLING_REST_MS = 300;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const startedMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-soak-'));
  const deployment = await embeddedDeployment({ folder });
  const receiver = await startReceiver(join(folder, 'receipts.jsonl'));
  let judged = false;
  try {
    const report = await run(options, deployment, receiver);
    judged = report.verdict.broken.every(({ cases }) => cases.length === 0);
    return { ...report, seconds: (performance.now() - startedMs) / 1_000 };
  } finally {
    for (const node of deployment.nodes) await node.abandon();
    await receiver.stop();
    if (judged) rmSync(folder, { recursive: true, force: true });
    else console.error(`what is left of it: ${folder}`);
  }
}

async function run(options: SoakOptions, deployment: Deployment, receiver: Receiver): Promise<Omit<SoakReport, 'seconds'>> {
  const dice = new Dice(options.seed);
  const [first] = deployment.nodes;
  await started(deployment.nodes);
  const client = new Waxwing({ url: first.url, key: ADMIN_KEY, retry: { attemptsMax: 1 } });
  const endpoints = await subscribe(client, receiver, options.wideEndpoints);
  // A polite stop writes Node's compile cache, which a killed process never does: every start after it is twice as fast.
  for (const node of deployment.nodes) await node.stop();
  await started(deployment.nodes);
  const publishing = startPublishing(
    { nodes: deployment.nodes, dice: dice.fork(), loops: options.loops, restMs: REST_MS },
    `s${options.seed}-${Date.now()}`,
  );
  const meddling = startMeddling({ live: [client.tenant(LIVE)], receiver, dice: dice.fork(), endpoints, restMs: MEDDLING_REST_MS });

  const kills: Fault[] = [];
  const damages: string[] = [];
  let killsAtStart = 0;
  try {
    await killAgainAndAgain();
  } finally {
    await Promise.all([publishing.stop(), meddling.stop()]);
  }
  await meddling.resumeAll();
  await settled(client, first);
  for (const node of deployment.nodes) await node.stop();
  const damage = deployment.check();
  if (damage !== null) damages.push(`at the end: ${damage}`);

  const verdict = judge({
    acknowledged: publishing.acknowledged,
    subscribers: endpoints,
    receipts: receiver.receipts(),
    ledger: deployment.ledger(),
    faults: kills,
    damages,
    waived: meddling.waived,
    windowMs: WINDOW_MS,
    skewMs: 0,
    writers: 'one',
  });
  return { verdict, kills: kills.length, killsAtStart, ...publishing.counts, meddling: meddling.done };

  async function killAgainAndAgain(): Promise<void> {
    const untilMs = options.minutes === undefined ? Infinity : performance.now() + options.minutes * 60_000;
    let isBehind = false;
    while (kills.length < options.kills && performance.now() < untilMs) {
      const node = dice.any(deployment.nodes) ?? first;
      await pause(dice.unit() * options.lifeMsMax * (isBehind ? BEHIND_LIFE : 1));
      const pending = await node.metric('waxwing_deliveries_pending');
      isBehind = pending > BACKLOG_MAX;
      publishing.ease(isBehind ? BEHIND_REST : 1);
      await killed(node);
      node.start();
      while (kills.length < options.kills && dice.chance(AT_START)) {
        await pause(dice.unit() * START_MS);
        await killed(node);
        killsAtStart += 1;
        node.start();
      }
      await node.ready();
      options.onProgress?.({ kills: kills.length, events: publishing.acknowledged.length, pending });
    }
  }

  async function killed(node: WaxwingNode): Promise<void> {
    const killedMs = await node.kill();
    await receiver.caughtUp();
    kills.push({ kind: 'kill', node: node.address, fromMs: killedMs, quietMs: Date.now() });
    const wrong = deployment.check();
    if (wrong !== null) damages.push(`after kill ${kills.length}: ${wrong}`);
  }
}

async function started(nodes: readonly WaxwingNode[]): Promise<void> {
  for (const node of nodes) {
    node.start();
    await node.ready();
  }
}

/** Nothing pending, and no replay under way, twice in a row. */
async function settled(client: Waxwing, node: WaxwingNode): Promise<void> {
  const untilMs = performance.now() + END_MS;
  for (let quiet = 0; quiet < 2; await pause(100)) {
    if (performance.now() > untilMs) throw new Error(`not everything came to its end within ${END_MS / 1_000} s`);
    const pending = await node.metric('waxwing_deliveries_pending');
    const { data } = await client.tenant(LIVE).replays.list({ limit: 50 }).page();
    quiet = pending === 0 && data.every(({ state }) => state === 'completed' || state === 'cancelled') ? quiet + 1 : 0;
  }
}
