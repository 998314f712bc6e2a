// `waxwing serve`: the server, from its settings to its last commit.

import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import { ensureAdminKey } from '../admin-key.ts';
import type { AdminKey } from '../admin-key.ts';
import { startDevelopment } from '../development.ts';
import type { Arrival, Development } from '../development.ts';
import { listenForEnd } from '../ending.ts';
import { startServer } from '../running-server.ts';
import { parseSettings, unknownVariables } from '../settings.ts';
import type { SettingFlags, Settings } from '../settings.ts';
import { bold, cyan, dim, green, print, printError, red, yellow } from '../terminal.ts';
import { VERSION } from '../version.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the server')
    .option('--port <port>', 'where it listens; 0 takes a free one (WAXWING_PORT or PORT; default 8400)')
    .option('--host <host>', 'the address it listens on (WAXWING_HOST; default 127.0.0.1)')
    .option('--data <folder>', 'the embedded store (WAXWING_DATA; default ./waxwing-data)')
    .option('--database-url <url>', 'PostgreSQL: not available in this version')
    .option('--allow-private-networks', 'deliver to private and loopback addresses too (WAXWING_ALLOW_PRIVATE_NETWORKS)')
    .option('--allow-http', 'deliver to plain http:// URLs too (WAXWING_ALLOW_HTTP)')
    .option('--default-profile <name>', 'the profile of tenants that name none (WAXWING_DEFAULT_PROFILE; default standard)')
    .option('--public-url <url>', 'where people reach it, behind a proxy (WAXWING_PUBLIC_URL)')
    .option('--log-level <level>', 'debug, info, warn, error or silent (WAXWING_LOG_LEVEL; default warn)')
    .option('--dev', 'development mode: both permissions above, and a small receiver of its own to try things on')
    .addHelpText(
      'after',
      `
Also from the environment: WAXWING_ADMIN_KEY (sets the admin key), WAXWING_MASTER_KEY (encrypts secrets at rest);
each also as …_FILE, for secret managers. SIGTERM and SIGINT drain: what is in flight is finished and stored.

Examples:
  waxwing serve --dev
  waxwing serve --data /var/lib/waxwing --host 0.0.0.0 --public-url https://hooks.example.com`,
    )
    .action(async (flags: SettingFlags) => serve(parseSettings(flags, process.env, (path) => readFileSync(path, 'utf8'))));
}

async function serve(settings: Settings): Promise<void> {
  for (const { name, near } of unknownVariables(process.env)) {
    printError(yellow(`${name} is set, but there is no such setting${near === null ? '' : `; did you mean ${near}?`}`));
  }
  const ending = listenForEnd((signal) => {
    printError(red(`${signal} again: leaving at once, without draining`));
    process.exit(1);
  });
  const server = await startServer(settings);
  let development: Development | null = null;
  try {
    const adminKey = await ensureAdminKey(server.engine, settings.adminKey);
    if (settings.development) development = await startDevelopment(server.engine, server.url, printArrival);
    printStart(settings, settings.publicUrl ?? server.url, adminKey, development);
    const signal = await ending.asked;
    print(dim(`${signal}: finishing what is in flight`));
  } finally {
    await server.close();
    await development?.stop();
    ending.dispose();
  }
  print(dim('Stopped. Everything accepted is stored.'));
}

function printStart(settings: Settings, url: string, adminKey: AdminKey, development: Development | null): void {
  print(`${bold('Waxwing')} ${VERSION}  ${cyan(url)}  ${dim(`contract ${url}/docs, store ${settings.dataFolder}`)}`);
  print();
  for (const line of adminKeyLines(adminKey, settings)) print(line);
  for (const line of permissionLines(settings)) print(yellow(line));
  if (development === null) return;
  print();
  print(`A receiver of its own is subscribed to everything of the tenant ${bold(development.tenant)}. Publish a first event:`);
  print();
  print(development.curl);
  print();
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
        dim(`Lost it? \`waxwing keys create\` with another admin key, or \`waxwing keys create --data ${settings.dataFolder}\` while this server is stopped.`),
      ];
    default:
      return adminKey satisfies never;
  }
}

function permissionLines(settings: Settings): string[] {
  return [
    ...(settings.development ? ['Development mode: not for anything that others can reach.'] : []),
    ...(settings.allowHttp ? ['Plain HTTP is allowed: deliveries to http:// URLs can be read on the way.'] : []),
    ...(settings.allowPrivateNetworks ? ['Private networks are allowed: whoever may create endpoints can reach this machine’s own network.'] : []),
  ];
}

function printArrival(arrival: Arrival): void {
  switch (arrival.kind) {
    case 'verified':
      print(`${green('✓')} ${bold(arrival.type)} ${arrival.id} arrived and was verified${arrival.tookMs === null ? '' : ` ${dim(`(${arrival.tookMs} ms after it was published)`)}`}`);
      return;
    case 'refused':
      print(`${red('✗')} the receiver refused a request: ${arrival.explanation}`);
      return;
    default:
      arrival satisfies never;
  }
}
