// Runs the soak: `npm run soak` kills the real server 200 times under load and prints what came of it. With a claim broken it
// leaves with 1 and keeps the folder.
//
//   npm run soak -- --kills 200 --seed 7 --minutes 20 --wide 100
//   npm run soak -- --store postgres --nodes 3   instead: several nodes on a PostgreSQL, killed, frozen, cut off and more
//   npm run soak -- --strace   instead: that no 202 leaves before the fsync of its batch returned (needs strace)
//   npm run soak -- --disk     instead: a full disk and a failing fsync, done to the real server (needs root or prlimit; strace)

import { parseArgs } from 'node:util';
import { clusterSoak, type ClusterSoakReport } from '../soak/cluster-soak.ts';
import { failingFsyncRun, fullDiskRun } from '../soak/disk.ts';
import type { Claim, Figures } from '../soak/judge.ts';
import { soak, type Progress, type SoakReport } from '../soak/kills.ts';
import { straceRun } from '../soak/strace.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    store: { type: 'string', default: 'sqlite' },
    nodes: { type: 'string', default: '3' },
    minutes: { type: 'string' },
    wide: { type: 'string', default: '100' },
    strace: { type: 'boolean', default: false },
    disk: { type: 'boolean', default: false },
  },
});

const PROGRESS_EVERY = 10;
let told = 0;

if (values.strace) await traced();
else if (values.disk) await faulted();
else if (values.store === 'postgres') await clustered();
else if (values.store === 'sqlite') await killed();
else throw new Error(`--store must be sqlite or postgres; got ${values.store}`);

async function killed(): Promise<void> {
  const report = await soak({
    kills: wholeNumber('--kills', values.kills ?? '200'),
    seed: wholeNumber('--seed', values.seed),
    ...(values.minutes === undefined ? {} : { minutes: Number(values.minutes) }),
    wideEndpoints: wholeNumber('--wide', values.wide),
    loops: 4,
    lifeMsMax: 1_800,
    onProgress,
  });
  printKills(report);
  printClaims(report.verdict.broken);
}

async function clustered(): Promise<void> {
  const report = await clusterSoak({
    nodes: wholeNumber('--nodes', values.nodes),
    kills: wholeNumber('--kills', values.kills ?? (values.minutes === undefined ? '60' : '1000000')),
    minutes: values.minutes === undefined ? Infinity : Number(values.minutes),
    seed: wholeNumber('--seed', values.seed),
    wideEndpoints: wholeNumber('--wide', values.wide),
    loops: 6,
    faultRestMsMax: 4_000,
    faultLengthRatio: 1,
    onProgress: (line) => console.log(line),
  });
  printCluster(report);
  printClaims(report.verdict.broken);
}

async function traced(): Promise<void> {
  const { answers, events, syncs, early } = await straceRun();
  console.log(`${answers} answers 202 for ${events} events, ${syncs} syncs of the log`);
  console.log(`${early.length === 0 ? '✓' : '✗'} no 202 left before the fsync of its batch had returned: ${early.length} did`);
  for (const id of early.slice(0, 10)) console.log(`    ${id}`);
  if (early.length > 0 || events === 0 || syncs === 0) process.exitCode = 1;
}

async function faulted(): Promise<void> {
  for (const run of [fullDiskRun, failingFsyncRun]) {
    const { fault, before, after, refusals, notReady, readable, recoveredMs, lost, damage } = await run();
    const refused = Object.entries(refusals).map(([answer, times]) => `${times} × ${answer}`);
    console.log(`${fault}\n  ${before} events answered 202 before it; while it lasted publishing was answered ${refused.join(', ')}`);
    console.log(`  /readyz: ${notReady}${readable ? ' What was stored could be read.' : ''}`);
    console.log(`  publishing went on by itself ${recoveredMs} ms after its end, ${after} events answered 202; lost: ${lost}`);
    const ok = refused.length > 0 && lost === 0 && damage === null;
    console.log(`  ${ok ? '✓' : '✗'} ${damage === null ? 'the file passed its integrity check' : `the file is damaged: ${damage}`}`);
    if (!ok) process.exitCode = 1;
  }
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${flag} must be a whole number; got ${text}`);
  return Number(text);
}

function onProgress({ kills, events, pending }: Progress): void {
  const line = `${kills} kills, ${events} events answered 202, ${pending} deliveries pending at the last kill`;
  if (process.stdout.isTTY) process.stdout.write(`\r${line}   `);
  else if (Math.floor(kills / PROGRESS_EVERY) > Math.floor(told / PROGRESS_EVERY)) console.log(line);
  told = kills;
}

function printKills({ verdict: { figures }, kills, killsAtStart, askedAgain, refused, meddling, seconds }: SoakReport): void {
  console.log(`\nseed ${values.seed}, ${seconds.toFixed(0)} s`);
  printLines([
    [figures.events, 'events answered 202'],
    [kills, `kills, ${killsAtStart} of them during a start`],
    [figures.lost, 'lost'],
    [
      figures.duplicates.kill,
      `duplicates: answered, and killed before their record was on disk (records after them: by ${figures.overtakenMsMax} ms at most)`,
    ],
    [figures.unrecorded, 'attempts in flight at a kill, the duplicates among them'],
    ...common(figures, askedAgain, refused, meddling),
  ]);
}

function printCluster(report: ClusterSoakReport): void {
  const { verdict, faults, takeoversMs, undisturbedMs, startedAgain, askedAgain, refused, meddling, seconds } = report;
  const { figures } = verdict;
  const { duplicates } = figures;
  const twice = total(duplicates);
  console.log(`\nseed ${values.seed}, ${values.nodes} nodes, ${seconds.toFixed(0)} s`);
  printLines([
    [figures.events, 'events answered 202'],
    [total(faults), `faults: ${listed(faults)}; ${startedAgain} starts again because the database was away`],
    [takeoversMs.length, `takeovers; from the fault to new owners: ${spread(takeoversMs)}`],
    [undisturbedMs.length, `of these with nothing else wrong at the time: ${spread(undisturbedMs)}`],
    [figures.lost, 'lost'],
    [
      twice,
      `duplicates, ${((1_000 * twice) / Math.max(1, figures.receipts)).toFixed(1)} per 1,000 requests: answered, and not recorded because of a ${listed(duplicates)}`,
    ],
    [figures.unrecorded, 'attempts in flight at a fault, the duplicates among them'],
    [figures.outOfOrder, 'of these to FIFO endpoints, coming again after later ones'],
    ...common(figures, askedAgain, refused, meddling),
  ]);
}

type Line = readonly [figure: number, what: string];

function common(figures: Figures, askedAgain: number, refused: number, meddling: { readonly [deed: string]: number }): Line[] {
  return [
    [figures.deliveries, 'deliveries'],
    [figures.attempts, 'attempts on record'],
    [figures.receipts, 'requests received'],
    [askedAgain, 'publishes asked again with the same id after no answer'],
    [refused, 'publishes refused with 503'],
    [total(meddling), `changes meanwhile: ${listed(meddling)}`],
  ];
}

function spread(timesMs: readonly number[]): string {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)] ?? 0} ms at the median, ${sorted.at(-1) ?? 0} ms at most`;
}

function total(counts: { readonly [name: string]: number }): number {
  return Object.values(counts).reduce((sum, times) => sum + times, 0);
}

function listed(counts: { readonly [name: string]: number }): string {
  return Object.entries(counts)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
}

function printLines(lines: readonly Line[]): void {
  for (const [figure, what] of lines) console.log(`${String(figure).padStart(9)}  ${what}`);
}

function printClaims(claims: readonly Claim[]): void {
  for (const { claim, cases } of claims) {
    console.log(`${cases.length === 0 ? '✓' : '✗'} ${claim}`);
    for (const one of cases.slice(0, 10)) console.log(`    ${one}`);
    if (cases.length > 10) console.log(`    and ${cases.length - 10} more`);
    if (cases.length > 0) process.exitCode = 1;
  }
}
