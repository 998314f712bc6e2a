// `waxwing send`: publishes one event.

import { JsonText } from '@waxwing/client';
import { scanJson } from '@waxwing/protocol';
import { Command } from 'commander';

import { connectToTenant, withTenant } from '../connection.ts';
import type { TenantOptions } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { readInput } from '../input.ts';
import { bold, print, printJson, yellow } from '../terminal.ts';

interface SendOptions extends TenantOptions {
  readonly data: string;
  readonly id?: string;
  readonly timestamp?: string;
  readonly idempotencyKey?: string;
  readonly json?: boolean;
}

export function sendCommand(): Command {
  return withTenant(new Command('send'))
    .description('publish an event; it is stored durably when the command ends')
    .argument('<type>', 'the event type, such as meeting.completed')
    .option('--data <json>', 'the data: JSON, @file, or - for stdin', '{}')
    .option('--id <id>', 'the event’s id, chosen by you; the same id and content again is published once')
    .option('--timestamp <time>', 'when it happened, ISO 8601 (default: now)')
    .option('--idempotency-key <key>', 'a name of your own for this publish')
    .addHelpText(
      'after',
      `
Examples:
  waxwing send meeting.completed --tenant acme --data '{"meeting_id":"mtg_1"}'
  waxwing send payment.paid --tenant acme --data @payment.json --id payment-1077
  jq .data event.json | waxwing send task.created --tenant acme --data -`,
    )
    .action(async (type: string, options: SendOptions) => {
      const acme = connectToTenant(options);
      // Checked here, so that what is wrong is said with its line; sent as text, so that nothing in it changes.
      const data = scanJson((await readInput(options.data, '--data')).toString());
      if (data.kind !== 'object')
        throw new UsageError(`--data must be a JSON object; got ${data.kind === 'null' ? 'null' : `a JSON ${data.kind}`}`);
      const event = {
        type,
        data: new JsonText(data.text),
        ...(options.id === undefined ? {} : { id: options.id }),
        ...(options.timestamp === undefined ? {} : { timestamp: options.timestamp }),
      };
      const result = await acme.publish(event, options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey });
      if (options.json === true) {
        printJson(result);
        return;
      }
      const count = result.deliveries === 1 ? '1 delivery' : `${result.deliveries} deliveries`;
      print(`${bold(result.id)}  ${result.type}  ${count}${result.duplicate ? '  (published before: this is the first answer)' : ''}`);
      if (result.warning !== undefined) print(yellow(result.warning));
    });
}
