// `waxwing migrate`: carries a whole embedded store over to PostgreSQL.

import { Command } from 'commander';

import { UsageError } from '../failure.ts';
import { readSecret } from '../input.ts';
import { bold, dim, print, printError, printJson, yellow } from '../terminal.ts';

interface MigrateOptions {
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** At most so often is progress said. */
const SAY_EVERY_MS = 1_000;

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('carry an embedded store over to PostgreSQL, whole: while no server runs on either')
    .option('--from <folder>', 'the embedded store (WAXWING_DATA; default ./waxwing-data); it is left as it is')
    .option('--to <url>', 'an empty database, or one that a move was begun on (WAXWING_DATABASE_URL, or …_FILE)')
    .option('--json', 'print each table’s rows and hash as JSON')
    .addHelpText(
      'after',
      `
Goes on where it was stopped. At the end every table is counted and hashed on both sides. Secrets go over sealed: start the
nodes with the master key that the store has. Statistics and live streams begin anew.

Example:
  waxwing migrate --from /var/lib/waxwing --to postgres://waxwing@db.example/platform
  WAXWING_MASTER_KEY_FILE=/var/lib/waxwing/master.key waxwing serve --database-url postgres://waxwing@db.example/platform`,
    )
    .action(async (options: MigrateOptions) => {
      const folder = options.from ?? process.env['WAXWING_DATA'] ?? './waxwing-data';
      const url = options.to ?? readSecret(undefined, 'WAXWING_DATABASE_URL', process.env);
      if (url === null || !/^postgres(ql)?:\/\//.test(url))
        throw new UsageError('no database: give --to postgres://user:password@host/database');
      const { moveStore } = await import('@waxwing/engine'); // loaded by who needs it
      let saidMs = -Infinity;
      const { tables, keyFile } = await moveStore(folder, url, {
        onProgress: ({ step, table, rows, total }) => {
          if (rows < total && performance.now() - saidMs < SAY_EVERY_MS) return;
          if (total === 0) return;
          saidMs = performance.now();
          printError(dim(`${step} ${table}: ${rows} of ${total}`));
        },
      });
      if (options.json === true) {
        printJson({ tables, keyFile });
        return;
      }
      for (const { name, rows, sha256 } of tables) print(`${name.padEnd(18)}${String(rows).padStart(12)}  ${dim(sha256.slice(0, 16))}`);
      print(bold('Moved: every table has the same rows on both sides.'));
      print(
        yellow(
          keyFile === null
            ? 'Start the nodes with the WAXWING_MASTER_KEY that this store was served with.'
            : `Start the nodes with the MASTER KEY of this store: WAXWING_MASTER_KEY_FILE=${keyFile}, or its text.`,
        ),
      );
    });
}
