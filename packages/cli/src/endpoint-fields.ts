// An endpoint's fields as flags: shared by creating and changing one. The server judges their values.

import type { EndpointPatch } from '@waxwing/protocol';
import { Option } from 'commander';
import type { Command } from 'commander';

import { collect, collectList, headerPairs, numberOf, numbersOf } from './input.ts';

export interface EndpointFields {
  readonly name?: string;
  readonly description?: string;
  readonly eventTypes?: readonly string[];
  readonly status?: 'active' | 'paused' | 'disabled';
  readonly header?: readonly string[];
  readonly verifyTls?: boolean;
  readonly timeout?: string;
  readonly maxRetries?: string;
  readonly retrySchedule?: string;
  readonly concurrency?: string;
  readonly rateLimit?: string;
  readonly ordering?: 'none' | 'fifo';
}

export function withEndpointFields(command: Command): Command {
  return command
    .option('--name <name>', 'its name (default: the URL’s host)')
    .option('--description <text>', 'what it is for')
    .option('--event-types <patterns>', 'what it receives: names, prefix.*, or * (commas between; may be given several times)', collectList)
    .addOption(new Option('--status <status>', 'the status it has').choices(['active', 'paused', 'disabled']))
    .option('--header <name: value>', 'a header of your own, sent with every delivery (may be given several times)', collect)
    .option('--no-verify-tls', 'do not verify its certificate: for tests only')
    .option('--timeout <seconds>', 'how long one attempt may take')
    .option('--max-retries <n>', 'retries after the first attempt')
    .option('--retry-schedule <seconds>', 'delays before the retries, such as 5,300,1800')
    .option('--concurrency <n>', 'attempts at the same time')
    .option('--rate-limit <n>', 'attempts a second at most, or none')
    .addOption(new Option('--ordering <ordering>', 'fifo delivers one after the other').choices(['none', 'fifo']));
}

/** The fields that were given, as the API takes them. */
export function patchOf(options: EndpointFields): EndpointPatch {
  return {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.eventTypes === undefined ? {} : { eventTypes: options.eventTypes }),
    ...(options.status === undefined ? {} : { status: options.status }),
    ...(options.header === undefined ? {} : { headers: Object.fromEntries(headerPairs(options.header, '--header')) }),
    // Commander gives a --no-… flag its true; only the "no" was said.
    ...(options.verifyTls === false ? { verifyTls: false } : {}),
    ...(options.timeout === undefined ? {} : { timeoutSeconds: numberOf(options.timeout, '--timeout') }),
    ...(options.maxRetries === undefined ? {} : { maxRetries: numberOf(options.maxRetries, '--max-retries') }),
    ...(options.retrySchedule === undefined ? {} : { retryScheduleSeconds: numbersOf(options.retrySchedule, '--retry-schedule') }),
    ...(options.concurrency === undefined ? {} : { concurrency: numberOf(options.concurrency, '--concurrency') }),
    ...(options.rateLimit === undefined
      ? {}
      : { rateLimitPerSecond: options.rateLimit === 'none' ? null : numberOf(options.rateLimit, '--rate-limit') }),
    ...(options.ordering === undefined ? {} : { ordering: options.ordering }),
  };
}
