// The soak of a cluster: nodes that share a PostgreSQL, under publishing and delivering load on all of them, while faults of
// every kind come over them at random; then everything is let come to its end, and judged.

import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeliveryState } from '@waxwing/protocol';
import { Waxwing } from '@waxwing/client';
import { Dice } from '../packages/engine/simulation/dice.ts';
import { STATES } from '../packages/engine/src/store/codes.ts';
import { startFaults, type Deed } from './cluster-faults.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { judgeCluster, type ClusterEvidence } from './judge-cluster.ts';
import { judge, type Fault, type Verdict } from './judge.ts';
import { readShared } from './ledger.ts';
import { startMeddling } from './meddling.ts';
import { LIVE, startPublishing } from './publishing.ts';
import { startReceiver, type Receiver } from './receipts.ts';
import { subscribe } from './subscribing.ts';
import { watchTakeovers, type Takeover } from './takeovers.ts';
import { ADMIN_KEY, pause } from './waxwing-node.ts';

export interface ClusterSoakOptions {
  readonly nodes: number;
  /** Ends after so many kills. */
  readonly kills: number;
  /** And after so many minutes. */
  readonly minutes: number;
  /** Drives what is done; the machine adds its own chance. */
  readonly seed: number;
  readonly wideEndpoints: number;
  /** Publishers at once. */
  readonly loops: number;
  /** The longest rest between two faults. */
  readonly faultRestMsMax: number;
  /** How much a fault's length is of what it may be. */
  readonly faultLengthRatio: number;
  readonly onProgress?: (line: string) => void;
}

export interface ClusterSoakReport {
  readonly verdict: Verdict;
  readonly faults: { readonly [deed in Deed]: number };
  /** How long shards of a node that a fault met were without another owner. */
  readonly takeoversMs: readonly number[];
  /** Of these, the ones during which nothing else was wrong. */
  readonly undisturbedMs: readonly number[];
  /** How often a node ended at its start, the database being away, and was started again. */
  readonly startedAgain: number;
  readonly askedAgain: number;
  readonly refused: number;
  readonly meddling: { readonly [deed: string]: number };
  readonly seconds: number;
}

/** Of the nodes in turn: none of this may matter. */
const CLOCKS_WRONG_MS = [0, 600_000, -600_000];
const WINDOW_MS = 1_000;
/** What two nodes' ideas of the database's clock may differ by on a machine that is very busy. */
const SKEW_MS = 250;
const REST_MS = 60;
const MEDDLING_REST_MS = 300;
const ANSWER_MS = 2_500;
const BACKLOG_MAX = 1_500;
const BEHIND_REST = 20;
const LOOK_MS = 5_000;
const END_MS = 300_000;

export async function clusterSoak(options: ClusterSoakOptions): Promise<ClusterSoakReport> {
  const startedMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-soak-'));
  chmodSync(folder, 0o711); // the database runs as a user of its own
  const nodes = Array.from({ length: options.nodes }, (_, n) => ({ clockWrongMs: CLOCKS_WRONG_MS[n % CLOCKS_WRONG_MS.length] ?? 0 }));
  const cluster = await startCluster({ folder, nodes });
  const receiver = await startReceiver(join(folder, 'receipts.jsonl'));
  let whole = false;
  try {
    const report = await run(options, cluster, receiver, folder);
    whole = report.verdict.broken.every(({ cases }) => cases.length === 0);
    return { ...report, seconds: (performance.now() - startedMs) / 1_000 };
  } finally {
    await cluster.close();
    await receiver.stop();
    if (whole) rmSync(folder, { recursive: true, force: true });
    else console.error(`what is left of it: ${folder}`);
  }
}

async function run(
  options: ClusterSoakOptions,
  cluster: Cluster,
  receiver: Receiver,
  folder: string,
): Promise<Omit<ClusterSoakReport, 'seconds'>> {
  const dice = new Dice(options.seed);
  await Promise.all(cluster.members.map((member) => cluster.bringUp(member)));
  const [first, ...others] = cluster.members.map(
    ({ node }) => new Waxwing({ url: node.url, key: ADMIN_KEY, retry: { attemptsMax: 1 }, timeoutMs: ANSWER_MS }),
  );
  if (first === undefined) throw new RangeError('a cluster has one node at least');
  const endpoints = await subscribe(first, receiver, options.wideEndpoints);
  const takeovers = watchTakeovers(cluster.url);
  const publishing = startPublishing(
    { nodes: cluster.members.map(({ node }) => node), dice: dice.fork(), loops: options.loops, restMs: REST_MS, answerMs: ANSWER_MS },
    `c${options.seed}-${Date.now()}`,
  );
  const live = [first.tenant(LIVE), ...others.map((client) => client.tenant(LIVE))] as const;
  const meddling = startMeddling({ live, receiver, dice: dice.fork(), endpoints, restMs: MEDDLING_REST_MS, cancels: true });
  const faults = startFaults({ cluster, receiver, takeovers, dice: dice.fork(), lengthRatio: options.faultLengthRatio });
  const finals = new Map<number, DeliveryState>();

  try {
    await faultAgainAndAgain();
    await faults.peace();
  } finally {
    await Promise.all([publishing.stop(), meddling.stop()]);
    await takeovers.stop();
  }
  for (const { node } of cluster.members) await node.ready();
  await settled(cluster, first, () => meddling.resumeAll());
  const shares = await shared(cluster);
  for (const { node } of cluster.members) await node.stop();

  const evidence: ClusterEvidence = {
    acknowledged: publishing.acknowledged,
    subscribers: endpoints,
    receipts: receiver.receipts(),
    ledger: await readShared(cluster.ask),
    faults: faults.faults,
    damages: [],
    waived: meddling.waived,
    windowMs: WINDOW_MS,
    skewMs: SKEW_MS,
    writers: 'several',
    finals,
    fallen: faults.fallen,
    ...shares,
  };
  const { figures, broken } = judge(evidence);
  const verdict = { figures, broken: [...broken.filter(({ claim }) => !claim.startsWith('the store was')), ...judgeCluster(evidence)] };
  if (verdict.broken.some(({ cases }) => cases.length > 0))
    writeFileSync(
      join(folder, 'evidence.json'),
      JSON.stringify({ ...evidence, receipts: [], finals: [], waived: [...evidence.waived], verdict }),
    );
  return {
    verdict,
    faults: faults.counts,
    takeoversMs: takeovers.done.map(tookMs),
    undisturbedMs: takeovers.done.filter((takeover) => undisturbed(takeover, faults.faults)).map(tookMs),
    startedAgain: faults.startedAgain(),
    ...publishing.counts,
    meddling: meddling.done,
  };

  async function faultAgainAndAgain(): Promise<void> {
    const untilMs = performance.now() + options.minutes * 60_000;
    let lookMs = performance.now() + LOOK_MS;
    while (faults.counts.kill < options.kills && performance.now() < untilMs) {
      await pause(dice.unit() * options.faultRestMsMax);
      const deed = faults.begin();
      if (performance.now() < lookMs) continue;
      lookMs = performance.now() + LOOK_MS;
      const pending = await look(cluster, finals).catch(() => null); // the database is away
      if (pending !== null) publishing.ease(pending > BACKLOG_MAX ? BEHIND_REST : 1);
      const total = Object.values(faults.counts).reduce((sum, times) => sum + times, 0);
      options.onProgress?.(
        `${faults.counts.kill} kills, ${total} faults (${deed ?? 'none'} now), ${publishing.acknowledged.length} events answered 202, ${pending ?? 'unknown'} pending`,
      );
    }
  }
}

const tookMs = ({ fromMs, untilMs }: Takeover): number => untilMs - fromMs;

/** Its own fault began with it. */
function undisturbed({ fromMs, untilMs }: Takeover, faults: readonly Fault[]): boolean {
  return faults.filter((fault) => fault.fromMs <= untilMs && fault.quietMs >= fromMs).length <= 1;
}

/** Notes what is final among the newest, and gives how much is pending. */
async function look({ ask }: Cluster, finals: Map<number, DeliveryState>): Promise<number> {
  const rows = await ask('SELECT seq, state FROM waxwing.deliveries WHERE state <> 0 ORDER BY seq DESC LIMIT 2000');
  for (const { seq, state } of rows) if (!finals.has(Number(seq))) finals.set(Number(seq), STATES.name(Number(state)));
  const [row] = await ask('SELECT count(*) AS pending FROM waxwing.pending');
  return Number(row?.['pending'] ?? 0);
}

/** Nothing pending, nothing fanned out, and no replay under way, twice in a row. */
async function settled(cluster: Cluster, client: Waxwing, resume: () => Promise<void>): Promise<void> {
  const untilMs = performance.now() + END_MS;
  await pause(1_000); // what a frozen node had been asked
  await resume();
  for (let quiet = 0; quiet < 2; await pause(150)) {
    if (performance.now() > untilMs) throw new Error(`not everything came to its end within ${END_MS / 1_000} s: ${await left(cluster)}`);
    const [row] = await cluster.ask('SELECT (SELECT count(*) FROM waxwing.pending) + (SELECT count(*) FROM waxwing.expansions) AS pending');
    const { data } = await client.tenant(LIVE).replays.list({ limit: 50 }).page();
    const done = Number(row?.['pending']) === 0 && data.every(({ state }) => state === 'completed' || state === 'cancelled');
    quiet = done ? quiet + 1 : 0;
  }
}

async function left({ ask }: Cluster): Promise<string> {
  const rows = await ask(`SELECT p.seq, p.endpoint_seq, p.due_ms, d.attempts, e.id FROM waxwing.pending p
    JOIN waxwing.deliveries d ON d.seq = p.seq JOIN waxwing.events e ON e.seq = d.event_seq ORDER BY p.seq LIMIT 10`);
  const [shares] = await ask('SELECT json_agg(s) AS shards FROM (SELECT node, count(*) FROM waxwing.shards GROUP BY node) s');
  return JSON.stringify({ rows, shares });
}

/** Who owns which shard, once the nodes have come to terms about it. */
async function shared({ ask, members }: Cluster): Promise<{ owners: (number | null)[]; nodes: number[] }> {
  const untilMs = performance.now() + 10_000;
  for (;;) {
    const rows = await ask('SELECT node FROM waxwing.shards ORDER BY shard');
    const owners = rows.map(({ node }) => (node === null ? null : Number(node)));
    const nodes = [...new Set(owners.filter((owner) => owner !== null))];
    const counts = nodes.map((node) => owners.filter((owner) => owner === node).length);
    const even = !owners.includes(null) && nodes.length === members.length && Math.max(...counts) - Math.min(...counts) <= 1;
    if (even || performance.now() > untilMs) return { owners, nodes };
    await pause(100);
  }
}
