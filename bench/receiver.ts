// The receiver's benchmark: `npm run bench:receiver -- [options]`. Prints its method, the machine, and Markdown tables.
//
// Verifying a 1,000-byte body under every scheme beside the sender's own npm package, and WebhookServer with dedupe in
// memory under load. Leaves with 1 when a target of the project is missed.

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { SCHEMES } from '@waxwing/receiver';
import type { SchemeName } from '@waxwing/receiver';
import { inspectMachine } from './machine.ts';
import { verifyRates, type VerifyFigures } from './verify-rates.ts';
import { loadWebhookServer, type ServerFigures } from './webhook-load.ts';

const USAGE = `npm run bench:receiver -- [verify] [server]
  --quick            a smoke run of half a minute: too short to quote
  --schemes a,b      only these
  --body 1000        bytes of a body
  --rounds 9         rounds of each way of verifying; the best counts
  --seconds 10       measured window of the server
  --connections 32   of the load generator
  --json FILE        the figures for machines`;

const VERIFIES_MIN = 150_000;
const REQUESTS_MIN = 10_000;
/** Ours over theirs from which they are as fast: two runs of one thing differ by as much. */
const EQUAL_FROM = 0.95;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    schemes: { type: 'string' },
    body: { type: 'string', default: '1000' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '32' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number, not ${text}`);
  return value;
}

const isScheme = (name: string): name is SchemeName => Object.hasOwn(SCHEMES, name);

function schemesAsked(): readonly SchemeName[] {
  const names = values.schemes?.split(',') ?? Object.keys(SCHEMES);
  return names.map((name) => {
    if (!isScheme(name)) throw new Error(`there is no scheme ${name}\n\n${USAGE}`);
    return name;
  });
}

const bodyBytes = whole('body', values.body);
const rounds = whole('rounds', values.rounds ?? (values.quick ? '3' : '9'));
const roundMs = values.quick ? 40 : 150;
const seconds = whole('seconds', values.seconds ?? (values.quick ? '3' : '10'));
const connections = whole('connections', values.connections);

async function main(): Promise<void> {
  if (values.help) return console.log(USAGE);
  for (const part of positionals) if (part !== 'verify' && part !== 'server') throw new Error(`there is no part ${part}\n\n${USAGE}`);
  const asked = (part: string): boolean => positionals.length === 0 || positionals.includes(part);
  const machine = inspectMachine(tmpdir());
  console.log(`Machine: ${machine.cpus} CPUs (${machine.model}), Linux ${machine.kernel}, Node ${machine.node}`);
  const missed: string[] = [];
  const figures: { verify?: readonly VerifyFigures[]; server?: ServerFigures } = {};
  if (asked('verify')) missed.push(...missedByVerify((figures.verify = await measureVerify())));
  if (asked('server')) missed.push(...missedByServer((figures.server = await measureServer())));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, ...figures }, null, 2)}\n`);
  for (const line of missed) console.log(`MISSED: ${line}`);
  if (missed.length > 0) process.exitCode = 1;
}

async function measureVerify(): Promise<readonly VerifyFigures[]> {
  console.log(`
## Verifying

One core: calls over the CPU time of all threads. Bodies of ${bodyBytes} bytes, 64 different messages in turn, signed before. Ours: \`createSyncVerifier(scheme)(request, secret)\` with a
Buffer and headers as Node has them; "with event" also reads the event, which parses the body. Theirs: the sender's own package as its page
calls it, from the same bytes, objects it can keep kept; awaited where it is asynchronous. One that parses the body is compared with
ours "with event". ${rounds} rounds of ${roundMs} ms each in turn; the best counts, since what disturbs a round can only slow it. "×" is ours over theirs.
"Of a bare HMAC" is our rate over that of one HMAC-SHA256 of the body and nothing else, in the same rounds: what it reads on any machine. A
scheme that misses a target is measured once more.

| scheme | signature | verify/s | of a bare HMAC | with event/s | the sender's package | its rate/s | × |
|---|---|--:|--:|--:|---|--:|--:|`);
  const all: VerifyFigures[] = [];
  for (const name of schemesAsked()) {
    let figures = await verifyRates(name, bodyBytes, rounds, roundMs);
    if (missedByVerify([figures]).length > 0) figures = await verifyRates(name, bodyBytes, rounds, roundMs);
    all.push(figures);
    const { theirs } = figures;
    const cells =
      theirs === null ? ['–', '–', '–'] : [`${theirs.name}${theirs.parses ? ' (parses)' : ''}`, shown(theirs.perSecond), times(figures)];
    const share = `${Math.round((100 * figures.verifiesPerSecond) / figures.bareHmacsPerSecond)} %`;
    console.log(
      `| ${[name, figures.signature, shown(figures.verifiesPerSecond), share, shown(figures.eventsPerSecond), ...cells].join(' | ')} |`,
    );
  }
  return all;
}

async function measureServer(): Promise<ServerFigures> {
  console.log(`
## WebhookServer

\`new WebhookServer({ profile: 'standard', secret, dedupe: new MemoryDedupe() })\` with one handler, in a process of its own, one thread of
JavaScript. Load from another process: ${connections} kept-alive connections over loopback, each request (${bodyBytes}-byte body, an id of its own, signed when sent)
as soon as the last is answered. Warm-up 2 s, then ${seconds} s. CPU is user and system time of all the server's threads; "per core" is a second
over it: what one core carries when it is all the server's.

| requests/s | CPU a request | per core/s | refused | handled of sent |
|--:|--:|--:|--:|--:|`);
  let figures = await loadWebhookServer(seconds, 2, connections, bodyBytes);
  if (missedByServer(figures).length > 0) figures = await loadWebhookServer(seconds, 2, connections, bodyBytes);
  const { requestsPerSecond, cpuUsEach, perCorePerSecond, refused, handled, sent } = figures;
  console.log(
    `| ${shown(requestsPerSecond)} | ${cpuUsEach} µs | ${shown(perCorePerSecond)} | ${refused} | ${shown(handled)} of ${shown(sent)} |`,
  );
  return figures;
}

function missedByVerify(all: readonly VerifyFigures[]): readonly string[] {
  return all.flatMap((figures) => {
    const { scheme, signature, verifiesPerSecond, theirs } = figures;
    const slow = signature.startsWith('hmac') && verifiesPerSecond < VERIFIES_MIN;
    const slower = theirs !== null && ratio(figures) < EQUAL_FROM;
    return [
      ...(slow ? [`${scheme} verifies ${shown(verifiesPerSecond)} a second, not ${shown(VERIFIES_MIN)}`] : []),
      ...(slower ? [`${scheme} is slower than ${theirs.name} (${times(figures)})`] : []),
    ];
  });
}

function missedByServer({ perCorePerSecond, refused, handled, sent }: ServerFigures): readonly string[] {
  return [
    ...(perCorePerSecond < REQUESTS_MIN ? [`${shown(perCorePerSecond)} requests a second on one core, not ${shown(REQUESTS_MIN)}`] : []),
    ...(refused > 0 || handled !== sent ? [`${refused} requests refused, ${handled} of ${sent} handled`] : []),
  ];
}

function ratio({ verifiesPerSecond, eventsPerSecond, theirs }: VerifyFigures): number {
  return theirs === null ? Infinity : (theirs.parses ? eventsPerSecond : verifiesPerSecond) / theirs.perSecond;
}

const times = (figures: VerifyFigures): string => ratio(figures).toFixed(2);
const shown = (value: number): string => value.toLocaleString('en');

await main();
