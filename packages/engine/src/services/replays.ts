// Replays: asked for by filter, counted, listed with their progress, cancelled. What makes the deliveries is replay/.

import {
  checkEventTypes,
  isMintedId,
  REPLAYABLE_STATES,
  WaxwingError,
  type Replay,
  type ReplayCount,
  type ReplayInput,
  type ReplayState,
} from '@waxwing/protocol';
import type { Engine } from '../engine.ts';
import { progressOf } from '../replay/run.ts';
import type { Replayer } from '../replay/replayer.ts';
import type { ReplayFilter, ReplayRow } from '../store/rows.ts';
import { change, type ServiceContext } from './context.ts';
import { findEndpoint } from './endpoints.ts';
import { Fields } from './fields.ts';
import { pageLimit, readSeqCursor, writeCursor } from './paging.ts';
import { iso, isoOrNull } from './present.ts';
import { find as findTenant } from './tenants.ts';
import { bodyTimeRange } from './time-range.ts';

/** Replays of one tenant that run at once. */
const RUNNING_MAX = 10;
const FIELDS = ['endpoint', 'types', 'states', 'from', 'to', 'dryRun'];
const STATES_DEFAULT = ['failed', 'skipped'] as const;

export function replayService(context: ServiceContext, replayer: Replayer): Engine['replays'] {
  const { store, clock, ids, numbers } = context;

  const present = async (row: ReplayRow): Promise<Replay> => {
    const run = replayer.running(row.seq);
    const now = run?.row ?? row;
    const progress = now.finishedMs === null ? progressOf(await store.read.replayCounts(now.seq)) : now;
    return presentReplay(now, progress, run?.note ?? null);
  };

  const count = async (tenant: string, filter: ReplayFilter, upToSeq: number): Promise<ReplayCount> => {
    let total = 0;
    for (let after: number | null = 0; after !== null;) {
      const part = await store.read.selectionCounts({ tenant, filter, after, upToSeq, limit: 0 });
      for (const { deliveries } of part.counts) total += deliveries;
      after = part.next;
    }
    return { count: total };
  };

  async function create(tenant: string, input: ReplayInput & { readonly dryRun: true }): Promise<ReplayCount>;
  async function create(tenant: string, input?: ReplayInput & { readonly dryRun?: false }): Promise<Replay>;
  async function create(tenant: string, input?: ReplayInput): Promise<Replay | ReplayCount>;
  async function create(tenant: string, input: ReplayInput = {}): Promise<Replay | ReplayCount> {
    findTenant(context, tenant);
    const filter = filterOf(context, tenant, input);
    const upToSeq = await numbers.newest();
    if (input.dryRun === true) return count(tenant, filter, upToSeq);
    const asked: Omit<ReplayRow, 'seq'> = {
      id: ids.mint('rpl'),
      tenant,
      state: 'counting',
      filter,
      upToSeq,
      total: null,
      made: 0,
      streams: [],
      done: 0,
      failed: 0,
      createdMs: clock.nowMs(),
      finishedMs: null,
    };
    let row: ReplayRow = { ...asked, seq: 0 };
    await change(context, `replays:${tenant}`, () => {
      if (replayer.countOf(tenant) >= RUNNING_MAX)
        throw new WaxwingError(
          'limit_exceeded',
          `Tenant ${tenant} has ${RUNNING_MAX} replays running, which is the most it may have. Wait for one, or cancel it.`,
        );
      row = { ...asked, seq: numbers.take('replay') };
      return [{ kind: 'putReplay', replay: row }];
    });
    if (context.ownership.doesUpkeep) replayer.add(row);
    return presentReplay(row, row, null);
  }

  return {
    create,

    async get(tenant, id) {
      findTenant(context, tenant);
      return present(await findReplay(context, tenant, id));
    },

    async list(tenant, options = {}) {
      if (tenant !== null) findTenant(context, tenant);
      const query = { tenant, limit: pageLimit(options), before: readSeqCursor('replays', options.cursor) };
      const page = await store.read.replays(query);
      return { data: await Promise.all(page.rows.map(present)), nextCursor: page.next === null ? null : writeCursor('replays', page.next) };
    },

    async cancel(tenant, id) {
      findTenant(context, tenant);
      const row = await findReplay(context, tenant, id);
      const final = (state: ReplayState): WaxwingError =>
        new WaxwingError('replay_final', `${id} is ${state} already; it cannot be cancelled.`);
      const run = replayer.running(row.seq);
      if (run === undefined) {
        if (row.finishedMs !== null || context.ownership.doesUpkeep) throw final(row.state);
        const ended = await replayer.cancelElsewhere(row);
        if (ended.state !== 'cancelled') throw final(ended.state);
        return presentReplay(ended, ended, null);
      }
      await run.cancel();
      if (run.row.finishedMs === null)
        throw new WaxwingError('shutting_down', 'The engine is shutting down; the replay goes on when it starts again.', {
          retryAfterSeconds: 5,
        });
      if (run.row.state !== 'cancelled') throw final(run.row.state);
      return presentReplay(run.row, run.row, null);
    },
  };
}

/** Throws `replay_not_found`, also where the replay is another tenant's. */
async function findReplay(context: ServiceContext, tenant: string, id: string): Promise<ReplayRow> {
  const row = isMintedId(id, 'rpl') ? await context.store.read.replay(id) : null;
  if (row === null || row.tenant !== tenant)
    throw new WaxwingError('replay_not_found', `Tenant ${tenant} has no replay ${JSON.stringify(id)}.`);
  return row;
}

/** Throws `invalid_request`, `invalid_event_types`, `endpoint_not_found`. */
function filterOf(context: ServiceContext, tenant: string, input: ReplayInput): ReplayFilter {
  const fields = new Fields();
  fields.known(input, FIELDS);
  fields.text('/endpoint', input.endpoint, { min: 1, max: 64 });
  fields.flag('/dryRun', input.dryRun);
  const { states, types } = input;
  if (states !== undefined && !(Array.isArray(states) && states.length > 0)) fields.refuse('/states', 'must name at least one state');
  else states?.forEach((state, index) => fields.oneOf(`/states/${index}`, state, REPLAYABLE_STATES));
  if (types !== undefined && !Array.isArray(types)) fields.refuse('/types', 'must be a list of event types');
  fields.done();
  if (types !== undefined) checkTypes(types);
  const endpoint = input.endpoint === undefined ? null : findEndpoint(context, tenant, input.endpoint).row;
  return {
    endpointSeq: endpoint?.seq ?? null,
    endpoint: endpoint?.id ?? null,
    types: types ?? null,
    states: [...new Set(states ?? STATES_DEFAULT)],
    ...bodyTimeRange(input),
  };
}

/** As a subscription is checked, under the field's own name. */
function checkTypes(types: readonly string[]): void {
  try {
    checkEventTypes(types);
  } catch (error) {
    if (!(error instanceof WaxwingError)) throw error;
    const named = (text: string): string => text.replaceAll('/eventTypes', '/types');
    const fields = error.fields.map(({ path, message }) => ({ path: named(path), message: named(message) }));
    throw new WaxwingError(error.code, named(error.message), { fields, cause: error });
  }
}

function presentReplay(row: ReplayRow, progress: { readonly done: number; readonly failed: number }, note: string | null): Replay {
  const { filter } = row;
  return {
    id: row.id,
    tenant: row.tenant,
    state: row.state,
    endpoint: filter.endpoint,
    types: filter.types,
    states: filter.states,
    from: isoOrNull(filter.fromMs),
    to: isoOrNull(filter.toMs),
    total: row.total,
    made: row.made,
    done: progress.done,
    failed: progress.failed,
    note,
    createdAt: iso(row.createdMs),
    finishedAt: isoOrNull(row.finishedMs),
  };
}
