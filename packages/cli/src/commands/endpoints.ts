// `waxwing endpoints`: where a tenant's events go.

import type { Endpoint, EndpointWithSecret } from '@waxwing/protocol';
import { Command } from 'commander';

import { connectToTenant, withTenant } from '../connection.ts';
import type { TenantOptions } from '../connection.ts';
import { deliveryLines } from '../delivery-text.ts';
import { patchOf, withEndpointFields } from '../endpoint-fields.ts';
import type { EndpointFields } from '../endpoint-fields.ts';
import { CommandFailure, UsageError } from '../failure.ts';
import { numberOf, readSecret } from '../input.ts';
import { pageOf, printPage, withPage } from '../listing.ts';
import type { PageOptions } from '../listing.ts';
import { bold, dim, green, print, printJson, red, yellow } from '../terminal.ts';

interface OneOptions extends TenantOptions {
  readonly json?: boolean;
}

export function endpointsCommand(): Command {
  const command = new Command('endpoints').description('create, list, change and test endpoints');
  for (const child of [list(), get(), create(), update(), remove(), ...switches(), rotate(), activate(), test()]) command.addCommand(child);
  return command;
}

function list(): Command {
  return withPage(withTenant(new Command('list')))
    .description('list a tenant’s endpoints')
    .addHelpText('after', '\nExample:\n  waxwing endpoints list --tenant acme')
    .action(async (options: TenantOptions & PageOptions) => {
      await printPage(
        connectToTenant(options).endpoints.list(pageOf(options)),
        options,
        [
          { heading: 'ID', cell: (endpoint) => endpoint.id },
          { heading: 'STATUS', cell: statusText },
          { heading: 'PROFILE', cell: (endpoint) => endpoint.profile },
          { heading: 'EVENTS', cell: (endpoint) => endpoint.eventTypes.join(',') },
          { heading: 'URL', cell: (endpoint) => endpoint.url },
        ],
        'No endpoints. `waxwing endpoints create URL` makes one.',
      );
    });
}

function get(): Command {
  return withTenant(new Command('get'))
    .description('one endpoint with its settings')
    .argument('<id>', 'the endpoint’s id')
    .addHelpText('after', '\nExample:\n  waxwing endpoints get ep_01jd… --tenant acme')
    .action(async (id: string, options: OneOptions) => printEndpoint(await connectToTenant(options).endpoints.get(id), options));
}

function create(): Command {
  return withEndpointFields(withTenant(new Command('create')))
    .description('create an endpoint; its secret is printed once')
    .argument('<endpoint-url>', 'where its deliveries go')
    .option('--profile <name>', 'its wire convention (default: the tenant’s); it never changes')
    .option('--secret <secret>', 'a secret of your own (WAXWING_SECRET, or WAXWING_SECRET_FILE; default: one is made)')
    .addHelpText(
      'after',
      `
Examples:
  waxwing endpoints create https://example.com/webhooks --tenant acme --event-types 'meeting.*'
  waxwing endpoints create https://example.com/webhooks --tenant acme --profile joai --header 'x-team: core' --timeout 30`,
    )
    .action(async (url: string, options: OneOptions & EndpointFields & { readonly profile?: string; readonly secret?: string }) => {
      const secret = readSecret(options.secret, 'WAXWING_SECRET', process.env);
      const input = {
        ...patchOf(options),
        url,
        ...(options.profile === undefined ? {} : { profile: options.profile }),
        ...(secret === null ? {} : { secret }),
      };
      printWithSecret(await connectToTenant(options).endpoints.create(input), options);
    });
}

function update(): Command {
  return withEndpointFields(withTenant(new Command('update')))
    .description('change an endpoint, from its next attempt on')
    .argument('<id>', 'the endpoint’s id')
    .option('--endpoint-url <url>', 'where its deliveries go')
    .addHelpText('after', "\nExample:\n  waxwing endpoints update ep_01jd… --tenant acme --event-types 'meeting.*,payment.*' --timeout 20")
    .action(async (id: string, options: OneOptions & EndpointFields & { readonly endpointUrl?: string }) => {
      const patch = { ...patchOf(options), ...(options.endpointUrl === undefined ? {} : { url: options.endpointUrl }) };
      if (Object.keys(patch).length === 0) throw new UsageError('nothing to change: give at least one field, such as --event-types');
      printEndpoint(await connectToTenant(options).endpoints.update(id, patch), options);
    });
}

function remove(): Command {
  return withTenant(new Command('delete'))
    .description('delete an endpoint; what is pending is cancelled')
    .argument('<id>', 'the endpoint’s id')
    .addHelpText('after', '\nExample:\n  waxwing endpoints delete ep_01jd… --tenant acme')
    .action(async (id: string, options: OneOptions) => {
      await connectToTenant(options).endpoints.delete(id);
      if (options.json !== true) print(`${bold(id)}  deleted`);
    });
}

function switches(): Command[] {
  const verbs = [
    ['enable', 'deliver to it again, what was held included'],
    ['disable', 'skip new events, hold what is pending'],
    ['pause', 'hold everything, new events too'],
    ['resume', 'deliver what was held'],
  ] as const;
  return verbs.map(([verb, description]) =>
    withTenant(new Command(verb))
      .description(description)
      .argument('<id>', 'the endpoint’s id')
      .addHelpText('after', `\nExample:\n  waxwing endpoints ${verb} ep_01jd… --tenant acme`)
      .action(async (id: string, options: OneOptions) => printEndpoint(await connectToTenant(options).endpoints[verb](id), options)),
  );
}

function rotate(): Command {
  return withTenant(new Command('rotate'))
    .description('give it a new secret, printed once; the old one is good for a while')
    .argument('<id>', 'the endpoint’s id')
    .option('--secret <secret>', 'a secret of your own (WAXWING_SECRET, or WAXWING_SECRET_FILE; default: one is made)')
    .option('--grace <seconds>', 'how long the old secret is still good (default 24 hours; 0 ends it now)')
    .addHelpText('after', '\nExample:\n  waxwing endpoints rotate ep_01jd… --tenant acme --grace 3600')
    .action(async (id: string, options: OneOptions & { readonly secret?: string; readonly grace?: string }) => {
      const secret = readSecret(options.secret, 'WAXWING_SECRET', process.env);
      const rotation = {
        ...(secret === null ? {} : { secret }),
        ...(options.grace === undefined ? {} : { graceSeconds: numberOf(options.grace, '--grace') }),
      };
      printWithSecret(await connectToTenant(options).endpoints.rotateSecret(id, rotation), options);
    });
}

function activate(): Command {
  return withTenant(new Command('activate'))
    .description('end a rotation’s grace now: only the new secret is good')
    .argument('<id>', 'the endpoint’s id')
    .addHelpText('after', '\nExample:\n  waxwing endpoints activate ep_01jd… --tenant acme')
    .action(async (id: string, options: OneOptions) => printEndpoint(await connectToTenant(options).endpoints.activateSecret(id), options));
}

function test(): Command {
  return withTenant(new Command('test'))
    .description('send it a catalogue’s sample now, and show what came back')
    .argument('<id>', 'the endpoint’s id')
    .argument('<event-type>', 'whose sample is sent')
    .addHelpText('after', '\nExample:\n  waxwing endpoints test ep_01jd… webhook.test --tenant acme')
    .action(async (id: string, eventType: string, options: OneOptions) => {
      const delivery = await connectToTenant(options).endpoints.test(id, { eventType });
      if (options.json === true) printJson(delivery);
      else for (const line of deliveryLines(delivery)) print(line);
      if (delivery.state !== 'delivered') throw new CommandFailure('the test was not delivered');
    });
}

function statusText(endpoint: Endpoint): string {
  switch (endpoint.status) {
    case 'active':
      return green(endpoint.status);
    case 'failing':
      return red(endpoint.status);
    case 'paused':
      return yellow(endpoint.status);
    case 'disabled':
      return dim(endpoint.status);
    default:
      return endpoint.status satisfies never;
  }
}

function printEndpoint(endpoint: Endpoint, options: OneOptions): void {
  if (options.json === true) {
    printJson(endpoint);
    return;
  }
  const headers = Object.entries(endpoint.headers).map(([name, value]) => `${name}: ${value}`);
  print(`${bold(endpoint.id)}  ${statusText(endpoint)}${endpoint.statusReason === null ? '' : `  ${endpoint.statusReason}`}`);
  print(`  ${endpoint.name}  ${endpoint.url}${endpoint.verifyTls ? '' : red('  TLS is not verified')}`);
  print(`  profile ${endpoint.profile}, events ${endpoint.eventTypes.join(', ')}`);
  print(
    `  time-out ${endpoint.timeoutSeconds} s, ${endpoint.maxRetries} retries after ${endpoint.retryScheduleSeconds.join(', ')} s, ordering ${endpoint.ordering}`,
  );
  if (headers.length > 0) print(`  headers ${headers.join(', ')}`);
  if (endpoint.secretGraceEndsAt !== null) print(`  the old secret is good until ${endpoint.secretGraceEndsAt}`);
}

function printWithSecret(endpoint: EndpointWithSecret, options: OneOptions): void {
  printEndpoint(endpoint, options);
  if (options.json === true) return;
  print(`  secret ${bold(endpoint.secret)}  ${dim('(shown once)')}`);
  if (endpoint.publicKey !== undefined) print(`  public key ${endpoint.publicKey}`);
  if (endpoint.warning !== undefined) print(yellow(`  ${endpoint.warning}`));
}
