// `waxwing replay`: deliver again what failed or was skipped; count it first, watch it, cancel it.

import type { ReplayFilter, TenantClient } from '@waxwing/client';
import { REPLAYABLE_STATES } from '@waxwing/protocol';
import type { Replay, ReplayableState } from '@waxwing/protocol';
import { Command } from 'commander';

import { connectToTenant, withTenant } from '../connection.ts';
import type { TenantOptions } from '../connection.ts';
import { CommandFailure, UsageError } from '../failure.ts';
import { given, pageOf, printPage, withPage } from '../listing.ts';
import type { PageOptions } from '../listing.ts';
import { bold, dim, print, printJson } from '../terminal.ts';

interface FilterOptions extends TenantOptions {
  readonly endpoint?: string;
  readonly types?: string;
  readonly states?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

interface OneOptions extends TenantOptions {
  readonly json?: boolean;
}

const WATCH_MS = 500;

export function replayCommand(): Command {
  return new Command('replay')
    .description('deliver again what failed or was skipped')
    .addCommand(start(), { isDefault: true })
    .addCommand(list())
    .addCommand(get())
    .addCommand(cancel());
}

function start(): Command {
  return withTenant(new Command('start'))
    .description('start a replay (the default: `waxwing replay --tenant acme` does it)')
    .option('--endpoint <id>', 'only to this endpoint')
    .option('--types <types>', 'only these event types: names or prefix.*, joined by commas')
    .option('--states <states>', `only in these states, joined by commas: ${REPLAYABLE_STATES.join(', ')} (default failed,skipped)`)
    .option('--from <time>', 'made at or after, ISO 8601')
    .option('--to <time>', 'made before, ISO 8601')
    .option('--dry-run', 'only count')
    .option('--wait', 'stay until it has ended; leaves with 1 when not everything was delivered')
    .addHelpText(
      'after',
      '\nExamples:\n  waxwing replay --tenant acme --endpoint ep_01jd… --from 2026-05-12T00:00:00Z --dry-run\n  waxwing replay start --tenant acme --states skipped --wait',
    )
    .action(async (options: FilterOptions) => {
      const { replays } = connectToTenant(options);
      const filter: ReplayFilter = {
        ...given(options, ['endpoint', 'from', 'to']),
        ...(options.states === undefined ? {} : { states: options.states.split(',').map(stateOf) }),
        ...(options.types === undefined ? {} : { types: options.types.split(',') }),
      };
      if (options.dryRun === true) {
        const count = await replays.count(filter);
        if (options.json === true) printJson({ count });
        else print(`${count} ${count === 1 ? 'delivery' : 'deliveries'} would be made again.`);
        return;
      }
      const replay = await replays.create(filter);
      if (options.wait !== true) printReplay(replay, options);
      else await watch(replays, replay, options);
    });
}

function stateOf(text: string): ReplayableState {
  const state = REPLAYABLE_STATES.find((known) => known === text);
  if (state === undefined) throw new UsageError(`--states takes ${REPLAYABLE_STATES.join(', ')}; got ${JSON.stringify(text)}`);
  return state;
}

async function watch(replays: TenantClient['replays'], started: Replay, options: OneOptions): Promise<void> {
  let replay = started;
  while (replay.finishedAt === null) {
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    replay = await replays.get(replay.id);
  }
  printReplay(replay, options);
  if (replay.state !== 'completed' || replay.failed > 0) throw new CommandFailure('not everything was delivered');
}

function list(): Command {
  return withPage(withTenant(new Command('list')))
    .description('list a tenant’s replays, newest first')
    .addHelpText('after', '\nExample:\n  waxwing replay list --tenant acme')
    .action(async (options: TenantOptions & PageOptions) => {
      await printPage(
        connectToTenant(options).replays.list(pageOf(options)),
        options,
        [
          { heading: 'ID', cell: (replay) => replay.id },
          { heading: 'STATE', cell: (replay) => replay.state },
          { heading: 'DONE', cell: (replay) => `${replay.done} of ${replay.total ?? '?'}` },
          { heading: 'UNDELIVERED', cell: (replay) => String(replay.failed) },
          { heading: 'CREATED', cell: (replay) => replay.createdAt },
        ],
        'No replays.',
      );
    });
}

function get(): Command {
  return withTenant(new Command('get'))
    .description('how far a replay is')
    .argument('<id>', 'the replay’s id')
    .addHelpText('after', '\nExample:\n  waxwing replay get rpl_01jd… --tenant acme')
    .action(async (id: string, options: OneOptions) => printReplay(await connectToTenant(options).replays.get(id), options));
}

function cancel(): Command {
  return withTenant(new Command('cancel'))
    .description('make nothing more, and cancel what it made and is pending')
    .argument('<id>', 'the replay’s id')
    .addHelpText('after', '\nExample:\n  waxwing replay cancel rpl_01jd… --tenant acme')
    .action(async (id: string, options: OneOptions) => printReplay(await connectToTenant(options).replays.cancel(id), options));
}

function printReplay(replay: Replay, options: OneOptions): void {
  if (options.json === true) {
    printJson(replay);
    return;
  }
  const progress = replay.total === null ? 'counting' : `${replay.done} of ${replay.total} done, ${replay.failed} undelivered`;
  print(`${bold(replay.id)}  ${replay.state}  ${progress}`);
  if (replay.note !== null) print(dim(replay.note));
}
