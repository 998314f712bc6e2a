// `waxwing profiles`: the wire conventions that a server speaks.

import type { ProfileResource } from '@waxwing/protocol';
import { Command } from 'commander';

import { connect, withConnection } from '../connection.ts';
import type { ConnectionOptions } from '../connection.ts';
import { pageOf, printPage, withPage } from '../listing.ts';
import type { PageOptions } from '../listing.ts';
import { bold, dim, print, printJson } from '../terminal.ts';

export function profilesCommand(): Command {
  return new Command('profiles')
    .description('list the wire conventions, or see one with a sample message')
    .addCommand(list())
    .addCommand(get());
}

function list(): Command {
  return withPage(withConnection(new Command('list')))
    .description('list the profiles')
    .addHelpText('after', '\nExample:\n  waxwing profiles list')
    .action(async (options: ConnectionOptions & PageOptions) => {
      await printPage(
        connect(options).profiles.list(pageOf(options)),
        options,
        [
          { heading: 'NAME', cell: (profile) => profile.name },
          { heading: 'TITLE', cell: (profile) => profile.title },
          { heading: 'EVENT TYPES', cell: (profile) => `${profile.eventTypes.length}${profile.catalogueClosed ? '' : ' and any'}` },
          { heading: 'RETRIES', cell: (profile) => String(profile.schedule.maxRetriesDefault) },
          { heading: 'TIME-OUT', cell: (profile) => `${profile.timeoutSecondsDefault} s` },
        ],
        'No profiles.',
      );
    });
}

function get(): Command {
  return withConnection(new Command('get'))
    .description('one profile: its rules and a sample message')
    .argument('<name>', 'the profile’s name')
    .addHelpText('after', '\nExample:\n  waxwing profiles get humanconnection')
    .action(async (name: string, options: ConnectionOptions & { readonly json?: boolean }) => {
      const profile = await connect(options).profiles.get(name);
      if (options.json === true) printJson(profile);
      else printProfile(profile);
    });
}

function printProfile(profile: ProfileResource): void {
  print(`${bold(profile.name)}  ${profile.title}`);
  print(`  ${profile.description}`);
  print(`  retries after ${profile.schedule.delaysSeconds.join(', ')} s; time-out ${profile.timeoutSecondsDefault} s`);
  print(`  event types: ${profile.eventTypes.map((type) => type.name).join(', ')}${profile.catalogueClosed ? '' : ', and any other'}`);
  if (profile.sampleMessage === null) return;
  print(dim(`  a sample, signed with ${profile.sampleMessage.secret}:`));
  for (const [name, value] of profile.sampleMessage.headers) print(dim(`    ${name}: ${value}`));
  print(`    ${profile.sampleMessage.body}`);
}
