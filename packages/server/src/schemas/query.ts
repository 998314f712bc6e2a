// What lists take in their query: closed, so that a mistyped filter is refused instead of silently matching everything.

import Type from 'typebox';
import { DELIVERY_CAUSES, DELIVERY_STATES, NOTICE_KINDS, OUTCOME_KINDS } from '@waxwing/protocol';
import type { DeliveryFilter, EventFilter, ListOptions, NoticeFilter } from '@waxwing/engine';
import { closed, exactly, text, time, word } from './schema.ts';
import type { Schema } from './schema.ts';

const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 250, description: 'How many at most; 50 unless told.' })),
  cursor: Type.Optional(text(512, "The page before's `nextCursor`.")),
};

const range = {
  from: Type.Optional(time('From this time on (included): ISO 8601.')),
  to: Type.Optional(time('Up to this time (not included): ISO 8601.')),
};

export const listQuery: Schema<ListOptions> = exactly<ListOptions>()(closed(paging));

export const eventQuery: Schema<EventFilter> = exactly<EventFilter>()(
  closed({
    type: Type.Optional(text(256, "An event type's name, or `prefix.*`.")),
    ...range,
    q: Type.Optional(text(200, 'Text in the data.')),
    ...paging,
  }),
);

export const deliveryQuery: Schema<DeliveryFilter> = exactly<DeliveryFilter>()(
  closed({
    endpoint: Type.Optional(text(64, "An endpoint's id.")),
    event: Type.Optional(text(64, "An event's id.")),
    type: Type.Optional(text(256, "An event type's name, or `prefix.*`.")),
    state: Type.Optional(word(DELIVERY_STATES)),
    outcome: Type.Optional(word(OUTCOME_KINDS)),
    cause: Type.Optional(word(DELIVERY_CAUSES)),
    ...range,
    ...paging,
  }),
);

export const noticeQuery: Schema<NoticeFilter> = exactly<NoticeFilter>()(
  closed({
    tenant: Type.Optional(text(64, 'The tenant that they are about.')),
    kind: Type.Optional(word(NOTICE_KINDS)),
    ...paging,
  }),
);

/** Which event types to list. */
export interface EventTypeFilter extends ListOptions {
  readonly profile?: string;
}

const profileName = Type.Optional(text(64, "A profile's name: the event types of its catalogue."));

export const eventTypeQuery: Schema<EventTypeFilter> = exactly<EventTypeFilter>()(closed({ profile: profileName, ...paging }));

/** Which profile's event type of a name is meant. */
export interface EventTypeChoice {
  readonly profile?: string;
}

export const eventTypeChoiceQuery: Schema<EventTypeChoice> = exactly<EventTypeChoice>()(closed({ profile: profileName }));
export const noQuery: Schema<Record<never, never>> = Type.Unsafe<Record<never, never>>(closed({}));

/** Of the page: whatever the console keeps in its address. */
export const anyQuery: Schema<Record<never, never>> = Type.Unsafe<Record<never, never>>({ type: 'object', properties: {} });
