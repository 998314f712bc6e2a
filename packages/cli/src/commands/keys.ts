// `waxwing keys`: who may do what. Over the API, or on a stopped store (`--data`) when the last admin key is lost. And the
// master key of a stopped store, embedded or in PostgreSQL.

import { readFileSync } from 'node:fs';

import type { Engine, MasterKeyChanged } from '@waxwing/engine';
import { KEY_FORMATS } from '@waxwing/protocol';
import type { Key, KeyFormat, KeyInput, KeyScope, TenantAction } from '@waxwing/protocol';
import { Command, Option } from 'commander';

import { connect, withConnection } from '../connection.ts';
import type { ConnectionOptions } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { collectList, readSecret } from '../input.ts';
import { pageOf, printPage, withPage } from '../listing.ts';
import type { Column, PageOptions } from '../listing.ts';
import { bold, dim, print, printJson } from '../terminal.ts';

const SCOPES = ['admin', 'read', 'publish', 'tenant'] as const satisfies readonly KeyScope[];
const ACTIONS = ['publish', 'manage', 'read'] as const satisfies readonly TenantAction[];

interface StoreOptions extends ConnectionOptions {
  readonly data?: string;
  readonly json?: boolean;
}

interface CreateOptions extends StoreOptions {
  readonly scope?: KeyScope;
  readonly tenant?: string;
  readonly actions?: readonly string[];
  readonly name?: string;
  readonly expires?: string;
  readonly format?: KeyFormat;
}

interface RotateOptions {
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly newKeyFile?: string;
  readonly json?: boolean;
}

export function keysCommand(): Command {
  return new Command('keys')
    .description('create, list and revoke API keys; change the master key')
    .addCommand(create())
    .addCommand(list())
    .addCommand(revoke())
    .addCommand(rotateMaster());
}

/** The engine is loaded by who needs it. */
async function withStoppedStore<T>(folder: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const store = await import('../stopped-store.ts');
  return store.withStoppedStore(folder, use);
}

function withStore(command: Command): Command {
  return withConnection(command).option('--data <folder>', 'work on the embedded store of a stopped server; no key is needed');
}

function create(): Command {
  return withStore(new Command('create'))
    .description('create a key; it is printed once')
    .addOption(
      new Option(
        '--scope <scope>',
        'admin, read or publish over the deployment; tenant for one tenant (default: tenant with --tenant, else admin)',
      ).choices(SCOPES),
    )
    .option('--tenant <id>', 'the one tenant it is for')
    .option('--actions <actions>', 'what it may do there: publish, manage, read (default: all)', collectList)
    .option('--name <name>', 'a name to know it by')
    .option('--expires <time>', 'when it ends, ISO 8601 (default: never)')
    .addOption(
      new Option(
        '--format <format>',
        'what it begins with, for a platform’s own clients: hc, sk_live, sk_test (with --tenant; default wxw)',
      ).choices(KEY_FORMATS),
    )
    .addHelpText(
      'after',
      `
Examples:
  waxwing keys create --tenant acme --actions publish --name "acme's backend"
  waxwing keys create --tenant acme --format hc
  waxwing keys create --scope read --expires 2027-01-01T00:00:00Z
  waxwing keys create --data ./waxwing-data        a lost admin key: stop the server first`,
    )
    .action(async (options: CreateOptions) => {
      const input = keyInput(options);
      const key = await (options.data === undefined
        ? connect(options).keys.create(input)
        : withStoppedStore(options.data, (engine) => engine.keys.create(input)));
      if (options.json === true) {
        printJson(key);
        return;
      }
      print(`${bold(key.key)}  ${dim('(shown once)')}`);
      print(dim(`${key.id}  ${scopeText(key)}${key.expiresAt === null ? '' : `, until ${key.expiresAt}`}`));
    });
}

function list(): Command {
  return withPage(withStore(new Command('list')))
    .description('list the keys, without their texts')
    .addHelpText('after', '\nExamples:\n  waxwing keys list\n  waxwing keys list --data ./waxwing-data')
    .action(async (options: StoreOptions & PageOptions) => {
      if (options.data === undefined) return printPage(connect(options).keys.list(pageOf(options)), options, COLUMNS, 'No keys.');
      return withStoppedStore(options.data, (engine) =>
        printPage({ page: () => engine.keys.list(pageOf(options)) }, options, COLUMNS, 'No keys.'),
      );
    });
}

function revoke(): Command {
  return withStore(new Command('revoke'))
    .description('revoke a key, at once and for ever')
    .argument('<id>', 'the key’s id (key_…), not its text')
    .addHelpText('after', '\nExample:\n  waxwing keys revoke key_01jd…')
    .action(async (id: string, options: StoreOptions) => {
      if (!id.startsWith('key_')) throw new UsageError('give the key’s id (key_…), which `waxwing keys list` shows');
      if (options.data === undefined) await connect(options).keys.revoke(id);
      else await withStoppedStore(options.data, (engine) => engine.keys.revoke(id));
      if (options.json !== true) print(`${bold(id)}  revoked`);
    });
}

function rotateMaster(): Command {
  return new Command('rotate-master')
    .description('encrypt the secrets of a stopped store under a new master key, all of them or none')
    .option('--data <folder>', 'the embedded store; its server must be stopped')
    .option('--database-url <url>', 'the PostgreSQL store; all nodes must be stopped (WAXWING_DATABASE_DIRECT_URL or WAXWING_DATABASE_URL)')
    .option(
      '--new-key-file <file>',
      'the new key: 32 bytes as base64 or hex, or a passphrase (default: one is made, where the key lies in the folder)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The present key is WAXWING_MASTER_KEY (or …_FILE) where that is set: give the new one there from then on.
Else it is master.key in the folder, which the new one replaces. Backups made before need the old key: keep it with them.
On PostgreSQL both keys are given, and each node starts with the new one.

Examples:
  waxwing keys rotate-master --data ./waxwing-data
  openssl rand -base64 32 > new.key && waxwing keys rotate-master --data ./waxwing-data --new-key-file new.key
  waxwing keys rotate-master --database-url postgres://waxwing@db.example/platform --new-key-file new.key`,
    )
    .action(async (options: RotateOptions) => {
      const newKey = options.newKeyFile === undefined ? null : readKeyFile(options.newKeyFile);
      const changed = await rotate(options, newKey);
      if (options.json === true) return printJson(changed);
      print(
        `The secrets of ${changed.endpoints} ${changed.endpoints === 1 ? 'endpoint' : 'endpoints'} are encrypted under the new master key.`,
      );
      print(dim(changed.keyFile === null ? 'Give it as WAXWING_MASTER_KEY from now on.' : `It lies in ${changed.keyFile}.`));
    });
}

async function rotate({ data, databaseUrl }: RotateOptions, newKey: string | null): Promise<MasterKeyChanged> {
  if (data !== undefined && databaseUrl !== undefined)
    throw new UsageError('--data is given beside --database-url: a server has one store');
  const { rotateDatabaseMasterKey, rotateMasterKey } = await import('../stopped-store.ts');
  if (data !== undefined) return rotateMasterKey(data, newKey);
  const { env } = process;
  const url =
    databaseUrl ?? readSecret(undefined, 'WAXWING_DATABASE_DIRECT_URL', env) ?? readSecret(undefined, 'WAXWING_DATABASE_URL', env);
  if (url === null) throw new UsageError('no store: give --data <folder>, or --database-url postgres://user:password@host/database');
  if (!/^postgres(ql)?:\/\//.test(url)) throw new UsageError('--database-url must be postgres://user:password@host/database');
  return rotateDatabaseMasterKey(url, newKey);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--new-key-file: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const COLUMNS: readonly Column<Key>[] = [
  { heading: 'ID', cell: (key) => key.id },
  { heading: 'NAME', cell: (key) => key.name },
  { heading: 'SCOPE', cell: scopeText },
  { heading: 'CREATED', cell: (key) => key.createdAt },
  { heading: 'ENDS', cell: (key) => (key.revokedAt === null ? (key.expiresAt ?? 'never') : `revoked ${key.revokedAt}`) },
];

function scopeText(key: Key): string {
  return key.tenant === null ? key.scope : `${key.tenant}: ${key.actions.join(', ')}`;
}

function keyInput(options: CreateOptions): KeyInput {
  // WAXWING_TENANT does not narrow a key: whoever wants that says --tenant.
  const scope = options.scope ?? (options.tenant === undefined ? 'admin' : 'tenant');
  if (scope === 'tenant' && options.tenant === undefined) throw new UsageError('--scope tenant needs --tenant');
  if (scope !== 'tenant' && options.tenant !== undefined) throw new UsageError(`--tenant is for --scope tenant, not ${scope}`);
  if (scope !== 'tenant' && options.actions !== undefined) throw new UsageError(`--actions is for --scope tenant, not ${scope}`);
  if (scope !== 'tenant' && options.format !== undefined && options.format !== 'wxw')
    throw new UsageError(`--format ${options.format} is for a key of one tenant: give --tenant`);
  const actions = options.actions?.map((action) => {
    const known = ACTIONS.find((name) => name === action);
    if (known === undefined) throw new UsageError(`--actions takes ${ACTIONS.join(', ')}; got ${JSON.stringify(action)}`);
    return known;
  });
  return {
    scope,
    ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
    ...(actions === undefined ? {} : { actions }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.expires === undefined ? {} : { expiresAt: options.expires }),
    ...(options.format === undefined ? {} : { format: options.format }),
  };
}
