// `waxwing sign`: a message by hand, exactly as the server would send it.

import { randomBytes } from 'node:crypto';

import { checkSecret, createIdMint, DEFAULT_WIRE_SETTINGS, isEventId, messageHeaders, scanJson, sign } from '@waxwing/protocol';
import type { Profile } from '@waxwing/protocol';
import { Command } from 'commander';

import { UsageError } from '../failure.ts';
import { readInput, readSecret } from '../input.ts';
import { curlLine, printMessage } from '../message-text.ts';
import type { Message } from '../message-text.ts';
import { print, printError, printJson, yellow } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { wireProfile } from '../wire-profile.ts';

interface SignOptions {
  readonly profile: string;
  readonly secret?: string;
  readonly type?: string;
  readonly data?: string;
  readonly body?: string;
  readonly id?: string;
  readonly timestamp?: string;
  readonly curl?: string;
  readonly json?: boolean;
}

export function signCommand(): Command {
  return new Command('sign')
    .description('print a signed message: its headers and its body, or a curl line that sends it')
    .option('--profile <name>', 'the wire convention: a built-in one, or @file.json', 'standard')
    .option('--secret <secret>', 'the signing secret (WAXWING_SECRET, or WAXWING_SECRET_FILE)')
    .option('--type <type>', 'the event type (default: the catalogue’s first)')
    .option('--data <json>', 'the event’s data: JSON, @file or - (default: the type’s sample)')
    .option('--body <body>', 'a whole body in place of an event: text, @file or -')
    .option('--id <id>', 'the event’s id (default: a new one)')
    .option('--timestamp <time>', 'when the event happened and the message is signed, ISO 8601 (default: now)')
    .option('--curl <url>', 'print a curl line that sends it there')
    .option('--json', 'print {headers, body}')
    .addHelpText(
      'after',
      `
Examples:
  waxwing sign --profile humanconnection --secret whsec_demo --type meeting.completed
  waxwing sign --profile joai --secret my-secret-of-16 --data '{"content":"hi"}' --type agent.message --curl http://localhost:3000/webhook
  waxwing sign --profile meetloyd --secret my-secret-of-16 | waxwing verify --profile meetloyd --secret my-secret-of-16 --message -`,
    )
    .action(async (options: SignOptions) => {
      const profile = await wireProfile(options.profile);
      const secret = readSecret(options.secret, 'WAXWING_SECRET', process.env);
      if (secret === null) throw new UsageError('no secret: give one with --secret or WAXWING_SECRET');
      const { warning } = checkSecret(profile.definition.secret, secret);
      if (warning !== null) printError(yellow(warning));
      const message = await signedMessage(profile, secret, options);
      if (options.curl !== undefined) print(curlLine(options.curl, message));
      else if (options.json === true)
        printJson({ headers: Object.fromEntries(message.headers), body: Buffer.from(message.body).toString() });
      else process.stdout.write(printMessage(message));
    });
}

async function signedMessage(profile: Profile, secret: string, options: SignOptions): Promise<Message> {
  const timestampMs = options.timestamp === undefined ? Date.now() : Date.parse(options.timestamp);
  if (Number.isNaN(timestampMs)) throw new UsageError(`--timestamp must be ISO 8601; got ${JSON.stringify(options.timestamp)}`);
  const id = options.id ?? createIdMint(Date.now, randomBytes).mint('evt');
  if (!isEventId(id)) throw new UsageError(`--id must be 1 to 64 of A-Z a-z 0-9 _ -; got ${JSON.stringify(id)}`);
  const body =
    options.body === undefined ? Buffer.from(await eventBody(profile, id, timestampMs, options)) : await readInput(options.body, '--body');
  const message = { id: profile.eventId(id), timestampSeconds: Math.floor(timestampMs / 1000), body };
  const headers = [...messageHeaders(profile, id, `Waxwing/${VERSION}`), ...sign(profile.definition.signature, message, [secret])];
  return { headers, body };
}

async function eventBody(profile: Profile, id: string, timestampMs: number, options: SignOptions): Promise<string> {
  const { eventTypes, print: form } = profile.definition;
  const type = options.type ?? eventTypes[0]?.name;
  if (type === undefined) throw new UsageError('--type is needed: this profile’s catalogue is empty');
  const sample = eventTypes.find((known) => known.name === type)?.sample;
  if (options.data === undefined && sample === undefined) {
    throw new UsageError(`--data is needed: the profile has no event type ${JSON.stringify(type)} to take a sample from`);
  }
  const data = scanJson(options.data === undefined ? JSON.stringify(sample) : (await readInput(options.data, '--data')).toString());
  if (data.kind !== 'object') throw new UsageError('--data must be a JSON object');
  if (form === 'javascript' && data.hasUnsafeInteger) {
    throw new UsageError(`--data: the integer at ${data.unsafeIntegerPath} is beyond 2^53 and would change in this profile’s receivers`);
  }
  const facts = profile.facts({ id: 'ep_by_hand', name: 'By hand' }, DEFAULT_WIRE_SETTINGS);
  return profile.body({ id, type, timestampMs, data: data.text, hasUnsafeInteger: data.hasUnsafeInteger }, 'ep_by_hand', facts);
}
