// Listeners: relayed endpoints, made and listened to. The relay itself is send/relay-sender.ts's.

import {
  RELAY_ERRORS,
  WaxwingError,
  type EndpointInput,
  type ListenerInput,
  type ListenerMessage,
  type RelayResult,
} from '@waxwing/protocol';
import type { RelayAmongNodes } from '../cluster/relay-among-nodes.ts';
import type { Engine } from '../engine.ts';
import type { EndpointEntry } from '../registry.ts';
import { isRelayUrl, RELAY_URL } from '../send/relay-url.ts';
import type { ServiceContext } from './context.ts';
import { createEndpoint, findEndpoint } from './endpoints.ts';
import { Fields } from './fields.ts';

const FIELDS = ['name', 'endpoint', 'profile', 'eventTypes', 'timeoutSeconds', 'retryScheduleSeconds', 'secret'];
const RETRIES = [1, 2, 5, 10, 20, 30, 60];
const RESULTS_MAX = 100;

/** @param among where listeners reach the nodes that work for their endpoints; null where one program does all */
export function listenerService(context: ServiceContext, among: RelayAmongNodes | null): Engine['listeners'] {
  const { relay, dispatcher } = context;
  return {
    async create(tenant, input = {}, options = {}) {
      return createEndpoint(context, tenant, endpointInput(context, tenant, input), options, true);
    },

    attach(tenant, id, options = {}) {
      const { row } = findListener(context, tenant, id);
      const session = among === null ? relay.attach(row.id) : among.attach(row);
      if (among === null) session.push({ kind: 'ready', data: { listener: row.id, waiting: dispatcher.pendingOf(row.seq) } });
      const leave = (): void => (among === null ? relay.detach(session, null) : among.detach(session));
      options.signal?.addEventListener('abort', leave, { once: true });
      if (options.signal?.aborted === true) leave();
      return {
        async *[Symbol.asyncIterator](): AsyncGenerator<ListenerMessage, void, undefined> {
          try {
            yield* session.messages();
          } finally {
            options.signal?.removeEventListener('abort', leave);
            leave();
          }
        },
      };
    },

    async answer(tenant, id, results) {
      const { row } = findListener(context, tenant, id);
      checkResults(results);
      if (among === null) return { accepted: relay.answer(id, results) };
      return { accepted: await among.answer(row, results) };
    },
  };
}

function findListener(context: ServiceContext, tenant: string, id: string): EndpointEntry {
  const entry = findEndpoint(context, tenant, id);
  if (isRelayUrl(entry.row.url)) return entry;
  throw new WaxwingError('not_a_listener', `${id} has a URL of its own; only endpoints made as listeners are listened to.`);
}

/** A listener's endpoint: another's profile and subscription where it is asked for, its own pace, and none of the reactions. */
function endpointInput(context: ServiceContext, tenant: string, input: ListenerInput): EndpointInput {
  const fields = new Fields();
  fields.known(input, FIELDS);
  fields.done();
  const copied = input.endpoint === undefined ? null : findEndpoint(context, tenant, input.endpoint);
  const name = input.profile ?? copied?.row.profile ?? context.registry.tenants.get(tenant)?.profile ?? context.limits.defaultProfile;
  const schedule = context.registry.latestProfile(name)?.profile.definition.schedule;
  return {
    url: RELAY_URL,
    name: input.name ?? (copied === null ? 'listener' : `listener like ${copied.row.name}`.slice(0, 200)),
    profile: name,
    eventTypes: input.eventTypes ?? copied?.row.eventTypes ?? ['*'],
    ...(copied?.row.call === undefined || copied.row.call === null ? {} : { call: copied.row.call }),
    ...(input.timeoutSeconds === undefined ? {} : { timeoutSeconds: input.timeoutSeconds }),
    ...(input.secret === undefined ? {} : { secret: input.secret }),
    retryScheduleSeconds: input.retryScheduleSeconds ?? RETRIES.slice(0, schedule?.maxRetriesLimit ?? RETRIES.length),
    ordering: 'fifo',
    concurrency: 1,
    reactions: { goneDisables: false, retryAfterHonoured: false, overloadSlows: false, disableAfterSeconds: null },
  };
}

function checkResults(results: readonly RelayResult[]): void {
  const fields = new Fields();
  if (results.length < 1 || results.length > RESULTS_MAX) fields.refuse('/results', `must have 1 to ${RESULTS_MAX} entries`);
  for (const [index, { response, error, notTried }] of results.entries()) {
    const at = `/results/${index}`;
    if ([response, error, notTried].filter((end) => end !== undefined).length !== 1)
      fields.refuse(at, 'must have exactly one of response, error and notTried');
    fields.whole(`${at}/response/status`, response?.status, { min: 200, max: 999 });
    fields.oneOf(`${at}/error/code`, error?.code, RELAY_ERRORS);
    fields.whole(`${at}/notTried/retryInMs`, notTried?.retryInMs, { min: 100, max: 60_000 });
  }
  fields.done();
}
