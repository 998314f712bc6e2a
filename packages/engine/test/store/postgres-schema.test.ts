// The schema of PostgreSQL: what migrations make is what was kept of it, every table has somebody who trims it, and an older
// program works on a newer schema exactly as long as that allows it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { migrate } from '../../src/store/postgres/database.ts';
import { LATEST_VERSION } from '../../src/store/postgres/schema.ts';
import { clientConfig, Session } from '../../src/store/postgres/session.ts';
import { drawSchema, PICTURE, tableNames } from './postgres-schema.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

async function migrated(url: string): Promise<void> {
  const session = await Session.connect(clientConfig(url, 'waxwing'));
  try {
    await migrate(session);
  } finally {
    await session.end();
  }
}

/** Whose statement takes rows out, in which file; or why the table cannot grow for ever without one. */
type Owner = { readonly trims: string; readonly in: string } | { readonly bounded: string };

const CONFIGURATION: Owner = { bounded: 'as many as people make' };

const OWNERS: { readonly [table: string]: Owner } = {
  attempts: { trims: 'DROP TABLE ${partitions', in: 'range-drop' },
  config: { bounded: 'one row' },
  config_log: { trims: 'DELETE FROM waxwing.config_log', in: 'config-log' },
  deliveries: { trims: 'DROP TABLE ${partitions', in: 'range-drop' },
  delivery_blocks: { trims: 'DELETE FROM waxwing.delivery_blocks', in: 'range-drop' },
  endpoint_touches: { trims: 'DELETE FROM waxwing.endpoint_touches', in: 'removal' },
  endpoints: { trims: 'DELETE FROM waxwing.endpoints', in: 'removal' },
  event_blocks: { trims: 'DELETE FROM waxwing.event_blocks', in: 'range-drop' },
  event_types: CONFIGURATION,
  events: { trims: 'DROP TABLE ${partition}', in: 'range-drop' },
  expansions: { trims: 'DELETE FROM waxwing.expansions', in: 'batch-writer' },
  failures: { trims: 'DROP TABLE ${partitions', in: 'range-drop' },
  feed: { trims: 'DELETE FROM waxwing.feed', in: 'change-writer' },
  idempotency: { trims: 'DELETE FROM waxwing.idempotency', in: 'change-writer' },
  keys: { trims: 'DELETE FROM waxwing.keys', in: 'change-writer' },
  listeners: { trims: 'DELETE FROM waxwing.listeners', in: 'relay-post' },
  meta: { bounded: 'a few names that the engine knows' },
  migrations: { bounded: 'one row a migration' },
  nodes: { bounded: 'numbers of nodes that are gone are taken again' },
  notices: { trims: 'DELETE FROM waxwing.notices', in: 'change-writer' },
  numbers: { bounded: 'one row' },
  outbox: { trims: 'DELETE FROM waxwing.outbox', in: 'outbox' },
  pending: { trims: 'DELETE FROM waxwing.pending', in: 'write-statement' },
  profiles: CONFIGURATION,
  ranges: { trims: 'DELETE FROM waxwing.ranges', in: 'range-drop' },
  rejected_events: { trims: 'DELETE FROM waxwing.rejected_events', in: 'outbox' },
  relay_mail: { trims: 'DELETE FROM waxwing.relay_mail', in: 'relay-post' },
  removed_seqs: { bounded: 'a few names' },
  replays: { trims: 'DELETE FROM waxwing.replays', in: 'removal' },
  shards: { bounded: 'one row a shard' },
  stat_facts: { trims: 'DELETE FROM waxwing.stat_facts', in: 'roll-up' },
  stat_steps: { trims: 'DELETE FROM waxwing.stat_steps', in: 'change-writer' },
  store_facts: { bounded: 'a few names that the store knows' },
  tallies: { bounded: 'a row for each node number and name' },
  tenants: CONFIGURATION,
};

describe('the schema of PostgreSQL', () => {
  test('is the one whose picture is kept (generate-postgres-schema.ts draws it anew)', async () => {
    const url = await server.newDatabase();
    await migrated(url);
    assert.equal(await drawSchema((sql) => server.ask(url, sql)), readFileSync(PICTURE, 'utf8'));
  });

  test('has no table that grows for ever: of each it is known who trims it, or why nobody need', async () => {
    const url = await server.newDatabase();
    await migrated(url);
    assert.deepEqual(await tableNames((sql) => server.ask(url, sql)), Object.keys(OWNERS));
    for (const [table, owner] of Object.entries(OWNERS)) {
      if ('bounded' in owner) continue;
      const source = readFileSync(new URL(`../../src/store/postgres/${owner.in}.ts`, import.meta.url), 'utf8');
      assert.ok(source.includes(owner.trims), `${owner.in}.ts no longer trims ${table}`);
    }
  });

  test('that is newer is worked on where it allows that, and refused where it does not', async () => {
    const url = await server.newDatabase();
    await migrated(url);
    await server.ask(url, `INSERT INTO waxwing.migrations VALUES (${LATEST_VERSION + 1}, ${LATEST_VERSION})`);
    await migrated(url);
    await server.ask(url, `INSERT INTO waxwing.migrations VALUES (${LATEST_VERSION + 2}, ${LATEST_VERSION + 1})`);
    await assert.rejects(migrated(url), (error) => error instanceof WaxwingError && error.code === 'store_too_new');
  });
});
