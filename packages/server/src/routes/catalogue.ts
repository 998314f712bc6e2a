// The catalogue: event types and profiles. Any key may read it; changing it takes an admin key.

import type { Engine } from '@waxwing/engine';
import type { ErrorCode } from '@waxwing/protocol';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { eventType, eventTypeExample, eventTypeInput, eventTypeInputExample } from '../schemas/event-type.ts';
import { profile, profileExample, profileInput, profileInputExample } from '../schemas/profile.ts';
import { eventTypeChoiceQuery, eventTypeQuery, listQuery } from '../schemas/query.ts';
import { page, ref } from '../schemas/schema.ts';

const TAG = 'Catalogue';
const OF_EVENT_TYPE = { name: 'eventType' } as const;
const OF_PROFILE = { name: 'profile' } as const;
const FROM_WRITES: readonly ErrorCode[] = ['overloaded', 'store_unavailable', 'disk_full', 'disk_failing', 'commit_unknown'];

export function catalogueRoutes(engine: Engine): readonly Route[] {
  return [...eventTypeRoutes(engine), ...profileRoutes(engine)];
}

function eventTypeRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/event-types',
      ids: {},
      name: 'listEventTypes',
      tag: TAG,
      summary: 'List the event types',
      need: 'catalogue',
      query: eventTypeQuery,
      answer: { schema: page(eventType), example: { data: [eventTypeExample], nextCursor: null }, statuses: { 200: 'One page.' } },
      errors: ['invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.eventTypes.list(query) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/event-types/{name}',
      ids: OF_EVENT_TYPE,
      name: 'putEventType',
      tag: TAG,
      summary: 'Add or replace an event type',
      need: 'administer',
      body: { schema: eventTypeInput, example: eventTypeInputExample, optional: true },
      answer: { schema: ref(eventType), example: eventTypeExample, statuses: { 200: 'Replaced.', 201: 'Added.' } },
      errors: ['unknown_profile', 'event_type_read_only', 'invalid_schema', ...FROM_WRITES],
      handle: async ({ path, body }) => {
        const put = await engine.eventTypes.put(path.name, body);
        return { status: put.created ? 201 : 200, body: put.eventType };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/event-types/{name}',
      ids: OF_EVENT_TYPE,
      name: 'getEventType',
      tag: TAG,
      summary: 'Get an event type',
      description: "Without `profile`: the deployment's own of this name, else the first profile's that has it.",
      need: 'catalogue',
      query: eventTypeChoiceQuery,
      answer: { schema: ref(eventType), example: eventTypeExample, statuses: { 200: 'The event type.' } },
      errors: ['event_type_not_found', 'store_unavailable'],
      handle: async ({ path, query }) => ({
        status: 200,
        body: await (query.profile === undefined ? engine.eventTypes.get(path.name) : engine.eventTypes.get(path.name, query.profile)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/event-types/{name}',
      ids: OF_EVENT_TYPE,
      name: 'deleteEventType',
      tag: TAG,
      summary: 'Remove an event type',
      need: 'administer',
      answer: { schema: null, example: null, statuses: { 204: 'Removed.' } },
      errors: ['event_type_not_found', 'event_type_read_only', ...FROM_WRITES],
      handle: async ({ path }) => {
        await engine.eventTypes.delete(path.name);
        return { status: 204, body: null };
      },
    }),
  ];
}

function profileRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/profiles',
      ids: {},
      name: 'listProfiles',
      tag: TAG,
      summary: 'List the profiles',
      need: 'catalogue',
      query: listQuery,
      answer: { schema: page(profile), example: { data: [profileExample], nextCursor: null }, statuses: { 200: 'One page.' } },
      errors: ['invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.profiles.list(query) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/profiles/{name}',
      ids: OF_PROFILE,
      name: 'putProfile',
      tag: TAG,
      summary: "Add or change a profile of the platform's own",
      description: 'A change makes a new version for new endpoints; endpoints that exist keep theirs.',
      need: 'administer',
      body: { schema: profileInput, example: profileInputExample },
      answer: { schema: ref(profile), example: profileExample, statuses: { 200: 'Changed.', 201: 'Added.' } },
      errors: ['profile_read_only', 'invalid_profile', 'invalid_schema', ...FROM_WRITES],
      handle: async ({ path, body }) => {
        const put = await engine.profiles.put(path.name, body);
        return { status: put.created ? 201 : 200, body: put.profile };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/profiles/{name}/preview',
      ids: OF_PROFILE,
      name: 'previewProfile',
      tag: TAG,
      summary: 'See what a profile would be, and its signed message, without keeping it',
      need: 'administer',
      body: { schema: profileInput, example: profileInputExample },
      answer: { schema: ref(profile), example: profileExample, statuses: { 200: 'As it would be.' } },
      errors: ['profile_read_only', 'invalid_profile', 'invalid_schema'],
      handle: async ({ path, body }) => ({ status: 200, body: await engine.profiles.preview(path.name, body) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/profiles/{name}',
      ids: OF_PROFILE,
      name: 'getProfile',
      tag: TAG,
      summary: 'Get a profile with its catalogue and a sample message',
      need: 'catalogue',
      answer: { schema: ref(profile), example: profileExample, statuses: { 200: 'The profile.' } },
      errors: ['profile_not_found', 'store_unavailable'],
      handle: async ({ path }) => ({ status: 200, body: await engine.profiles.get(path.name) }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/profiles/{name}',
      ids: OF_PROFILE,
      name: 'deleteProfile',
      tag: TAG,
      summary: "Delete a profile of the platform's own",
      description: 'Refused while a tenant or an endpoint uses it.',
      need: 'administer',
      answer: { schema: null, example: null, statuses: { 204: 'Deleted.' } },
      errors: ['profile_not_found', 'profile_read_only', 'profile_in_use', ...FROM_WRITES],
      handle: async ({ path }) => {
        await engine.profiles.delete(path.name);
        return { status: 204, body: null };
      },
    }),
  ];
}
