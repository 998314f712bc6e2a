// Serving: a server from its settings to its last commit, and what it says at start and end.

import { ensureAdminKey } from './admin-key.ts';
import type { AdminKey } from './admin-key.ts';
import { startDevelopment } from './development.ts';
import type { Arrival, Development } from './development.ts';
import { listenForEnd } from './ending.ts';
import { startServer } from './running-server.ts';
import { unknownVariables } from './settings.ts';
import type { Settings } from './settings.ts';
import { bold, cyan, dim, green, print, printError, red, yellow } from './terminal.ts';
import { VERSION } from './version.ts';

/** Resolves once the process was told to end and everything is stored. */
export async function serve(settings: Settings): Promise<void> {
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
    printStart(settings, settings.publicUrl ?? server.url, adminKey, server.signInCode(adminKey.id), development);
    const signal = await ending.asked;
    print(dim(`${signal}: finishing what is in flight`));
  } finally {
    await server.close();
    await development?.stop();
    ending.dispose();
  }
  print(dim('Stopped. Everything accepted is stored.'));
}

function printStart(settings: Settings, url: string, adminKey: AdminKey, code: string, development: Development | null): void {
  print(`${bold('Waxwing')} ${VERSION}  ${cyan(url)}  ${dim(`contract ${url}/docs, store ${settings.dataFolder}`)}`);
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
          `Lost it? \`waxwing keys create\` with another admin key, or \`waxwing keys create --data ${settings.dataFolder}\` while this server is stopped.`,
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
