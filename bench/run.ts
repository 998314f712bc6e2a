// The benchmark: `npm run bench -- [scenario…] [options]`. Prints its method, the machine and every second of what it saw.
//
// Scenarios: limits, latency, steady, backlog; all of them when none is named. `--quick` is a smoke run of under a minute,
// too short to quote. Needs nothing installed; everything it makes it removes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { inspectMachine, type Machine } from './machine.ts';
import { backlog, limits, steady, type BacklogFigures, type LimitFigures, type Settings, type SteadyFigures } from './scenarios.ts';

const USAGE = `npm run bench -- [limits] [latency] [steady] [backlog]
  --quick            short runs: 8 s each, a backlog of 100,000
  --seconds 60       measured window of latency and steady (after a warm-up of 5 s)
  --rate 5000        steady: events a second, open loop; 0 closed loop, as fast as the connections carry
  --latency-rate 500 latency: events a second
  --connections 64   of the load generator
  --endpoints 1      each event goes to one of them, in turn
  --concurrency 16   deliveries in flight of each endpoint (the default of endpoints)
  --body 1000        bytes of a delivered body
  --batch 1          events a request
  --pending 1000000  backlog: pending deliveries
  --backlog paused   or refusing: the receiver answers 503
  --store sqlite     or postgres: latency and steady on a server of its own, on this machine, fsync on
  --folder DIR       where the stores are made (default: the temporary folder; not tmpfs, for true figures)
  --json FILE        the figures for machines`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rate: { type: 'string', default: '5000' },
    'latency-rate': { type: 'string', default: '500' },
    connections: { type: 'string', default: '64' },
    endpoints: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '16' },
    body: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '1' },
    pending: { type: 'string' },
    backlog: { type: 'string', default: 'paused' },
    store: { type: 'string', default: 'sqlite' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const SCENARIOS = ['limits', 'latency', 'steady', 'backlog'] as const;
type Scenario = (typeof SCENARIOS)[number];

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} takes a whole number, not ${text}`);
  return value;
}

function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario === name);
  if (found === undefined) throw new Error(`${name} is no scenario\n\n${USAGE}`);
  return found;
}

interface Figures {
  readonly machine: Machine;
  readonly settings: Omit<Settings, 'print' | 'folder'>;
  limits?: LimitFigures;
  latency?: SteadyFigures;
  steady?: SteadyFigures;
  backlog?: BacklogFigures;
}

async function main(): Promise<void> {
  if (values.help) return console.log(USAGE);
  const chosen = positionals.length === 0 ? SCENARIOS : positionals.map(scenarioOf);
  const how = values.backlog;
  if (how !== 'paused' && how !== 'refusing') throw new Error('--backlog takes paused or refusing');
  const { store } = values;
  if (store !== 'sqlite' && store !== 'postgres') throw new Error('--store takes sqlite or postgres');
  mkdirSync(values.folder, { recursive: true });
  const settings: Settings = {
    store,
    folder: values.folder,
    seconds: whole('seconds', values.seconds ?? (values.quick ? '8' : '60')),
    warmUpSeconds: values.quick ? 2 : 5,
    connections: whole('connections', values.connections),
    endpoints: whole('endpoints', values.endpoints),
    concurrency: whole('concurrency', values.concurrency),
    bodyBytes: whole('body', values.body),
    batch: whole('batch', values.batch),
    print: console.log,
  };
  const { print: _print, folder: _folder, ...shown } = settings;
  const figures: Figures = { machine: inspectMachine(settings.folder), settings: shown };
  printMethod(settings, figures.machine);

  for (const scenario of chosen) {
    console.log(`\n── ${scenario}`);
    switch (scenario) {
      case 'limits':
        printLimits((figures.limits = await limits(settings, values.quick ? 3 : 10)));
        break;
      case 'latency':
        printSteady(
          (figures.latency = await steady({ ...settings, batch: 1 }, whole('latency-rate', values['latency-rate']))),
          figures.limits,
        );
        break;
      case 'steady':
        printSteady((figures.steady = await steady(settings, whole('rate', values.rate))), figures.limits);
        break;
      case 'backlog':
        printBacklog(
          (figures.backlog = await backlog(settings, whole('pending', values.pending ?? (values.quick ? '100000' : '1000000')), how)),
        );
        break;
    }
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}

function printMethod(settings: Settings, machine: Machine): void {
  const { seconds, warmUpSeconds, connections, endpoints, concurrency, bodyBytes, batch } = settings;
  console.log(`Machine: ${machine.cpus} CPUs (${machine.model}), ${gigabytes(machine.memoryBytes)}, Linux ${machine.kernel}, Node ${machine.node}
fsync of 4 KiB in ${settings.folder}: p50 ${machine.fsyncP50Us} µs, p99 ${machine.fsyncP99Us} µs${machine.onTmpfs ? '  — IN MEMORY: not a durable store, the figures mean little' : ''}
Method: three processes share the CPUs over loopback: load generator (undici dispatch, ${connections} kept-alive connections), server
(HTTP API, engine, ${settings.store === 'sqlite' ? 'SQLite with synchronous=FULL' : 'PostgreSQL beside it on the same CPUs, synchronous_commit=on, fsync=on'}, profile standard, signed v1), receiver (bare sockets, kept alive, answers 200 at once).
${batch} event${batch === 1 ? '' : 's'} a request, bodies of ${bodyBytes} bytes, each delivered to one of ${endpoints} endpoint${endpoints === 1 ? '' : 's'}, at most ${concurrency} in flight each.
Warm-up ${warmUpSeconds} s, then ${seconds} s measured. Latency runs from the moment the generator publishes (open loop: whatever the answers do) until
the receiver has the whole request. CPU is user and system time of all threads of the server process.
Not measured: networks, TLS, slow receivers, other tenants' load, a store that has grown for months.`);
}

function printLimits({ send, store }: LimitFigures): void {
  console.log(`sign and send alone, one thread:   ${perSecond(send.perSecond)}, ${send.cpuUsEach} µs CPU each
store alone (two writes, durable): ${perSecond(store.perSecond)}, ${store.cpuUsEach} µs CPU each`);
}

function printSteady(figures: SteadyFigures, machineLimit: LimitFigures | undefined): void {
  const { latency, cpuUsPerDelivery: cpu, refused } = figures;
  const ratio =
    machineLimit === undefined
      ? ''
      : ` (${((100 * figures.deliveredPerSecond) / machineLimit.send.perSecond).toFixed(0)} % of the bare send loop)`;
  console.log(`delivered: ${perSecond(figures.deliveredPerSecond)}${ratio}; asked for ${figures.rateAsked === 0 ? 'all there is' : perSecond(figures.rateAsked)}
backlog: ${figures.backlogBefore} before, ${figures.backlogAfter} after: ${figures.sustained ? 'not growing' : 'GROWING'}
publish to received: p50 ${ms(latency.p50Us)}, p99 ${ms(latency.p99Us)}, p99.9 ${ms(latency.p999Us)}, most ${ms(latency.maxUs)}
CPU a delivery: server ${cpu.server} µs, generator ${cpu.generator} µs, receiver ${cpu.receiver} µs
memory of the server: at most ${megabytes(figures.rssBytes)}`);
  for (const [reason, times] of Object.entries(refused)) console.log(`refused: ${times} × ${reason}`);
}

function printBacklog(figures: BacklogFigures): void {
  console.log(`${figures.pending.toLocaleString('en')} pending, published at ${perSecond(figures.publishedPerSecond)} in batches of 100
memory of the server: ${megabytes(figures.rssEmptyBytes)} empty, ${megabytes(figures.rssBytes)} with the backlog, ${megabytes(figures.rssPeakBytes)} at most`);
}

const perSecond = (value: number): string => `${value.toLocaleString('en')}/s`;
const ms = (us: number): string => `${(us / 1000).toFixed(2)} ms`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const gigabytes = (bytes: number): string => `${Math.round(bytes / 1e9)} GB`;

await main();
