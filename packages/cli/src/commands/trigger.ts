// `waxwing trigger`: publishes the samples of a catalogue, changed as asked, as often and as fast as asked.

import { setTimeout as sleep } from 'node:timers/promises';

import type { EventInput, TenantClient, Waxwing } from '@waxwing/client';
import { matchesEventType, nearestName } from '@waxwing/protocol';
import type { EventType, PublishResult } from '@waxwing/protocol';
import { Command } from 'commander';

import { connect, tenantIdOf, withTenant } from '../connection.ts';
import type { TenantOptions } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { collect, numberOf } from '../input.ts';
import { applySettings, parseSetting } from '../sample.ts';
import type { SampleData, SampleSetting } from '../sample.ts';
import { bold, dim, print, yellow } from '../terminal.ts';

interface TriggerOptions extends TenantOptions {
  readonly set?: readonly string[];
  readonly count: string;
  readonly rate?: string;
  readonly json?: boolean;
}

const BATCH = 100;
const COUNT_MAX = 1_000_000;

export function triggerCommand(): Command {
  return withTenant(new Command('trigger'))
    .description('publish a catalogue’s sample event, changed as you like')
    .argument('<type>', 'an event type, such as meeting.completed; prefix.* or * for each of the catalogue')
    .option(
      '--set <data.path=value>',
      'change the sample: a JSON value, or a text; {n} becomes the event’s number (may be given several times)',
      collect,
    )
    .option('--count <n>', 'how many of each', '1')
    .option('--rate <n>', 'how many a second (default: as fast as the server takes them)')
    .addHelpText(
      'after',
      `
Examples:
  waxwing trigger meeting.completed --tenant acme
  waxwing trigger payment.paid --tenant acme --set data.amount=12 --set data.currency=EUR
  waxwing trigger meeting.completed --tenant acme --set data.meeting_id=mtg_{n} --count 100 --rate 10
  waxwing trigger '*' --tenant acme`,
    )
    .action(async (pattern: string, options: TriggerOptions) => {
      const count = numberOf(options.count, '--count');
      if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX)
        throw new UsageError(`--count must be a whole number from 1 to ${COUNT_MAX}`);
      const rate = options.rate === undefined ? null : numberOf(options.rate, '--rate');
      if (rate !== null && !(rate > 0)) throw new UsageError('--rate must be above 0');
      const settings = (options.set ?? []).map(parseSetting);
      const tenant = tenantIdOf(options);
      const client = connect(options);
      const acme = client.tenant(tenant);
      const types = await typesFor(client, acme, pattern);
      let published = 0;
      const told = (results: readonly PublishResult[]): void => {
        published += results.length;
        for (const result of results) print(options.json === true ? JSON.stringify(result) : lineOf(result));
      };
      await publishAll(acme, eventsOf(types, settings, count), rate, told);
      if (options.json !== true && published > 1) print(dim(`${published} events published.`));
    });
}

function lineOf(result: PublishResult): string {
  const count = result.deliveries === 1 ? '1 delivery' : `${result.deliveries} deliveries`;
  return `${bold(result.id)}  ${result.type}  ${count}${result.warning === undefined ? '' : `  ${yellow(result.warning)}`}`;
}

/** The tenant's catalogue, as far as the pattern takes it. */
async function typesFor(client: Waxwing, acme: TenantClient, pattern: string): Promise<readonly EventType[]> {
  const { profile } = await acme.get();
  const known: EventType[] = [];
  for await (const type of client.eventTypes.list({ limit: 250 })) if (isOwn(type, profile)) known.push(type);
  const found = known.filter(({ name }) => matchesEventType([pattern], name));
  if (found.length > 0) return found;
  // Where any type is taken, another catalogue's sample is as good as any.
  const elsewhere = await client.eventTypes.get(pattern).catch(() => null);
  if (elsewhere !== null && !(await client.profiles.get(profile)).catalogueClosed) return [elsewhere];
  const near = nearestName(
    pattern,
    known.map(({ name }) => name),
  );
  throw new UsageError(
    elsewhere !== null
      ? `${pattern} is of the catalogue of ${elsewhere.profile}, and this tenant’s profile is ${profile}. \`waxwing send ${pattern} --data …\` publishes data of your own`
      : `no catalogue of this tenant has ${JSON.stringify(pattern)}${near === null ? '' : `; did you mean ${near}?`} \`waxwing event-types list --profile ${profile}\` lists them; \`waxwing send\` publishes data of your own`,
  );
}

/** What Waxwing tells of itself has no profile either, and is not for tenants. */
function isOwn(type: EventType, profile: string): boolean {
  return type.profile === profile || (type.profile === null && !type.builtIn);
}

function* eventsOf(types: readonly EventType[], settings: readonly SampleSetting[], count: number): Generator<EventInput, void, undefined> {
  for (let number = 1; number <= count; number++) {
    for (const { name, sample } of types) {
      const data: SampleData = applySettings(sample, settings, number);
      yield { type: name, data };
    }
  }
}

/** In order. Without a rate in batches, each durable before the next; with one, each at its time. */
async function publishAll(
  acme: TenantClient,
  events: Iterable<EventInput>,
  rate: number | null,
  told: (results: readonly PublishResult[]) => void,
): Promise<void> {
  if (rate === null) {
    let batch: EventInput[] = [];
    for (const event of events) {
      batch.push(event);
      if (batch.length < BATCH) continue;
      told(await acme.publishBatch(batch));
      batch = [];
    }
    if (batch.length > 0) told(await acme.publishBatch(batch));
    return;
  }
  const startedMs = performance.now();
  let index = 0;
  for (const event of events) {
    const waitMs = startedMs + (index * 1_000) / rate - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    told([await acme.publish(event)]);
    index += 1;
  }
}
