// `waxwing backup`: a copy of an embedded store, taken while its server runs.

import { Command } from 'commander';

import { bold, dim, print, printError, printJson, yellow } from '../terminal.ts';

interface BackupOptions {
  readonly data?: string;
  readonly to: string;
  readonly json?: boolean;
}

export function backupCommand(): Command {
  return new Command('backup')
    .description('copy an embedded store, while its server runs or not')
    .option('--data <folder>', 'the store (WAXWING_DATA; default ./waxwing-data)')
    .requiredOption('--to <path>', 'a new folder to start from, or a lone file where it ends in .db')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      `
The folder holds waxwing.db and, where the server generated it, master.key: without the key no secret of the copy can be
read. Restore: stop the server, move its data folder away, put the copy in its place, start.

Examples:
  waxwing backup --data /var/lib/waxwing --to /backup/waxwing-2026-05-12
  waxwing serve --data /backup/waxwing-2026-05-12 --port 8500`,
    )
    .action(async (options: BackupOptions) => {
      const folder = options.data ?? process.env['WAXWING_DATA'] ?? './waxwing-data';
      const { backupStore } = await import('@waxwing/engine'); // loaded by who needs it
      const report = await backupStore(folder, options.to);
      const { file, bytes, keyFile, hasKey } = report;
      if (options.json === true) printJson({ file, bytes, keyFile });
      else print(`${bold(file)}  ${(bytes / 1_048_576).toFixed(1)} MiB`);
      const say = options.json === true ? printError : print;
      if (keyFile !== null)
        say(yellow(`${keyFile} is the MASTER KEY: it opens every secret in the copy. Keep the folder as safe as the server.`));
      else if (hasKey) say(yellow(`The MASTER KEY is not in it: keep ${folder}/master.key as well, or no secret of the copy can be read.`));
      else
        say(
          yellow('The MASTER KEY is not in the data folder (WAXWING_MASTER_KEY): keep it as well, or no secret of the copy can be read.'),
        );
      if (options.json !== true) print(dim('Restore: stop the server, put the copy where --data points, start.'));
    });
}
