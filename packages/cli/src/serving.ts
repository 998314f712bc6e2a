// Serving: a server from its settings to its last commit, and what it says at start and end.

import { setTimeout } from 'node:timers/promises';

import { WaxwingError } from '@waxwing/protocol';

import type { AdminKey } from './admin-key.ts';
import { startDevelopment } from './development.ts';
import type { Arrival, Development } from './development.ts';
import { listenForEnd } from './ending.ts';
import { startServer } from './running-server.ts';
import { unknownVariables } from './settings.ts';
import type { Settings } from './settings.ts';
import { bold, cyan, dim, green, print, printError, red, yellow } from './terminal.ts';
import { VERSION } from './version.ts';

/** How soon a node that lost its database looks for it again. */
const AGAIN_MS = 1_000;

/** Resolves once the process was told to end and everything is stored. */
export async function serve(settings: Settings): Promise<void> {
  for (const { name, near } of unknownVariables(process.env)) {
    printError(yellow(`${name} is set, but there is no such setting${near === null ? '' : `; did you mean ${near}?`}`));
  }
  const ending = listenForEnd((signal) => {
    printError(red(`${signal} again: leaving at once, without draining`));
    process.exit(1);
  });
  const told = new AbortController();
  void ending.asked.then((signal) => told.abort(signal));
  try {
    const port = await serveOnce(settings, told.signal);
    while (!told.signal.aborted) await serveAgain({ ...settings, port }, told.signal);
  } finally {
    ending.dispose();
  }
  print(dim('Stopped. Everything accepted is stored.'));
}

/** Serves until the signal, or until other nodes have ended its lease. The port that it listened on. */
async function serveOnce(settings: Settings, signal: AbortSignal): Promise<number> {
  const server = await startServer(settings);
  let development: Development | null = null;
  let isSuperseded = false;
  try {
    if (settings.development) development = await startDevelopment(server.engine, server.url, printArrival);
    printStart(settings, settings.publicUrl ?? server.url, server.adminKey, server.signInCode(server.adminKey.id), development);
    isSuperseded = await Promise.race([aborted(signal).then(() => false), server.superseded.then(() => true)]);
    if (isSuperseded) printError(yellow('Other nodes have ended this one’s lease on the database; it joins them anew.'));
    else print(dim(`${String(signal.reason)}: finishing what is in flight`));
  } finally {
    await server.close(isSuperseded ? 0 : undefined);
    await development?.stop();
  }
  return Number(new URL(server.url).port) || settings.port;
}

/** Serves again, as a new node, also where the database cannot be reached just now. */
async function serveAgain(settings: Settings, signal: AbortSignal): Promise<void> {
  try {
    await serveOnce(settings, signal);
  } catch (error) {
    if (!(error instanceof WaxwingError) || error.code !== 'store_unavailable') throw error;
    printError(yellow(`${error.message} It is tried again.`));
    await Promise.race([setTimeout(AGAIN_MS), aborted(signal)]);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function printStart(settings: Settings, url: string, adminKey: AdminKey, code: string, development: Development | null): void {
  print(
    `${bold('Waxwing')} ${VERSION}  ${cyan(url)}  ${dim(`contract ${url}/docs, store ${settings.databaseUrl === null ? settings.dataFolder : databaseName(settings.databaseUrl)}`)}`,
  );
  print();
  for (const line of adminKeyLines(adminKey, settings)) print(line);
  print(`Console:   ${cyan(`${url.replace(/\/$/, '')}/sign-in#code=${code}`)}`);
  print(dim('This link signs in once, within ten minutes; after that, sign in with an admin key.'));
  for (const name of settings.management) print(dim(`Management as ${name}: contract ${url}/docs/${name}`));
  for (const line of [...permissionLines(settings), ...mailLines(settings)]) print(yellow(line));
  if (development === null) return;
  print();
  print(`A receiver of its own is subscribed to everything of the tenant ${bold(development.tenant)}. Publish a first event:`);
  print();
  print(development.curl);
  print();
}

/** Without user and password. */
function databaseName(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname}`;
}

function adminKeyLines(adminKey: AdminKey, settings: Settings): string[] {
  switch (adminKey.kind) {
    case 'made':
      return [`Admin key: ${bold(adminKey.key)}`, dim('Keep it: it is shown this once. Give it as WAXWING_KEY or --key.')];
    case 'from_setting':
      return ['Admin key: as WAXWING_ADMIN_KEY sets it.'];
    case 'kept':
      return [
        'Admin key: the one that the first start printed.',
        dim(
          settings.databaseUrl === null
            ? `Lost it? \`waxwing keys create\` with another admin key, or \`waxwing keys create --data ${settings.dataFolder}\` while this server is stopped.`
            : 'Lost it? `waxwing keys create` with another admin key, or start with a WAXWING_ADMIN_KEY of your own.',
        ),
      ];
    default:
      return adminKey satisfies never;
  }
}

function permissionLines(settings: Settings): string[] {
  return [
    ...(settings.development ? ['Development mode: not for anything that others can reach.'] : []),
    ...(settings.allowHttp ? ['Plain HTTP is allowed: deliveries to http:// URLs can be read on the way.'] : []),
    ...(settings.allowPrivateNetworks
      ? ['Private networks are allowed: whoever may create endpoints can reach this machine’s own network.']
      : []),
  ];
}

function mailLines(settings: Settings): string[] {
  if (settings.smtpUrl !== null || settings.development) return [];
  return [
    'No mail server is set (WAXWING_SMTP_URL): whom a tenant names in notifyEmails is not mailed. GET /v1/notices shows what is unsent.',
  ];
}

function printArrival(arrival: Arrival): void {
  switch (arrival.kind) {
    case 'verified':
      print(
        `${green('✓')} ${bold(arrival.type)} ${arrival.id} arrived and was verified${arrival.tookMs === null ? '' : ` ${dim(`(${arrival.tookMs} ms after it was published)`)}`}`,
      );
      return;
    case 'refused':
      print(`${red('✗')} the receiver refused a request: ${arrival.explanation}`);
      return;
    default:
      arrival satisfies never;
  }
}
