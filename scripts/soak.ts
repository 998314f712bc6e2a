// Runs the soak: `npm run soak` kills the real server 200 times under load and prints what came of it. With a claim broken it
// leaves with 1 and keeps the folder.
//
//   npm run soak -- --kills 200 --seed 7 --store sqlite --minutes 20 --wide 100
//   npm run soak -- --strace   instead: that no 202 leaves before the fsync of its batch returned (needs strace)
//   npm run soak -- --disk     instead: a full disk and a failing fsync, done to the real server (needs root or prlimit; strace)

import { parseArgs } from 'node:util';
import { STORES, type StoreKind } from '../soak/deployment.ts';
import { failingFsyncRun, fullDiskRun } from '../soak/disk.ts';
import { soak, type Progress, type SoakReport } from '../soak/kills.ts';
import { straceRun } from '../soak/strace.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    store: { type: 'string', default: 'sqlite' },
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
else await killed();

async function killed(): Promise<void> {
  const report = await soak({
    store: storeKind(values.store),
    kills: wholeNumber('--kills', values.kills),
    seed: wholeNumber('--seed', values.seed),
    ...(values.minutes === undefined ? {} : { minutes: Number(values.minutes) }),
    wideEndpoints: wholeNumber('--wide', values.wide),
    loops: 4,
    lifeMsMax: 1_800,
    onProgress,
  });
  print(report);
  if (report.verdict.broken.some(({ cases }) => cases.length > 0)) process.exitCode = 1;
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

function storeKind(text: string): StoreKind {
  const found = STORES.find((name) => name === text);
  if (found === undefined) throw new Error(`--store must be one of ${STORES.join(', ')}; got ${text}`);
  return found;
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

function print({ verdict, kills, killsAtStart, askedAgain, refused, meddling, seconds }: SoakReport): void {
  const { figures, broken } = verdict;
  console.log(`\nseed ${values.seed}, ${seconds.toFixed(0)} s`);
  const lines: [number | string, string][] = [
    [figures.events, 'events answered 202'],
    [kills, `kills, ${killsAtStart} of them during a start`],
    [figures.lost, 'lost'],
    [
      figures.duplicates,
      `duplicates: answered, and killed before their record was on disk (records after them: by ${figures.overtakenMsMax} ms at most)`,
    ],
    [figures.inFlightAtKill, 'attempts in flight at a kill, the duplicates among them'],
    [figures.deliveries, 'deliveries'],
    [figures.attempts, 'attempts on record'],
    [figures.receipts, 'requests received'],
    [askedAgain, 'publishes asked again with the same id after no answer'],
    [refused, 'publishes refused with 503'],
    [
      Object.values(meddling).reduce((sum, times) => sum + times, 0),
      `changes meanwhile: ${Object.entries(meddling)
        .map(([deed, times]) => `${deed} ${times}`)
        .join(', ')}`,
    ],
  ];
  for (const [figure, what] of lines) console.log(`${String(figure).padStart(9)}  ${what}`);
  for (const { claim, cases } of broken) {
    console.log(`${cases.length === 0 ? '✓' : '✗'} ${claim}`);
    for (const one of cases.slice(0, 10)) console.log(`    ${one}`);
    if (cases.length > 10) console.log(`    and ${cases.length - 10} more`);
  }
}
