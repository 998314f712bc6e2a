// Event types: the built-in catalogues (and the operational events), read-only, and the types a platform adds of its own.

import {
  BUILT_IN_PROFILES,
  isEventTypeName,
  OPERATIONAL_EVENT_TYPES,
  WaxwingError,
  type EventType,
  type EventTypeDefinition,
} from '@waxwing/protocol';
import type { Engine } from '../engine.ts';
import type { EventTypeRow } from '../store/rows.ts';
import { change, type ServiceContext } from './context.ts';
import { Fields } from './fields.ts';
import { pageOf } from './paging.ts';
import { presentEventType } from './present.ts';

const FIELDS = ['profile', 'description', 'group', 'schema', 'sample'];

export function eventTypeService(context: ServiceContext): Engine['eventTypes'] {
  const { registry, catalogue } = context;

  const builtIn = (profile: string | undefined): EventType[] => {
    const names = profile === undefined ? [...BUILT_IN_PROFILES.keys(), ...registry.customProfileNames()] : [profile];
    const ofProfiles = names.flatMap((name) =>
      (registry.latestProfile(name)?.profile.definition.eventTypes ?? []).map((entry) => builtInType(name, entry)),
    );
    return profile === undefined ? [...ofProfiles, ...OPERATIONAL] : ofProfiles;
  };
  const own = (profile: string | undefined): EventType[] =>
    [...registry.eventTypes.values()]
      .filter((row) => profile === undefined || row.profile === null || row.profile === profile)
      .map(presentEventType);
  const one = (name: string, profile: string | undefined): EventType => {
    const ownRow = registry.eventTypes.get(name);
    const found =
      profile === undefined && ownRow !== undefined
        ? presentEventType(ownRow)
        : [...builtIn(profile), ...own(profile)].find((entry) => entry.name === name);
    if (found === undefined)
      throw new WaxwingError(
        'event_type_not_found',
        `There is no event type ${JSON.stringify(name)}${profile === undefined ? '' : ` in profile ${profile}`}.`,
      );
    return found;
  };

  return {
    async put(name, input) {
      checkInput(context, name, input);
      const row: EventTypeRow = {
        name,
        profile: input.profile ?? null,
        description: input.description ?? '',
        group: input.group ?? name.slice(0, Math.max(0, name.indexOf('.'))),
        schema: input.schema ?? { type: 'object' },
        sample: input.sample ?? {},
      };
      if (input.sample !== undefined || input.schema === undefined) catalogue.checkSchema(row.schema, row.sample);
      else catalogue.compile(row.schema);
      let created = false;
      await change(context, `eventType:${name}`, () => {
        created = !registry.eventTypes.has(name);
        return [{ kind: 'putEventType', eventType: row }];
      });
      return { eventType: presentEventType(row), created };
    },
    async get(name, profile) {
      return one(name, profile);
    },
    async list(filter = {}) {
      const all = [...own(filter.profile), ...builtIn(filter.profile)];
      return pageOf(
        'eventTypes',
        all,
        (entry) => `${entry.builtIn ? 'a' : 'b'} ${entry.profile ?? ''} ${entry.name}`,
        filter,
        (entry) => entry,
      );
    },
    async delete(name) {
      await change(context, `eventType:${name}`, () => {
        if (!registry.eventTypes.has(name)) {
          const of = builtIn(undefined).find((entry) => entry.name === name);
          if (of !== undefined)
            throw new WaxwingError('event_type_read_only', `${name} belongs to profile ${of.profile ?? ''} and cannot be deleted.`);
          throw new WaxwingError('event_type_not_found', `There is no event type ${JSON.stringify(name)}.`);
        }
        return [{ kind: 'deleteEventType', name }];
      });
    },
  };
}

/** What comes to endpoints of the tenant `waxwing`, whatever a platform calls its own events. */
const OPERATIONAL = [...OPERATIONAL_EVENT_TYPES.values()].map((entry) => builtInType(null, entry));

function builtInType(profile: string | null, { name, description, group, schema, sample }: EventTypeDefinition): EventType {
  return { name, profile, description, group, schema, sample, builtIn: true };
}

function checkInput(context: ServiceContext, name: string, input: Parameters<Engine['eventTypes']['put']>[1]): void {
  const fields = new Fields();
  if (!isEventTypeName(name)) fields.refuse('/name', 'must be letters, digits, _ and -, in parts joined by dots');
  fields.known(input, FIELDS);
  fields.text('/description', input.description, { min: 0, max: 2_000 });
  fields.text('/group', input.group, { min: 0, max: 200 });
  fields.done();
  const { profile } = input;
  const found = typeof profile === 'string' ? context.registry.latestProfile(profile) : undefined;
  if (typeof profile === 'string' && found === undefined)
    throw new WaxwingError('unknown_profile', `There is no profile ${JSON.stringify(profile)}.`, {
      fields: [{ path: '/profile', message: 'no such profile' }],
    });
  if (found !== undefined && context.catalogue.ofProfile(found.profile, name) !== undefined) {
    throw new WaxwingError(
      'event_type_read_only',
      `${name} is part of profile ${String(profile)} and cannot be replaced. Choose another name, or leave the profile out.`,
    );
  }
}
