// `waxwing event-types`: the catalogues.

import { Command } from 'commander';

import { connect, withConnection } from '../connection.ts';
import type { ConnectionOptions } from '../connection.ts';
import { given, pageOf, printPage, withPage } from '../listing.ts';
import type { PageOptions } from '../listing.ts';
import { bold, print, printJson } from '../terminal.ts';

export function eventTypesCommand(): Command {
  return new Command('event-types')
    .description('list the event types, or see one with its schema and sample')
    .addCommand(list())
    .addCommand(get());
}

function list(): Command {
  return withPage(withConnection(new Command('list')))
    .description('list the event types')
    .option('--profile <name>', 'only this profile’s catalogue')
    .addHelpText('after', '\nExample:\n  waxwing event-types list --profile meetloyd')
    .action(async (options: ConnectionOptions & PageOptions & { readonly profile?: string }) => {
      await printPage(
        connect(options).eventTypes.list({ ...pageOf(options), ...given(options, ['profile']) }),
        options,
        [
          { heading: 'NAME', cell: (type) => type.name },
          { heading: 'PROFILE', cell: (type) => type.profile ?? '–' },
          { heading: 'DESCRIPTION', cell: (type) => type.description },
        ],
        'No event types.',
      );
    });
}

function get(): Command {
  return withConnection(new Command('get'))
    .description('one event type: its schema and its sample')
    .argument('<name>', 'the event type')
    .addHelpText('after', '\nExample:\n  waxwing event-types get meeting.completed')
    .action(async (name: string, options: ConnectionOptions & { readonly json?: boolean }) => {
      const type = await connect(options).eventTypes.get(name);
      if (options.json === true) {
        printJson(type);
        return;
      }
      print(`${bold(type.name)}  ${type.profile ?? 'of this deployment'}`);
      print(`  ${type.description}`);
      print(`sample ${JSON.stringify(type.sample, null, 2)}`);
      print(`schema ${JSON.stringify(type.schema, null, 2)}`);
    });
}
