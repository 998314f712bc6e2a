// `waxwing doctor`: plays the sender to a receiver, the attacker too, and tells what to mend. Speaks to that URL alone.

import { randomBytes } from 'node:crypto';

import { BUILT_IN_PROFILES, createIdMint } from '@waxwing/protocol';
import { Command } from 'commander';

import { examine } from '../doctor/examine.ts';
import { exchange } from '../doctor/exchange.ts';
import { isSound } from '../doctor/finding.ts';
import { probesOf } from '../doctor/probe.ts';
import { reportJson, reportLines } from '../doctor/report.ts';
import { knownScheme, profileSender, schemeSender } from '../doctor/sender.ts';
import type { EventData, ProbeSender } from '../doctor/sender.ts';
import { UsageError } from '../failure.ts';
import { collect, headerPairs, numberOf, readInput, readSecret } from '../input.ts';
import { print, printError, printJson } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { wireProfile } from '../wire-profile.ts';

interface DoctorOptions {
  readonly profile: string;
  readonly secret?: string;
  readonly secretPrevious?: string;
  readonly type?: string;
  readonly data?: string;
  readonly header?: readonly string[];
  readonly timeout: string;
  readonly slowBody: string;
  readonly json?: boolean;
}

const SLOW_PIECES = 8;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('test a receiver: valid messages, forgeries, replays, slow and large ones; exit status 1 when it is unsafe')
    .argument('<url>', 'the receiver’s URL; nothing else is called')
    .option('--profile <name>', 'whose messages it takes: a profile, another sender that is known by name, or @file.json', 'standard')
    .option('--secret <secret>', 'the secret that the receiver holds (WAXWING_SECRET, or WAXWING_SECRET_FILE)')
    .option('--secret-previous <secret>', 'the one before, while it is rotated (WAXWING_SECRET_PREVIOUS, or …_FILE)')
    .option('--type <type>', 'the event type that is sent (default: the catalogue’s first)')
    .option('--data <json>', 'its data: JSON, @file or - (default: the type’s sample)')
    .option('--header <name: value>', 'a header to send with every probe (may be given several times)', collect)
    .option('--timeout <seconds>', 'how long an answer may take', '15')
    .option('--slow-body <seconds>', 'how long the slow body takes', '2')
    .option('--json', 'print {url, profile, sound, probes}')
    .addHelpText(
      'after',
      `
The valid probes are handled as events that happened: test a receiver whose work can be undone.

Examples:
  waxwing doctor http://localhost:3000/webhook --profile humanconnection --secret whsec_demo
  waxwing doctor https://staging.example.com/hooks --profile stripe --secret whsec_… --type invoice.paid --json`,
    )
    .action(async (given: string, options: DoctorOptions) => {
      const url = urlOf(given);
      const secret = readSecret(options.secret, 'WAXWING_SECRET', process.env);
      if (secret === null || secret === '') throw new UsageError('no secret: give the receiver’s with --secret or WAXWING_SECRET');
      const previousSecret = readSecret(options.secretPrevious, 'WAXWING_SECRET_PREVIOUS', process.env);
      const sender = await senderOf(options.profile, url, previousSecret === null ? [secret] : [secret, previousSecret]);
      const type = options.type ?? sender.defaultType;
      const data = options.data === undefined ? sender.sampleOf(type) : dataOf((await readInput(options.data, '--data')).toString());
      const mint = createIdMint(Date.now, randomBytes);
      const more = headerPairs(options.header ?? [], '--header');
      const shown = withoutCredentials(url);
      const timeoutMs = numberOf(options.timeout, '--timeout') * 1000;

      const probes = probesOf({
        sender,
        secret,
        previousSecret,
        type,
        data,
        now: Date.now,
        mintId: () => mint.mint('evt'),
        slowPace: { pieces: SLOW_PIECES, pauseMs: (numberOf(options.slowBody, '--slow-body') * 1000) / SLOW_PIECES },
      });
      if (options.json !== true) printError(`Sending ${probes.filter((probe) => probe.kind === 'sent').length} probes to ${shown} …`);
      const findings = await examine(probes, (message, pace) =>
        exchange(url, { ...message, headers: [...message.headers, ...more] }, pace, timeoutMs),
      );
      const report = { url: shown, profile: sender.name, findings };
      if (options.json === true) printJson(reportJson(report));
      else for (const line of reportLines(report)) print(line);
      if (!isSound(findings)) process.exitCode = 1;
    });
}

function urlOf(given: string): URL {
  const url = URL.parse(given);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(`the URL must begin with http:// or https://; got ${JSON.stringify(given)}`);
  }
  return url;
}

function withoutCredentials(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

async function senderOf(given: string, url: URL, secrets: readonly [string, ...string[]]): Promise<ProbeSender> {
  const userAgent = `Waxwing-Doctor/${VERSION}`;
  const scheme = BUILT_IN_PROFILES.has(given) ? null : knownScheme(given);
  return scheme === null ? profileSender(await wireProfile(given), secrets, userAgent) : schemeSender(scheme, url.href, userAgent);
}

function dataOf(text: string): EventData {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--data is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UsageError('--data must be a JSON object');
  return { ...value };
}
