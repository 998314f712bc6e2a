// Profiles: the built-in wire conventions, read-only, and a platform's own as JSON. A change makes a new version for new
// endpoints; the ones that exist keep theirs.

import {
  BUILT_IN_PROFILES,
  compileProfile,
  messageHeaders,
  parseProfileDefinition,
  sign,
  WaxwingError,
  type Profile,
  type ProfileDefinition,
  type ProfileResource,
} from '@waxwing/protocol';
import type { Engine } from '../engine.ts';
import type { ProfileRow } from '../store/rows.ts';
import { change, type ServiceContext } from './context.ts';
import { pageOf } from './paging.ts';

/** Signs samples that are shown; nobody's secret. */
const SAMPLE_SECRET = 'whsec_c2FtcGxlLXNlY3JldC1mb3ItZG9jdW1lbnRhdGlvbg==';
const SAMPLE_ID = 'evt_01j0000000000000000000sample';

export function profileService(context: ServiceContext): Engine['profiles'] {
  const { registry, clock } = context;

  const one = (name: string): ProfileResource => {
    const found = registry.latestProfile(name);
    if (found === undefined) throw new WaxwingError('profile_not_found', `There is no profile ${JSON.stringify(name)}.`);
    return present(found.profile, found.version);
  };

  const checked = (name: string, input: unknown): ProfileDefinition => {
    refuseBuiltIn(name);
    const definition = parseProfileDefinition(name, input);
    for (const eventType of definition.eventTypes) context.catalogue.checkSchema(eventType.schema, eventType.sample);
    return definition;
  };

  return {
    async put(name, input) {
      const definition = checked(name, input);
      let created = false;
      await change(context, `profile:${name}`, () => {
        created = registry.latestProfileRow(name) === undefined;
        return [
          {
            kind: 'putProfile',
            profile: { name, version: registry.newestVersion(name) + 1, definition, createdMs: clock.nowMs(), deletedMs: null },
          },
        ];
      });
      const made = registry.latestProfile(name);
      if (made !== undefined) context.learnProfile(made.version, made.profile);
      return { profile: one(name), created };
    },
    async preview(name, input) {
      return present(compileProfile(checked(name, input)), registry.newestVersion(name) + 1);
    },
    async get(name) {
      return one(name);
    },
    async list(options = {}) {
      const names = [...BUILT_IN_PROFILES.keys(), ...registry.customProfileNames()];
      return pageOf('profiles', names, (name) => `${BUILT_IN_PROFILES.has(name) ? 'a' : 'b'} ${name}`, options, one);
    },
    async delete(name) {
      refuseBuiltIn(name);
      await change(context, `profile:${name}`, () => {
        const row = registry.latestProfileRow(name);
        if (row === undefined) throw new WaxwingError('profile_not_found', `There is no profile ${JSON.stringify(name)}.`);
        refuseInUse(context, name);
        const gone: ProfileRow = { ...row, deletedMs: clock.nowMs() };
        return [{ kind: 'putProfile', profile: gone }];
      });
    },
  };
}

function refuseBuiltIn(name: string): void {
  if (BUILT_IN_PROFILES.has(name))
    throw new WaxwingError('profile_read_only', `${name} is built in and cannot be changed. Put your own under another name.`);
}

function refuseInUse(context: ServiceContext, name: string): void {
  let endpoints = 0;
  for (const { row } of context.registry.endpoints()) if (row.profile === name) endpoints += 1;
  const tenants = [...context.registry.tenants.values()].filter((row) => row.profile === name).length;
  if (endpoints + tenants === 0 && context.limits.defaultProfile !== name) return;
  throw new WaxwingError('profile_in_use', `${name} is used by ${endpoints} endpoints and ${tenants} tenants, and cannot be deleted.`);
}

function present(profile: Profile, version: number): ProfileResource {
  return { ...profile.definition, version, builtIn: version === 0, sampleMessage: sampleMessage(profile) };
}

/** The first sample of the catalogue as a receiver would get it. */
function sampleMessage(profile: Profile): ProfileResource['sampleMessage'] {
  const { definition } = profile;
  const first = definition.eventTypes[0] ?? { name: 'example.created', sample: { id: 1 } };
  const timestampMs = Date.UTC(2026, 4, 12, 15, 30);
  const endpoint = { id: 'ep_01j00000000000000000000000', name: 'Production' };
  const event = { id: SAMPLE_ID, type: first.name, timestampMs, data: JSON.stringify(first.sample), hasUnsafeInteger: false };
  const body = profile.body(event, endpoint.id, profile.facts(endpoint, { roomUrlBase: 'wss://api.meshagent.com' }));
  const id = profile.eventId(SAMPLE_ID);
  const signature = sign(definition.signature, { id, timestampSeconds: timestampMs / 1_000, body: Buffer.from(body) }, [SAMPLE_SECRET]);
  return { secret: SAMPLE_SECRET, headers: [...messageHeaders(profile, SAMPLE_ID, 'Waxwing'), ...signature], body };
}
