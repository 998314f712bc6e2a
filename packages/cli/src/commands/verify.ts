// `waxwing verify`: whether a message is what its sender signed, and if not, why.

import { SCHEMES, verify } from '@waxwing/receiver';
import type { SenderInput, VerifyOptions } from '@waxwing/receiver';
import { nearestName } from '@waxwing/protocol';
import { Command } from 'commander';

import { UsageError } from '../failure.ts';
import { collect, headerPairs, numberOf, readInput, readSecret } from '../input.ts';
import { parseMessage } from '../message-text.ts';
import type { Message } from '../message-text.ts';
import { bold, green, print, printError, printJson, red } from '../terminal.ts';
import { fileProfile } from '../wire-profile.ts';

interface CheckOptions {
  readonly profile: string;
  readonly secret?: readonly string[];
  readonly message?: string;
  readonly header?: readonly string[];
  readonly body?: string;
  readonly method?: string;
  readonly url?: string;
  readonly at?: string;
  readonly tolerance?: string;
  readonly json?: boolean;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check a received message; says why when it does not hold (exit status 1)')
    .option('--profile <name>', 'who signed it: a profile, another sender that is known by name, or @file.json', 'standard')
    .option('--secret <secret>', 'the secret; several during a rotation (WAXWING_SECRET, or WAXWING_SECRET_FILE)', collect)
    .option('--message <message>', 'the whole message: @file or -, as header lines, an empty line, the body')
    .option('--header <name: value>', 'a header of the message (may be given several times)', collect)
    .option('--body <body>', 'the body: text, @file or - for stdin; every byte counts')
    .option('--method <method>', 'the request’s method, where the sender signs it')
    .option('--url <url>', 'the request’s URL, where the sender signs it')
    .option('--at <time>', 'judge the timestamp as of this time, ISO 8601 (default: now)')
    .option('--tolerance <seconds>', 'how far a signed timestamp may lie from it (default: the sender’s, mostly 300)')
    .option('--json', 'print {ok, …}')
    .addHelpText(
      'after',
      `
Examples:
  waxwing verify --profile humanconnection --secret whsec_demo --body @body.json --header 'X-HumanConnection-Signature: sha256=…'
  waxwing verify --profile standard --secret whsec_… --message @request.txt --at 2026-11-21T10:00:00Z
  waxwing sign --profile meshagent --secret my-secret-of-16 | waxwing verify --profile meshagent --secret my-secret-of-16 --message -`,
    )
    .action(async (options: CheckOptions) => {
      const secrets = options.secret ?? [readSecret(undefined, 'WAXWING_SECRET', process.env) ?? noSecret()];
      const message = await messageOf(options);
      const request = { headers: message.headers, body: message.body, method: options.method, url: options.url };
      const result = await verify(await senderOf(options.profile), request, secrets, timeOptions(options));
      if (!result.ok) {
        if (options.json === true) printJson({ ok: false, reason: result.reason, explanation: result.explain() });
        else printError(`${red(bold(result.reason))}  ${result.explain()}`);
        process.exitCode = 1;
        return;
      }
      const { id, type, timestamp } = result.event;
      if (options.json === true) printJson({ ok: true, id, type, timestamp, secretIndex: result.secretIndex });
      else
        print(
          `${green(bold('verified'))}  ${type === '' ? 'a message' : type}${id === null ? '' : `  ${id}`}${secrets.length > 1 ? `  by secret ${result.secretIndex + 1}` : ''}`,
        );
    });
}

function noSecret(): never {
  throw new UsageError('no secret: give one with --secret or WAXWING_SECRET');
}

async function senderOf(given: string): Promise<SenderInput> {
  if (given.startsWith('@')) return (await fileProfile(given)).definition;
  if (isKnown(given)) return given;
  const near = nearestName(given, Object.keys(SCHEMES));
  throw new UsageError(
    `--profile: there is no sender named ${JSON.stringify(given)}${near === null ? '.' : `; did you mean ${near}?`} Known: ${Object.keys(SCHEMES).join(', ')}, or @file.json`,
  );
}

function isKnown(name: string): name is keyof typeof SCHEMES {
  return Object.hasOwn(SCHEMES, name);
}

async function messageOf(options: CheckOptions): Promise<Message> {
  if (options.message !== undefined) {
    if (options.body !== undefined || options.header !== undefined)
      throw new UsageError('--message is the whole message: leave --body and --header out');
    return parseMessage(await readInput(options.message, '--message'));
  }
  if (options.body === undefined)
    throw new UsageError('no body: give it with --body (text, @file or -), or the whole message with --message');
  return { headers: headerPairs(options.header ?? [], '--header'), body: await readInput(options.body, '--body') };
}

function timeOptions(options: CheckOptions): VerifyOptions {
  const atMs = options.at === undefined ? null : Date.parse(options.at);
  if (Number.isNaN(atMs)) throw new UsageError(`--at must be ISO 8601; got ${JSON.stringify(options.at)}`);
  return {
    ...(atMs === null ? {} : { now: () => atMs }),
    ...(options.tolerance === undefined ? {} : { toleranceSeconds: numberOf(options.tolerance, '--tolerance') }),
  };
}
