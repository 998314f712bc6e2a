// Config log: which rows of the configuration each of its versions changed, so that every node can follow.
//
//  1. A batch with such changes raises the version by one, and is committed only by a node that knows the version before.
//  2. What a node knows moves on with its own commits, and when it has caught up; never back.
//  3. The log goes back an hour. A node holds its lease by asking all the time: one that has not heard for an hour is not
//     told piece by piece what it missed, but loses its lease, and opens anew.

import type { EventTypeRow, KeyRow, ProfileRow, ReplayRow, TenantRow } from '../rows.ts';
import { StoreError, type Batch, type Change } from '../store.ts';
import { integer, integerOrNull, json, text, type SqlRow } from '../columns.ts';
import type { Ask } from './list-scan.ts';
import type { Session } from './session.ts';
import type { ConfigUse } from './sharing-schema.ts';
import { endpointOf } from './snapshot.ts';
import type { Together } from './stat-reader.ts';

type Kind = 'tenant' | 'endpoint' | 'profile' | 'type' | 'key' | 'meta' | 'replay';
type Key = readonly [kind: Kind, key: string];

/** The row of the configuration that a change is of; null for what is no configuration. */
function keyOf(change: Change): Key | null {
  switch (change.kind) {
    case 'putTenant':
      return ['tenant', change.tenant.id];
    case 'deleteTenant':
      return ['tenant', change.id];
    case 'putEndpoint':
      return ['endpoint', String(change.endpoint.seq)];
    case 'deleteEndpoint':
      return ['endpoint', String(change.seq)];
    case 'putProfile':
      return ['profile', `${change.profile.version} ${change.profile.name}`];
    case 'putEventType':
      return ['type', change.eventType.name];
    case 'deleteEventType':
      return ['type', change.name];
    case 'putKey':
      return ['key', change.key.id];
    case 'deleteKey':
      return ['key', change.id];
    case 'putMeta':
      return ['meta', change.name];
    case 'putReplay':
      return ['replay', String(change.replay.seq)];
    default:
      return null;
  }
}

export function configUseOf({ groups, changes }: Batch): ConfigUse {
  if (changes.some((change) => keyOf(change) !== null)) return 'changes';
  return groups.length > 0 ? 'relies' : 'none';
}

/** Logs what a batch changes, within its transaction. */
export async function logChanges(session: Session, changes: readonly Change[]): Promise<void> {
  const keys = changes.flatMap((change) => [keyOf(change)].filter((key) => key !== null));
  if (keys.length === 0) return;
  await Promise.all([
    session.run({ text: RAISE }),
    session.run({ text: LOG }, [keys.map(([kind]) => kind), keys.map(([, key]) => key)]),
    session.run({ text: TRIM }),
  ]);
}

/** How far this node knows the configuration. */
export class KnownConfig {
  #version = 0;

  get version(): number {
    return this.#version;
  }

  /** What was read at opening. */
  read(version: number): void {
    this.#version = version;
  }

  /** A batch that was sent when `version` was known has changed it. */
  changed(version: number): void {
    this.#version = Math.max(this.#version, version + 1);
  }

  /**
   * What others have changed since. The version moves on as the promise resolves: whoever waits for it applies the changes
   * before it forms another batch. Rejects with StoreError.
   */
  catchUp(together: Together, failed: (error: unknown) => void): Promise<readonly Change[]> {
    return new Promise((resolve, reject) => {
      together((ask) => this.#since(ask)).then(
        ({ version, changes }) => {
          this.#version = Math.max(this.#version, version);
          resolve(changes);
        },
        (error: unknown) => {
          failed(error);
          reject(error);
        },
      );
    });
  }

  async #since(ask: Ask): Promise<{ readonly version: number; readonly changes: readonly Change[] }> {
    const known = this.#version;
    const [config = {}] = await ask({ text: 'SELECT version, trimmed FROM waxwing.config' }, []);
    const version = integer(config, 'version');
    if (known < integer(config, 'trimmed')) throw new ConfigForgotten();
    if (version <= known) return { version, changes: [] };
    const rows = (await ask({ text: SINCE }, [known])).map((row) => ({ kind: text(row, 'kind'), key: text(row, 'key') }));
    const found = new Map<string, Change>();
    for (const kind of KINDS) {
      const keys = rows.filter((row) => row.kind === kind).map(({ key }) => key);
      if (keys.length > 0) for (const [key, change] of await READERS[kind](ask, keys)) found.set(`${kind} ${key}`, change);
    }
    const changes = rows.flatMap(({ kind, key }) => found.get(`${kind} ${key}`) ?? []);
    // In the order of their latest changes; but what endpoints refer to goes first.
    const isFirst = ({ kind }: Change): boolean => kind === 'putProfile' || kind === 'putTenant';
    return { version, changes: [...changes.filter(isFirst), ...changes.filter((change) => !isFirst(change))] };
  }
}

/** This node has not heard for so long that the log does not say any more what it missed. */
export class ConfigForgotten extends StoreError {
  constructor() {
    super('unavailable', 'this node has not followed the configuration for an hour');
  }
}

const KINDS: readonly Kind[] = ['meta', 'profile', 'type', 'tenant', 'endpoint', 'key', 'replay'];

/** Rows by their keys, as the changes that make them what they are now. */
type Reader = (ask: Ask, keys: readonly string[]) => Promise<ReadonlyMap<string, Change>>;

const READERS: { readonly [K in Kind]: Reader } = {
  meta: rowsOf('SELECT name AS key, value FROM waxwing.meta WHERE name = ANY($1::text[])', (row) => ({
    kind: 'putMeta',
    name: text(row, 'key'),
    value: text(row, 'value'),
  })),
  profile: rowsOf(
    `SELECT version || ' ' || name AS key, "row" FROM waxwing.profiles WHERE version || ' ' || name = ANY($1::text[])`,
    (row) => ({
      kind: 'putProfile',
      profile: json<ProfileRow>(row, 'row'),
    }),
  ),
  type: rowsOf(
    'SELECT name AS key, "row" FROM waxwing.event_types WHERE name = ANY($1::text[])',
    (row) => ({ kind: 'putEventType', eventType: json<EventTypeRow>(row, 'row') }),
    (name) => ({ kind: 'deleteEventType', name }),
  ),
  tenant: rowsOf(
    'SELECT id AS key, "row" FROM waxwing.tenants WHERE id = ANY($1::text[])',
    (row) => ({ kind: 'putTenant', tenant: json<TenantRow>(row, 'row') }),
    (id) => ({ kind: 'deleteTenant', id }),
  ),
  endpoint: rowsOf(
    `SELECT e.seq::text AS key, e.seq, e.deleted_ms, e."row", t.last_triggered_ms FROM waxwing.endpoints e
     LEFT JOIN waxwing.endpoint_touches t ON t.endpoint_seq = e.seq WHERE e.seq = ANY($1::bigint[])`,
    (row) => {
      const deletedMs = integerOrNull(row, 'deleted_ms');
      if (deletedMs !== null) return { kind: 'deleteEndpoint', seq: integer(row, 'seq'), deletedMs };
      return { kind: 'putEndpoint', endpoint: endpointOf(row) };
    },
    (seq) => ({ kind: 'deleteEndpoint', seq: Number(seq), deletedMs: 0 }),
  ),
  key: rowsOf(
    'SELECT id AS key, "row" FROM waxwing.keys WHERE id = ANY($1::text[])',
    (row) => ({ kind: 'putKey', key: json<KeyRow>(row, 'row') }),
    (id) => ({ kind: 'deleteKey', id }),
  ),
  replay: rowsOf('SELECT seq::text AS key, "row" FROM waxwing.replays WHERE seq = ANY($1::bigint[])', (row) => ({
    kind: 'putReplay',
    replay: json<ReplayRow>(row, 'row'),
  })),
};

/** `gone` says what it means that there is no such row. */
function rowsOf(sql: string, there: (row: SqlRow) => Change, gone?: (key: string) => Change): Reader {
  return async (ask, keys) => {
    const found = new Map<string, Change>(gone === undefined ? [] : keys.map((key) => [key, gone(key)]));
    for (const row of await ask({ text: sql }, [keys])) found.set(text(row, 'key'), there(row));
    return found;
  };
}

const SINCE = `SELECT kind, key FROM (
    SELECT DISTINCT ON (kind, key) kind, key, version, ord FROM waxwing.config_log WHERE version > $1 ORDER BY kind, key, version DESC, ord DESC) AS latest
  ORDER BY version, ord`;
const RAISE = `UPDATE waxwing.config SET version = version + 1,
  trimmed = greatest(trimmed, (SELECT max(version) FROM waxwing.config_log WHERE at < clock_timestamp() - interval '1 hour'))`;
const LOG = `INSERT INTO waxwing.config_log (version, ord, kind, key) SELECT c.version, k.ord, k.kind, k.key
  FROM waxwing.config c, unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(kind, key, ord)`;
const TRIM = 'DELETE FROM waxwing.config_log WHERE version <= (SELECT trimmed FROM waxwing.config)';
