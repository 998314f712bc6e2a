// `waxwing events`: what was published, and where each event went.

import type { EventDetail } from '@waxwing/protocol';
import { Command } from 'commander';

import { connectToTenant, withTenant } from '../connection.ts';
import type { TenantOptions } from '../connection.ts';
import { deliveryColumns } from '../delivery-text.ts';
import { given, pageOf, printPage, withPage } from '../listing.ts';
import type { PageOptions } from '../listing.ts';
import { bold, dim, print, printJson, printable, tableLines } from '../terminal.ts';

interface ListOptions extends TenantOptions, PageOptions {
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
  readonly q?: string;
}

export function eventsCommand(): Command {
  return new Command('events')
    .description('list events, see one with its deliveries, or why an endpoint did not get it')
    .addCommand(list())
    .addCommand(get())
    .addCommand(explain());
}

function list(): Command {
  return withPage(withTenant(new Command('list')))
    .description('list a tenant’s events, newest received first')
    .option('--type <type>', 'only this event type')
    .option('--from <time>', 'received at or after, ISO 8601')
    .option('--to <time>', 'received before, ISO 8601')
    .option('-q, --q <text>', 'only with this text in the data')
    .addHelpText(
      'after',
      "\nExamples:\n  waxwing events list --tenant acme --type meeting.completed\n  waxwing events list --tenant acme --q mtg_1077 --json | jq '.data[].id'",
    )
    .action(async (options: ListOptions) => {
      const filter = { ...pageOf(options), ...given(options, ['type', 'from', 'to', 'q']) };
      await printPage(
        connectToTenant(options).events.list(filter),
        options,
        [
          { heading: 'ID', cell: (event) => event.id },
          { heading: 'TYPE', cell: (event) => event.type },
          { heading: 'RECEIVED', cell: (event) => event.receivedAt },
        ],
        'No events.',
      );
    });
}

function get(): Command {
  return withTenant(new Command('get'))
    .description('one event: its data and its deliveries')
    .argument('<id>', 'the event’s id')
    .addHelpText('after', '\nExample:\n  waxwing events get evt_01jd… --tenant acme')
    .action(async (id: string, options: TenantOptions & { readonly json?: boolean }) => {
      const event = await connectToTenant(options).events.get(id);
      if (options.json === true) printJson(event);
      else printEvent(event);
    });
}

function explain(): Command {
  return withTenant(new Command('explain'))
    .description('why an endpoint did or did not get an event')
    .argument('<id>', 'the event’s id')
    .requiredOption('--endpoint <id>', 'the endpoint’s id; it may have been deleted')
    .addHelpText('after', '\nExample:\n  waxwing events explain evt_01jd… --endpoint ep_01jd… --tenant acme')
    .action(async (id: string, options: TenantOptions & { readonly endpoint: string; readonly json?: boolean }) => {
      const why = await connectToTenant(options).events.explain(id, options.endpoint);
      if (options.json === true) {
        printJson(why);
        return;
      }
      print(`${bold(why.reason)}  ${printable(why.sentence)}`);
      for (const note of why.notes) print(dim(printable(note)));
    });
}

function printEvent(event: EventDetail): void {
  print(`${bold(event.id)}  ${event.type}`);
  print(dim(`happened ${event.timestamp}, received ${event.receivedAt}`));
  print(printable(JSON.stringify(event.data, null, 2)));
  print();
  if (event.deliveries.length === 0) {
    print('No deliveries: nobody was subscribed.');
    return;
  }
  const columns = deliveryColumns(['EVENT', 'TYPE']);
  const rows = event.deliveries.map((delivery) => columns.map((column) => column.cell(delivery)));
  for (const line of tableLines(
    columns.map((column) => column.heading),
    rows,
  ))
    print(line);
}
