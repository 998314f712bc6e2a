// `waxwing deliveries`: where events went, every attempt in full; retry and cancel.

import type { DeliveryFilter } from '@waxwing/client';
import { DELIVERY_CAUSES, DELIVERY_STATES, OUTCOME_KINDS } from '@waxwing/protocol';
import type { DeliveryCause, DeliveryState, DeliverySummary, OutcomeKind } from '@waxwing/protocol';
import { Command, Option } from 'commander';

import { connectToTenant, withTenant } from '../connection.ts';
import type { TenantOptions } from '../connection.ts';
import { deliveryColumns, deliveryLines, stateText } from '../delivery-text.ts';
import { given, pageOf, printPage, withPage } from '../listing.ts';
import type { PageOptions } from '../listing.ts';
import { bold, print, printJson } from '../terminal.ts';

interface ListOptions extends TenantOptions, PageOptions {
  readonly endpoint?: string;
  readonly event?: string;
  readonly type?: string;
  readonly state?: DeliveryState;
  readonly outcome?: OutcomeKind;
  readonly cause?: DeliveryCause;
  readonly from?: string;
  readonly to?: string;
}

interface OneOptions extends TenantOptions {
  readonly json?: boolean;
}

export function deliveriesCommand(): Command {
  return new Command('deliveries')
    .description('list deliveries, see one with every attempt, retry or cancel it')
    .addCommand(list())
    .addCommand(get())
    .addCommand(retry())
    .addCommand(cancel());
}

function list(): Command {
  return withPage(withTenant(new Command('list')))
    .description('list a tenant’s deliveries, newest first')
    .option('--endpoint <id>', 'only to this endpoint')
    .option('--event <id>', 'only of this event')
    .option('--type <type>', 'only of this event type')
    .addOption(new Option('--state <state>', 'only in this state').choices(DELIVERY_STATES))
    .addOption(new Option('--outcome <outcome>', 'only with this latest outcome').choices(OUTCOME_KINDS))
    .addOption(new Option('--cause <cause>', 'only for this cause').choices(DELIVERY_CAUSES))
    .option('--from <time>', 'made at or after, ISO 8601')
    .option('--to <time>', 'made before, ISO 8601')
    .addHelpText(
      'after',
      '\nExamples:\n  waxwing deliveries list --tenant acme --state failed\n  waxwing deliveries list --tenant acme --endpoint ep_01jd… --outcome timed_out',
    )
    .action(async (options: ListOptions) => {
      const filter: DeliveryFilter = {
        ...pageOf(options),
        ...given(options, ['endpoint', 'event', 'type', 'state', 'outcome', 'cause', 'from', 'to']),
      };
      await printPage(connectToTenant(options).deliveries.list(filter), options, deliveryColumns(), 'No deliveries.');
    });
}

function get(): Command {
  return withTenant(new Command('get'))
    .description('one delivery: every attempt, what was sent and what came back')
    .argument('<id>', 'the delivery’s id')
    .addHelpText('after', '\nExample:\n  waxwing deliveries get dlv_01jd… --tenant acme')
    .action(async (id: string, options: OneOptions) => {
      const delivery = await connectToTenant(options).deliveries.get(id);
      if (options.json === true) printJson(delivery);
      else for (const line of deliveryLines(delivery)) print(line);
    });
}

function retry(): Command {
  return withTenant(new Command('retry'))
    .description('deliver it again: a final one as a new delivery, a pending one at once')
    .argument('<id>', 'the delivery’s id')
    .addHelpText('after', '\nExample:\n  waxwing deliveries retry dlv_01jd… --tenant acme')
    .action(async (id: string, options: OneOptions) => printSummary(await connectToTenant(options).deliveries.retry(id), options));
}

function cancel(): Command {
  return withTenant(new Command('cancel'))
    .description('cancel a pending delivery')
    .argument('<id>', 'the delivery’s id')
    .addHelpText('after', '\nExample:\n  waxwing deliveries cancel dlv_01jd… --tenant acme')
    .action(async (id: string, options: OneOptions) => printSummary(await connectToTenant(options).deliveries.cancel(id), options));
}

function printSummary(delivery: DeliverySummary, options: OneOptions): void {
  if (options.json === true) printJson(delivery);
  else
    print(
      `${bold(delivery.id)}  ${stateText(delivery.state)}${delivery.origin === null ? '' : `  (${delivery.cause} of ${delivery.origin})`}`,
    );
}
