// `waxwing tail`: what happens, as it happens: events, attempts, endpoints.

import { WaxwingApiError } from '@waxwing/client';
import type { StreamOptions } from '@waxwing/client';
import { OUTCOME_KINDS, STREAM_KINDS } from '@waxwing/protocol';
import type { OutcomeKind, StreamKind, StreamMessage } from '@waxwing/protocol';
import { Command, InvalidArgumentError, Option } from 'commander';

import { connect, withConnection } from '../connection.ts';
import type { TenantOptions } from '../connection.ts';
import { stateText } from '../delivery-text.ts';
import { listenForEnd } from '../ending.ts';
import { CommandFailure } from '../failure.ts';
import { collectList, numberOf } from '../input.ts';
import { given } from '../listing.ts';
import { bold, cyan, dim, green, print, printable, printError, red, yellow } from '../terminal.ts';

interface TailFlags extends TenantOptions {
  readonly kinds?: readonly StreamKind[];
  readonly events?: readonly string[];
  readonly endpoint?: string;
  readonly outcome?: readonly OutcomeKind[];
  readonly cursor?: string;
  readonly count?: string;
  readonly json?: boolean;
}

export function tailCommand(): Command {
  return withConnection(new Command('tail'))
    .description('follow events, attempts and endpoints as they happen')
    .option('--tenant <id>', 'only this tenant (WAXWING_TENANT; without one, all of them, for operators’ keys)')
    .addOption(
      new Option('--kinds <kinds>', `which messages, with commas: ${STREAM_KINDS.join(', ')} (default: all)`).argParser(
        listOf(STREAM_KINDS),
      ),
    )
    .option('--events <types>', 'only events of these types and their attempts: names or prefix.*, with commas', collectList)
    .option('--endpoint <id>', 'only what concerns this endpoint')
    .addOption(
      new Option('--outcome <outcomes>', `of attempts only these, with commas: ${OUTCOME_KINDS.join(', ')}`).argParser(
        listOf(OUTCOME_KINDS),
      ),
    )
    .option('--cursor <cursor>', 'go on after this place: the cursor of a line of --json')
    .option('--count <n>', 'leave after so many')
    .addHelpText(
      'after',
      `
It connects again by itself, and misses nothing meanwhile. With --json each message is a line {kind, cursor, data}.

Examples:
  waxwing tail --tenant acme
  waxwing tail --tenant acme --kinds attempt --outcome refused,timed_out,unreachable
  waxwing tail --events 'meeting.*' --json | jq -c .data`,
    )
    .action(async (flags: TailFlags) => {
      const count = flags.count === undefined ? Infinity : numberOf(flags.count, '--count');
      const stop = new AbortController();
      const ending = listenForEnd(() => process.exit(1));
      void ending.asked.then(() => stop.abort());
      try {
        await follow(flags, count, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      } finally {
        ending.dispose();
      }
    });
}

async function follow(flags: TailFlags, count: number, signal: AbortSignal): Promise<void> {
  const client = connect(flags);
  const tenant = flags.tenant ?? process.env['WAXWING_TENANT'];
  const options: StreamOptions = {
    ...given(flags, ['kinds', 'endpoint', 'cursor']),
    ...(flags.events === undefined ? {} : { types: flags.events }),
    signal,
    onLost: ({ retryInMs }) => printError(yellow(`connection lost; trying again in ${retryInMs} ms`)),
  };
  let told = 0;
  for await (const message of messages()) {
    if (!isWanted(message, flags.outcome)) continue;
    if (flags.json === true) print(JSON.stringify(message));
    else for (const line of linesOf(message)) print(line);
    if (message.kind !== 'ready') told += 1;
    if (told >= count) return;
  }

  async function* messages(): AsyncGenerator<StreamMessage, void, undefined> {
    try {
      yield* tenant === undefined || tenant === '' ? client.stream(options) : client.tenant(tenant).stream(options);
    } catch (error) {
      if (error instanceof WaxwingApiError && error.code === 'forbidden' && (tenant === undefined || tenant === '')) {
        throw new CommandFailure(`this key is for one tenant: name it with --tenant. (${error.message})`);
      }
      throw error;
    }
  }
}

function isWanted(message: StreamMessage, outcomes: readonly OutcomeKind[] | undefined): boolean {
  if (message.kind !== 'attempt' || outcomes === undefined) return true;
  const { attempt } = message.data;
  return attempt !== null && outcomes.includes(attempt.outcome);
}

function linesOf(message: StreamMessage): readonly string[] {
  switch (message.kind) {
    case 'ready':
      return [dim('Following. Ctrl-C ends it.')];
    case 'event': {
      const { receivedAt, tenant, type, id, data } = message.data;
      return [
        `${at(receivedAt)} ${cyan('event   ')} ${bold(type)} ${id} ${dim(`of ${tenant}`)} ${dim(printable(brief(JSON.stringify(data))))}`,
      ];
    }
    case 'attempt':
      return attemptLines(message.data);
    case 'endpoint': {
      const { data } = message;
      if ('deleted' in data) return [`${at(null)} ${yellow('endpoint')} ${data.id} ${dim(`of ${data.tenant}`)} deleted`];
      const reason = data.statusReason === null ? '' : `: ${data.statusReason}`;
      return [
        `${at(data.updatedAt)} ${yellow('endpoint')} ${data.id} ${dim(`of ${data.tenant}`)} ${bold(data.status)}${printable(reason)} ${dim(printable(data.url))}`,
      ];
    }
    case 'reset':
      return [red(`The place asked for is gone (${message.data.reason}): what lay between was not told. Going on from now.`)];
    default:
      return message satisfies never;
  }
}

function attemptLines({ delivery, attempt }: Extract<StreamMessage, { readonly kind: 'attempt' }>['data']): readonly string[] {
  const what = `${bold(delivery.eventType)} ${delivery.event} ${dim(`${delivery.id} → ${delivery.endpoint}`)}`;
  if (attempt === null) {
    return [
      `${at(null)} ${dim('delivery')} ${stateText(delivery.state)}${delivery.stateReason === null ? '' : `: ${printable(delivery.stateReason)}`} ${what}`,
    ];
  }
  const mark = attempt.outcome === 'delivered' ? green : red;
  const status = attempt.response === null ? '' : ` ${attempt.response.status}`;
  const next =
    attempt.nextAttemptAt === null
      ? delivery.state === 'failed'
        ? ', given up'
        : ''
      : `, again at ${attempt.nextAttemptAt.slice(11, 19)}`;
  const error = attempt.error === null ? '' : ` ${printable(attempt.error.message)}`;
  return [
    `${at(attempt.startedAt)} ${mark('attempt ')} ${mark(`${attempt.outcome}${status}`)}${error} ${what} ${attempt.timings.totalMs} ms${attempt.number === 1 ? '' : ` (attempt ${attempt.number})`}${next}`,
  ];
}

function at(time: string | null): string {
  return dim((time ?? new Date().toISOString()).slice(11, 19));
}

function brief(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

/** A list with commas of words that are known. */
function listOf<Word extends string>(known: readonly Word[]): (text: string) => readonly Word[] {
  return (text) =>
    text.split(',').map((part) => {
      const word = known.find((candidate) => candidate === part.trim());
      if (word === undefined) throw new InvalidArgumentError(`${JSON.stringify(part)} is not one of ${known.join(', ')}.`);
      return word;
    });
}
