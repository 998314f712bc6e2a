// The sharing's part of the schema: what nodes know of each other, and the functions that they go through.
//
//  1. A node's transactions hold its advisory lock, shared; who ends its lease takes it alone. So when a lease has been ended,
//     nothing that its holder sent is under way any more, and nothing that comes later gets past `enter`.
//  2. All of that is of transactions: no lock, setting or statement of a session, so that a pooler may stand between.
//  3. Functions are volatile, so that each of their queries sees what was committed while they waited for a lock.
//  4. `has_entered` gives one row, and says 20: the write statement's columns go through it, and are then planned for as the
//     hundreds of rows that they are, by hashing and sorting, where the planner takes arrays of unknown length for ten.
//  5. Whoever changes the configuration holds its lock alone until the commit; who relies on it holds it shared.
//
// `pending` says which of a node's batches made a row (`source`, `no`), so that others find the rows of a batch between the
// lowest and highest number that its row of the feed names. `feed.begun` names what else others must hear of: expansions (x)
// and replays (r). `nodes`, `shards`, `numbers` and `config` have a handful of rows that are updated all the time: each leaves
// room on its page, so that an update writes no index and needs no vacuum, which comes early all the same.

import { SHARDS } from '../sharing.ts';

/** 'Wxwg': the first half of Waxwing's advisory locks. */
export const LOCK_SPACE = 0x57787767;
export const MIGRATION_LOCK = 1;
/** Held by a move into the database; a node that joins must find it free. */
export const MOVE_LOCK = 2;
const CONFIG_LOCK = 3;
const JOIN_LOCK = 4;
/** A node's own lock: this and its number. */
export const NODE_LOCKS = 1_000;

/** Statements of a commit wait for nobody for long: whoever waits for them is answered 503, and tries again. */
const LOCK_WAIT_MS = 2_000;
const STATEMENT_MS = 30_000;
const IDLE_MS = 15_000;

const UPDATED = 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500';

/**
 * Off where the store writes. A plan made while tables are empty reads them whole, and stays when they have grown, until they are
 * analyzed; rows are found by index from the first on. Measured: 300 batches into a new database, the last took 3.4 ms with
 * these, 4.6 ms and rising without. Sorted joins stay: a wide batch's own rows are joined by them.
 */
export const PLANNED_FOR_GROWTH: readonly string[] = ['enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin'];

/** How a batch depends on the configuration. */
export type ConfigUse = 'none' | 'relies' | 'changes';

export const SHARING_SCHEMA: string = `
CREATE TABLE nodes (
  no integer PRIMARY KEY,
  token text NOT NULL,
  epoch bigint NOT NULL,
  id text NOT NULL,
  version text NOT NULL,
  started_ms bigint NOT NULL,
  renewed_at timestamptz NOT NULL,
  is_leaving boolean NOT NULL,
  is_gone boolean NOT NULL
) WITH (${UPDATED});
CREATE TABLE shards (shard integer PRIMARY KEY, node integer) WITH (${UPDATED});
INSERT INTO shards SELECT shard, NULL FROM generate_series(0, ${SHARDS - 1}) AS shard;
CREATE TABLE numbers (next bigint NOT NULL) WITH (${UPDATED});
INSERT INTO numbers VALUES (1);
CREATE TABLE config (version bigint NOT NULL, trimmed bigint NOT NULL) WITH (${UPDATED});
INSERT INTO config VALUES (0, 0);
CREATE TABLE config_log (
  version bigint,
  ord integer,
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (version, ord)
);
CREATE INDEX config_log_by_age ON config_log (at);
CREATE TABLE listeners (endpoint_seq bigint PRIMARY KEY, source integer NOT NULL, token text COLLATE "C" NOT NULL);
CREATE TABLE relay_mail (no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, to_node integer, endpoint_seq bigint NOT NULL, body text NOT NULL);
ALTER TABLE pending ADD COLUMN source integer NOT NULL DEFAULT 0, ADD COLUMN no bigint NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN low bigint, ADD COLUMN high bigint, ADD COLUMN begun text;
ALTER TABLE event_blocks ADD COLUMN source integer NOT NULL DEFAULT 0, DROP CONSTRAINT event_blocks_pkey, ADD PRIMARY KEY (block, source);
ALTER TABLE delivery_blocks ADD COLUMN source integer NOT NULL DEFAULT 0, DROP CONSTRAINT delivery_blocks_pkey, ADD PRIMARY KEY (block, source);

CREATE FUNCTION now_ms() RETURNS double precision LANGUAGE sql VOLATILE AS 'SELECT extract(epoch FROM clock_timestamp())::double precision * 1000';

CREATE FUNCTION enter(node_no integer, own_epoch bigint, own_config bigint, config_use text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM set_config('lock_timeout', '${LOCK_WAIT_MS}', true), set_config('statement_timeout', '${STATEMENT_MS}', true),
    set_config('idle_in_transaction_session_timeout', '${IDLE_MS}', true), set_config('plan_cache_mode', 'force_generic_plan', true),
    ${PLANNED_FOR_GROWTH.map((setting) => `set_config('${setting}', 'off', true)`).join(', ')};
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM set_config('waxwing.entered', 'yes', true);
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'transactions must be read committed by default';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(${LOCK_SPACE}, ${NODE_LOCKS} + node_no);
  IF NOT EXISTS (SELECT 1 FROM waxwing.nodes n WHERE n.no = node_no AND n.epoch = own_epoch AND NOT n.is_gone) THEN
    RAISE EXCEPTION 'another node has ended this one''s lease' USING ERRCODE = 'WX001';
  END IF;
  IF config_use = 'changes' THEN
    PERFORM pg_advisory_xact_lock(${LOCK_SPACE}, ${CONFIG_LOCK});
  ELSIF config_use = 'relies' THEN
    PERFORM pg_advisory_xact_lock_shared(${LOCK_SPACE}, ${CONFIG_LOCK});
  ELSE
    RETURN true;
  END IF;
  IF (SELECT c.version FROM waxwing.config c) <> own_config THEN
    RAISE EXCEPTION 'other nodes have changed the configuration meanwhile' USING ERRCODE = 'WX002';
  END IF;
  RETURN true;
END $$;

CREATE FUNCTION has_entered() RETURNS SETOF boolean LANGUAGE plpgsql VOLATILE ROWS 20 AS $$
BEGIN
  IF current_setting('waxwing.entered', true) IS DISTINCT FROM 'yes' THEN
    RAISE EXCEPTION 'this transaction has not entered' USING ERRCODE = 'WX004';
  END IF;
  RETURN NEXT true;
END $$;

CREATE FUNCTION join_nodes(own_token text, own_id text, own_version text) RETURNS TABLE (node_no integer, node_epoch bigint) LANGUAGE plpgsql AS $$
DECLARE
  free integer;
BEGIN
  PERFORM pg_advisory_xact_lock(${LOCK_SPACE}, ${JOIN_LOCK});
  IF NOT pg_try_advisory_xact_lock_shared(${LOCK_SPACE}, ${MOVE_LOCK}) THEN
    RAISE EXCEPTION 'a move into this database is under way' USING ERRCODE = 'WX003';
  END IF;
  SELECT min(candidate) INTO free FROM generate_series(0, (SELECT count(*)::integer FROM waxwing.nodes)) AS candidate
    WHERE NOT EXISTS (SELECT 1 FROM waxwing.nodes n WHERE n.no = candidate AND NOT n.is_gone);
  RETURN QUERY INSERT INTO waxwing.nodes AS n VALUES (free, own_token, 1, own_id, own_version, waxwing.now_ms()::bigint, clock_timestamp(), false, false)
    ON CONFLICT (no) DO UPDATE SET token = excluded.token, epoch = n.epoch + 1, id = excluded.id, version = excluded.version,
      started_ms = excluded.started_ms, renewed_at = excluded.renewed_at, is_leaving = false, is_gone = false
    RETURNING n.no, n.epoch;
END $$;

CREATE FUNCTION resume_node(own_no integer, own_token text, own_epoch bigint, wait_ms integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  next_epoch bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock_shared(${LOCK_SPACE}, ${MOVE_LOCK}) THEN
    RAISE EXCEPTION 'a move into this database is under way' USING ERRCODE = 'WX003';
  END IF;
  PERFORM set_config('lock_timeout', wait_ms::text, true);
  PERFORM pg_advisory_xact_lock(${LOCK_SPACE}, ${NODE_LOCKS} + own_no);
  UPDATE waxwing.nodes SET epoch = epoch + 1, renewed_at = clock_timestamp(), is_gone = false
    WHERE no = own_no AND token = own_token AND (NOT is_gone OR epoch = own_epoch) RETURNING epoch INTO next_epoch;
  IF next_epoch IS NULL THEN
    RAISE EXCEPTION 'another node has ended this one''s lease' USING ERRCODE = 'WX001';
  END IF;
  RETURN next_epoch;
END $$;

CREATE FUNCTION end_node(node_no integer, node_epoch bigint, lease_ms double precision, wait_ms integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  next_epoch bigint;
BEGIN
  PERFORM set_config('lock_timeout', wait_ms::text, true);
  PERFORM pg_advisory_xact_lock(${LOCK_SPACE}, ${NODE_LOCKS} + node_no);
  UPDATE waxwing.nodes SET epoch = epoch + 1, is_gone = true WHERE no = node_no AND epoch = node_epoch AND NOT is_gone
    AND (lease_ms IS NULL OR abs(extract(epoch FROM clock_timestamp() - renewed_at)) * 1000 > lease_ms) RETURNING epoch INTO next_epoch;
  IF next_epoch IS NOT NULL THEN
    UPDATE waxwing.shards SET node = NULL WHERE node = node_no;
    DELETE FROM waxwing.listeners WHERE source = node_no;
  END IF;
  RETURN next_epoch;
END $$;

CREATE FUNCTION tend_node(own_no integer, own_epoch bigint, lease_ms double precision, leaves boolean, given integer[])
  RETURNS TABLE (ms double precision, owned text, share integer, others integer, ended_no integer, ended_epoch bigint) LANGUAGE plpgsql AS $$
DECLARE
  alive integer;
  before integer;
  has integer;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(${LOCK_SPACE}, ${NODE_LOCKS} + own_no);
  UPDATE waxwing.nodes SET renewed_at = clock_timestamp(), is_leaving = leaves WHERE no = own_no AND epoch = own_epoch AND NOT is_gone;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another node has ended this one''s lease' USING ERRCODE = 'WX001';
  END IF;
  UPDATE waxwing.shards s SET node = NULL WHERE s.shard = ANY (given) AND s.node = own_no;
  SELECT count(*), count(*) FILTER (WHERE no < own_no) INTO alive, before FROM waxwing.nodes WHERE NOT is_gone AND NOT is_leaving;
  share := CASE WHEN leaves THEN 0 ELSE ${SHARDS} / alive + (before < ${SHARDS} % alive)::integer END;
  SELECT count(*) INTO has FROM waxwing.shards s WHERE s.node = own_no;
  IF has < share AND EXISTS (SELECT 1 FROM waxwing.shards s WHERE s.node IS NULL) THEN
    UPDATE waxwing.shards s SET node = own_no FROM (
      SELECT f.shard FROM waxwing.shards f WHERE f.node IS NULL ORDER BY f.shard LIMIT share - has FOR UPDATE SKIP LOCKED) AS free
      WHERE s.shard = free.shard;
  END IF;
  SELECT string_agg(s.shard::text, ',' ORDER BY s.shard) INTO owned FROM waxwing.shards s WHERE s.node = own_no;
  SELECT count(*) INTO others FROM waxwing.nodes WHERE NOT is_gone AND no <> own_no;
  SELECT n.no, n.epoch INTO ended_no, ended_epoch FROM waxwing.nodes n WHERE NOT n.is_gone AND n.no <> own_no
    AND abs(extract(epoch FROM clock_timestamp() - n.renewed_at)) * 1000 > lease_ms
    AND extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) * 1000 > lease_ms ORDER BY n.renewed_at LIMIT 1;
  ms := waxwing.now_ms();
  RETURN NEXT;
END $$;
`;
