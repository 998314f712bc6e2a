// What one would build instead: `npm run bench:others -- [options]`. BullMQ on Redis and pg-boss on PostgreSQL, each with an
// undici worker, beside Waxwing on SQLite and on PostgreSQL: the same events, generator, receiver, signature and durability,
// in one run, one after the other.
//
// Installs BullMQ and pg-boss beside this file when they are not there yet.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Peer } from '../asking.ts';
import { Bench, type Settings } from '../bench.ts';
import { startDatabase } from '../database.ts';
import { figure, type Figure, type Result } from '../figures.ts';
import type { GeneratorAnswers } from '../generator-process.ts';
import { inspectMachine } from '../machine.ts';
import { methodOf } from '../method.ts';
import type { ReceiverAnswers } from '../receiver-process.ts';
import { tableOf, writeReport, type Recorded } from '../report.ts';
import { measureParts } from '../scenarios/limit.ts';
import { FULL, QUICK } from '../sizes.ts';
import { Stage, type Window } from '../stage.ts';
import { findRedis, startRedis } from './redis.ts';
import { Rival, type RivalDatabase } from './rival.ts';

const BATCH = 100;
const QUESTION = 'how much faster is it than what one would build instead?';
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    only: { type: 'string', default: 'sqlite,postgres,bullmq,pg-boss' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
    report: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const USAGE = `npm run bench:others -- [options]
  --quick            short bursts
  --seconds 8        about how long Waxwing takes for a burst; the others get as many events as they carry in that time
  --only a,b         of sqlite, postgres, bullmq, pg-boss
  --folder DIR       where the stores are made
  --json FILE        the figures for machines
  --report FILE      writes them into a Markdown file, between its markers (bench/README.md)`;

/** What every build is asked for. */
const MODES = ['http', 'batch', 'process'] as const;
type Mode = (typeof MODES)[number];
const MODE_NAMES: { readonly [M in Mode]: string } = {
  http: 'over HTTP, one event a request',
  batch: `over HTTP, ${BATCH} a request`,
  process: `added in process, ${BATCH} at once`,
};
type Measured = { readonly [M in Mode]: Window };

interface Build {
  readonly id: string;
  readonly name: string;
  measure(): Promise<Measured>;
}

function settingsAsked(): Settings {
  const size = values.quick ? QUICK : FULL;
  const seconds = Number(values.seconds ?? size.seconds);
  return {
    ...size,
    seconds,
    store: 'sqlite',
    nodes: 1,
    threads: 1,
    folder: values.folder,
    connections: 64,
    endpoints: 10,
    concurrency: 16,
    bodyBytes: 1_000,
    profiles: null,
  };
}

async function main(): Promise<void> {
  if (values.help) return console.log(USAGE);
  const versions = install();
  const settings = settingsAsked();
  const machine = inspectMachine(settings.folder);
  const bench = new Bench(settings, machine, (line) => console.log(line), measureParts);
  const redisVersion = values.only.includes('bullmq') ? `, Redis ${findRedis().version}` : '';
  const method = `${methodOf(settings, machine)}
The others (${versions}${redisVersion}): a Fastify application takes the same requests and adds them to the queue (a batch at once, where the request is one); a worker in a second process
signs and sends with undici. BullMQ: concurrency 128, Redis with appendonly yes and appendfsync always. pg-boss: workers that fetch 100 at a time without
a pause while there are more (its LISTEN/NOTIFY made it slower); PostgreSQL with synchronous_commit=on. They look no endpoint up, check no event against a
schema, keep no history of attempts and no endpoint's order, and share nothing fairly: Waxwing does all of that in its figures.`;
  console.log(method);
  const startedMs = performance.now();
  const measured = new Map<string, { name: string; modes: Measured }>();
  for (const build of builds(bench)) {
    if (!values.only.split(',').includes(build.id)) continue;
    console.log(`\n── ${build.name}`);
    const modes = await build.measure();
    for (const mode of MODES)
      console.log(
        `  ${MODE_NAMES[mode]}: ${modes[mode].perSecond.toLocaleString('en')}/s, CPU ${modes[mode].cpuUsEach.server} + ${modes[mode].cpuUsEach.database} µs`,
      );
    measured.set(build.id, { name: build.name, modes });
  }
  const result = resultOf(measured, await bench.ofSendLoop());
  console.log(`\n${tableOf(result.figures)}`);
  const { folder: _folder, profiles: _profiles, ...shown } = settings;
  const recorded: Recorded = {
    at: new Date().toISOString(),
    command: `npm run bench:others${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
    machine,
    settings: shown,
    method,
    seconds: Math.round((performance.now() - startedMs) / 1000),
    scenarios: { others: { question: QUESTION, seconds: (performance.now() - startedMs) / 1000, failure: null, ...result } },
  };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(recorded, null, 2)}\n`);
  if (values.report !== undefined) writeReport(recorded, values.report, 'others');
}

/** Exact versions, into a folder of their own; nothing runs at their installation. Tells what is there. */
function install(): string {
  const folder = import.meta.dirname;
  const { dependencies }: { dependencies: { [name: string]: string } } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const versions = Object.entries(dependencies)
    .map((pair) => pair.join(' '))
    .join(', ');
  if (Object.keys(dependencies).every((name) => existsSync(join(folder, 'node_modules', name, 'package.json')))) return versions;
  console.log(`Installing ${versions} in ${folder}`);
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--workspaces=false'];
  execFileSync('npm', ['install', ...flags], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return versions;
}

function builds(bench: Bench): readonly Build[] {
  return [
    { id: 'sqlite', name: 'Waxwing on SQLite', measure: () => waxwing(bench, 'sqlite') },
    { id: 'postgres', name: 'Waxwing on PostgreSQL', measure: () => waxwing(bench, 'postgres') },
    {
      id: 'bullmq',
      name: 'BullMQ, Redis and undici',
      async measure() {
        const redis = await startRedis(bench.settings.folder);
        return rival(bench, './others/bullmq-process.ts', redis, String(redis.port));
      },
    },
    {
      id: 'pg-boss',
      name: 'pg-boss, PostgreSQL and undici',
      async measure() {
        const database = await startDatabase();
        return rival(bench, './others/pg-boss-process.ts', database, database.url);
      },
    },
  ];
}

function waxwing(bench: Bench, store: 'sqlite' | 'postgres'): Promise<Measured> {
  return bench.onStage({ store, nodes: 1 }, (stage) => {
    const { endpoints, bodyBytes } = bench.settings;
    return modesOf(bench, stage, (events) => stage.system.server.ask('publish', { events, atOnce: 8, batch: BATCH, endpoints, bodyBytes }));
  });
}

async function rival(bench: Bench, file: string, database: RivalDatabase, place: string): Promise<Measured> {
  const { endpoints, bodyBytes, connections } = bench.settings;
  const receiver = new Peer<ReceiverAnswers>('./receiver-process.ts');
  const generator = new Peer<GeneratorAnswers>('./generator-process.ts');
  try {
    const url = `http://127.0.0.1:${await receiver.ask('listen')}`;
    const system = await Rival.start(file, database, place, url, endpoints);
    const stage = new Stage({ generator, receiver }, system, { connections, endpoints, tenants: 1, bodyBytes }, 1);
    try {
      return await modesOf(bench, stage, (events) =>
        system.ingest.ask('publish', { events, atOnce: 8, batch: BATCH, endpoints, bodyBytes }),
      );
    } finally {
      await stage.close();
    }
  } finally {
    await Promise.all([generator.stop(), receiver.stop()]);
  }
}

/** A warm-up tells how many events a burst of the window's length takes; the same way for every build. */
async function modesOf(bench: Bench, stage: Stage, publish: (events: number) => Promise<void>): Promise<Measured> {
  const { seconds, warmUpSeconds } = bench.settings;
  const rounds = (events: number): number => Math.max(BATCH, Math.round(events / BATCH) * BATCH);
  const over = async (burst: (events: number) => Promise<Window>): Promise<Window> => {
    let { perSecond } = await burst(rounds(500 * warmUpSeconds));
    ({ perSecond } = await burst(rounds(perSecond * warmUpSeconds)));
    return burst(rounds(perSecond * seconds));
  };
  return {
    http: await over((events) => stage.burst({ events })),
    batch: await over((events) => stage.burst({ events, batch: BATCH })),
    process: await over((events) => stage.timed(events, () => publish(events))),
  };
}

function resultOf(measured: ReadonlyMap<string, { name: string; modes: Measured }>, send: { value: number; of: string }): Result {
  const figures: Figure[] = [];
  for (const [id, { name, modes }] of measured) {
    for (const mode of MODES)
      figures.push(figure(`others.${id}.${mode}`, `${name}, ${MODE_NAMES[mode]}`, modes[mode].perSecond, '/s', 'more', { against: send }));
    const { server, database } = modes.http.cpuUsEach;
    figures.push(figure(`others.${id}.cpu`, `${name}: CPU a delivery, its database included`, server + database, 'µs', 'less'));
  }
  const times = (ours: string, theirs: string, mode: Mode): number =>
    (measured.get(ours)?.modes[mode].perSecond ?? 0) / (measured.get(theirs)?.modes[mode].perSecond ?? NaN);
  for (const [theirs, least] of [
    ['bullmq', 4],
    ['pg-boss', 5],
  ] as const)
    for (const ours of ['sqlite', 'postgres'])
      for (const mode of MODES) {
        if (!measured.has(theirs) || !measured.has(ours)) continue;
        const what = `${measured.get(ours)?.name} over ${measured.get(theirs)?.name}, ${MODE_NAMES[mode]}`;
        const target = ours === 'sqlite' ? { target: { atLeast: least, text: `≥ ${least} ×` } } : {};
        figures.push(figure(`others.${ours}.over.${theirs}.${mode}`, what, times(ours, theirs, mode), '×', 'more', target));
      }
  const bars = [...measured].map(([id, { name, modes }]) => ({
    label: name,
    value: modes.http.perSecond,
    isOurs: !['bullmq', 'pg-boss'].includes(id),
  }));
  return { figures, plots: [{ kind: 'bars', name: 'others', title: 'Delivered a second, one event a request', unit: '/s', bars }] };
}

await main();
