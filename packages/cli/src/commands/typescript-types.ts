// `waxwing types`: the TypeScript types of a catalogue's events, for receivers. The catalogue is a built-in profile's, a
// file's, or a server's with the types that the deployment added.

import { writeFileSync } from 'node:fs';

import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import type { EventType, EventTypeDefinition } from '@waxwing/protocol';
import { eventMapName, eventSchemasOf, eventTypesOf } from '@waxwing/receiver/event-types';
import { jsonSchema } from '@waxwing/receiver/schemas';
import { Command } from 'commander';

import { connect } from '../connection.ts';
import { CommandFailure, UsageError } from '../failure.ts';
import { printError } from '../terminal.ts';
import { fileProfile, wireProfile } from '../wire-profile.ts';

interface TypesOptions {
  readonly profile?: string;
  readonly profileFile?: string;
  readonly url?: string;
  readonly key?: string;
  readonly out?: string;
  readonly standalone?: boolean;
  readonly schemas?: boolean;
}

interface Catalogue {
  readonly name: string;
  readonly eventTypes: readonly Omit<EventTypeDefinition, 'group'>[];
}

const MADE_BY = 'Made by `waxwing types`';

export function typesCommand(): Command {
  return new Command('types')
    .description('write the TypeScript types of a profile’s events: your own profile’s too')
    .option('--profile <name>', 'a profile: a built-in one, or with --url or --key one that the server knows')
    .option('--profile-file <file>', 'a profile’s definition as JSON')
    .option('--url <url>', 'read the catalogue from this server, with the types that were added there (WAXWING_URL)')
    .option('--key <key>', 'an API key for it (WAXWING_KEY, or WAXWING_KEY_FILE)')
    .option('--out <file>', 'write them there (default: to stdout)')
    .option('--standalone', 'leave out what makes @waxwing/receiver know them')
    .option('--schemas', 'write the events’ JSON Schemas instead, for a receiver that checks payloads')
    .addHelpText(
      'after',
      `
Examples:
  waxwing types --profile meetloyd --out src/meetloyd-events.ts
  waxwing types --profile-file acme.json --out src/acme-events.ts
  waxwing types --profile-file acme.json --schemas --out src/acme-schemas.ts
  waxwing types --profile acme --url https://webhooks.acme.example --out src/acme-events.ts`,
    )
    .action(async (options: TypesOptions) => {
      const catalogue = await catalogueOf(options);
      const text = options.schemas === true ? schemasOf(catalogue) : sourceOf(catalogue, options.standalone !== true);
      if (options.out === undefined) {
        process.stdout.write(text);
        return;
      }
      try {
        writeFileSync(options.out, text);
      } catch (error) {
        throw new CommandFailure(`--out: ${options.out} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      }
      const what = options.schemas === true ? 'schemas' : 'event types';
      printError(`${catalogue.eventTypes.length} ${what} of ${catalogue.name} written to ${options.out}`);
    });
}

async function catalogueOf(options: TypesOptions): Promise<Catalogue> {
  const { profile: name, profileFile: file, url, key } = options;
  if (file !== undefined) {
    if (name !== undefined || url !== undefined || key !== undefined) {
      throw new UsageError('--profile-file is the whole catalogue: leave --profile, --url and --key out');
    }
    return filled((await fileProfile(`@${file}`)).definition);
  }
  if (name === undefined) throw new UsageError('no profile: give one with --profile or --profile-file');
  const here = name.startsWith('@') || BUILT_IN_PROFILES.has(name);
  const asked = url !== undefined || key !== undefined || (!here && knowsServer(process.env));
  return filled(asked ? await serverCatalogue(name, options) : (await wireProfile(name)).definition);
}

function knowsServer(env: NodeJS.ProcessEnv): boolean {
  return ['WAXWING_URL', 'WAXWING_KEY', 'WAXWING_KEY_FILE'].some((variable) => env[variable] !== undefined);
}

/** The profile's catalogue as it stands, then what was added to it, by name. */
async function serverCatalogue(name: string, options: TypesOptions): Promise<Catalogue> {
  const server = connect(options);
  const { eventTypes } = await server.profiles.get(name);
  const known = new Set(eventTypes.map((type) => type.name));
  const added: EventType[] = [];
  for await (const type of server.eventTypes.list({ profile: name })) if (!known.has(type.name)) added.push(type);
  return { name, eventTypes: [...eventTypes, ...added.toSorted((a, b) => (a.name < b.name ? -1 : 1))] };
}

function filled(catalogue: Catalogue): Catalogue {
  if (catalogue.eventTypes.length > 0) return catalogue;
  throw new CommandFailure(`The profile ${catalogue.name} has no event types, so there are none to write. Declare them in its eventTypes.`);
}

/** Refused where the receiver could not read one of them when it starts. */
function schemasOf({ name, eventTypes }: Catalogue): string {
  for (const { schema } of eventTypes) jsonSchema(schema);
  return eventSchemasOf(name, eventTypes, '@waxwing/receiver/schemas', MADE_BY);
}

function sourceOf({ name, eventTypes }: Catalogue, tied: boolean): string {
  const source = eventTypesOf(name, eventTypes, MADE_BY);
  // The receiver brings the closed catalogues itself; a second declaration of one would clash with its own.
  if (!tied || BUILT_IN_PROFILES.get(name)?.definition.catalogueClosed === true) return source;
  const member = /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : `'${name}'`;
  return `${source}
declare module '@waxwing/receiver' {
  interface Catalogues {
    readonly ${member}: ${eventMapName(name)};
  }
}
`;
}
