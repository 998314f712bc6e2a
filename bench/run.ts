// The benchmark: `npm run bench -- [scenario…] [options]`. Prints its method, the machine and what it sees on the way, then a
// table; on request JSON, plots, and the figures' part of bench/README.md.
//
// Needs nothing installed; everything it makes it removes. A scenario that fails is said so, and the others still run.
// `--quick` compares with the kept baseline and leaves with 0 whatever it finds.

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BASELINE_FILE, compare, keepBaseline } from './baseline.ts';
import { Bench, type Scenario, type Settings } from './bench.ts';
import { inspectMachine } from './machine.ts';
import { methodOf } from './method.ts';
import { readProfiles } from './profile.ts';
import { tableOf, writeReport, type Recorded, type RecordedScenario } from './report.ts';
import { measureParts } from './scenarios/limit.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { FULL, QUICK } from './sizes.ts';

const USAGE = `npm run bench -- [scenario…]
${SCENARIOS.map(({ name, question }) => `  ${name.padEnd(16)} ${question}`).join('\n')}

All of them, in this order, when none is named (about 20 minutes). Options:
  --quick            a short set (under two minutes), compared with the kept baseline; too short to quote
  --deep             depth and stores with ten million rows (needs some 20 GB of disk and half an hour)
  --seconds 8        measured window; steps of a rising load take half of it
  --store sqlite     or postgres: a server of its own, on this machine, fsync on
  --nodes 1          server processes on one PostgreSQL; the generator spreads over them
  --threads 1        threads of the server that sign and send: 0 for none of their own
  --connections 64   of the load generator
  --endpoints 10     each event goes to one of them, in turn
  --concurrency 16   deliveries in flight of each endpoint (the default of endpoints)
  --body 1000        bytes of a delivered body
  --backlog 1000000  drain: pending deliveries
  --depth 1000000    depth, stores: pending retries, finished deliveries
  --many 100000      many-endpoints: endpoints
  --folder DIR       where the stores are made (default: the temporary folder; not tmpfs, for true figures)
  --profile          CPU profiles of the server: what takes the time, and the .cpuprofile files
  --json FILE        the figures for machines
  --report FILE      writes table and plots into a Markdown file, between its markers (bench/README.md)
  --from FILE        runs nothing: the report of an earlier run's JSON
  --keep             keeps the ratios of this run as the baseline`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    deep: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
    nodes: { type: 'string' },
    threads: { type: 'string' },
    connections: { type: 'string' },
    endpoints: { type: 'string' },
    concurrency: { type: 'string' },
    body: { type: 'string' },
    backlog: { type: 'string' },
    depth: { type: 'string' },
    many: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'boolean', default: false },
    json: { type: 'string' },
    report: { type: 'string' },
    from: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function whole(text: string | undefined, otherwise: number): number {
  const value = Number(text ?? otherwise);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${text} is no whole number\n\n${USAGE}`);
  return value;
}

function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`${name} is no scenario\n\n${USAGE}`);
  return found;
}

function settingsAsked(): Settings {
  const { store } = values;
  if (store !== 'sqlite' && store !== 'postgres') throw new Error('--store takes sqlite or postgres');
  const size = values.quick ? QUICK : FULL;
  mkdirSync(values.folder, { recursive: true });
  return {
    store,
    folder: values.folder,
    nodes: whole(values.nodes, 1),
    threads: whole(values.threads, 1),
    seconds: whole(values.seconds, size.seconds),
    warmUpSeconds: size.warmUpSeconds,
    connections: whole(values.connections, 64),
    endpoints: whole(values.endpoints, 10),
    concurrency: whole(values.concurrency, 16),
    bodyBytes: whole(values.body, 1_000),
    backlog: whole(values.backlog, size.backlog),
    depth: whole(values.depth, values.deep ? 10_000_000 : size.depth),
    manyEndpoints: whole(values.many, size.manyEndpoints),
    profiles: values.profile ? mkdtempSync(join(values.folder, 'waxwing-profiles-')) : null,
  };
}

async function main(): Promise<void> {
  if (values.help) return console.log(USAGE);
  if (values.from !== undefined) {
    const earlier: Recorded = JSON.parse(readFileSync(values.from, 'utf8'));
    return tell(earlier);
  }
  const chosen =
    positionals.length > 0 ? positionals.map(scenarioOf) : SCENARIOS.filter(({ name }) => !values.quick || QUICK.names.includes(name));
  const settings = settingsAsked();
  const machine = inspectMachine(settings.folder);
  console.log(methodOf(settings, machine));
  const bench = new Bench(settings, machine, (line) => console.log(line), measureParts);
  const startedMs = performance.now();
  const scenarios: { [name: string]: RecordedScenario } = {};
  for (const scenario of chosen) scenarios[scenario.name] = await play(scenario, bench);
  const { folder: _folder, profiles: _profiles, ...shown } = settings;
  tell({
    at: new Date().toISOString(),
    command: `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
    machine,
    settings: shown,
    method: methodOf(settings, machine),
    seconds: Math.round((performance.now() - startedMs) / 1000),
    scenarios,
  });
}

async function play(scenario: Scenario, bench: Bench): Promise<RecordedScenario> {
  console.log(`\n── ${scenario.name}: ${scenario.question}`);
  const startedMs = performance.now();
  try {
    const result = await scenario.run(bench);
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    console.log(`${tableOf(result.figures)}\n(${seconds} s)`);
    if (bench.settings.profiles !== null) console.log(readProfiles(bench.settings.profiles));
    return { question: scenario.question, seconds, failure: null, ...result };
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.log(`FAILED: ${failure}`);
    if (!values.quick) process.exitCode = 1;
    return { question: scenario.question, seconds: (performance.now() - startedMs) / 1000, failure, figures: [], plots: [] };
  }
}

/** What was asked for beside the table: files, and the comparison. */
function tell(recorded: Recorded): void {
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(recorded, null, 2)}\n`);
  if (values.report !== undefined) writeReport(recorded, values.report);
  if (values.keep) console.log(`kept as the baseline: ${keepBaseline(recorded)} ratios in ${BASELINE_FILE}`);
  else if (values.quick) console.log(compare(recorded));
}

await main();
