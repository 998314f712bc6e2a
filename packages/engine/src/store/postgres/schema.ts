// The schema, as numbered migrations. Forward only: a migration that has been released is never edited.
//
// What it is shaped by:
//  - An update that changes no indexed column is cheap (HOT: no index entry is written). So no index of `deliveries` knows
//    their state. What is pending is in `pending`, a small table that holds nothing else; what failed in `failures`.
//    Neither grows with what was delivered.
//  - History (`events`, `deliveries`, `attempts`, `failures`) is partitioned by range of number (partitions.ts), so that what
//    is old goes by dropping a partition, and leaves nothing for autovacuum to clear. `events_kept` holds the few events of
//    dropped ranges that something younger still needs. Nothing else is partitioned: it stays small by itself.
//  - Ids of events and deliveries are unique within a range (each partition has an index of its own). Over all ranges, delivery
//    ids are random; an event's id is kept from being used twice by its name in `idempotency`, and once that is forgotten by a
//    look at `events` when the name is taken again (`refuse_used_ids`).
//  - Sequence numbers are the engine's. `event_blocks` and `delivery_blocks` hold the earliest and latest time within each
//    `seq >> 12`, so that a list by time goes straight to the numbers that can have it.
//  - Names are compared byte by byte (collation "C"), as the engine and SQLite do: `prefix.*` is a range of names.
//  - JSON that the engine wrote is kept as text: the bytes that went in come out.
//  - `tallies` has a row for each writer and name, so that writers never wait for each other over a count.
//  - `feed` has one row a batch, which lists what the batch holds: the order of commits, for streams. `stat_facts` has what
//    commits noted for the statistics, until it is carried into `stat_steps`.
//  - `outbox` has no unique key, so that nobody's open transaction holds up another's. Its function runs with the rights of
//    whoever made the schema: a program that may execute it needs no right to a table.
//  - Rows of `pending` come and go all the time, so autovacuum visits it after 1,000 dead rows rather than after a fifth of it.
//    What it does with the partitions of history is said where they are made (partitions.ts).

import { SHARING_SCHEMA } from './sharing-schema.ts';

export interface Migration {
  readonly version: number;
  /** The oldest schema version whose code can still work on a database that has this migration. */
  readonly minCompatible: number;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    minCompatible: 1,
    sql: `
CREATE TABLE store_facts (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE TABLE meta (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE TABLE tallies (writer text COLLATE "C", name text COLLATE "C", value bigint NOT NULL, PRIMARY KEY (writer, name));

CREATE TABLE tenants (id text COLLATE "C" PRIMARY KEY, "row" text NOT NULL);
CREATE TABLE profiles (name text COLLATE "C", version integer, "row" text NOT NULL, PRIMARY KEY (name, version));
CREATE TABLE event_types (name text COLLATE "C" PRIMARY KEY, "row" text NOT NULL);
CREATE TABLE keys (id text COLLATE "C" PRIMARY KEY, "row" text NOT NULL);

CREATE TABLE endpoints (
  seq bigint PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  profile text COLLATE "C" NOT NULL,
  profile_version integer NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  deleted_ms bigint,
  "row" text NOT NULL
);
CREATE UNIQUE INDEX endpoints_by_id ON endpoints (id) WHERE deleted_ms IS NULL;
CREATE INDEX endpoints_by_tenant ON endpoints (tenant);
CREATE INDEX endpoints_ever ON endpoints (id, seq);
CREATE TABLE endpoint_touches (endpoint_seq bigint PRIMARY KEY, last_triggered_ms bigint NOT NULL) WITH (fillfactor = 50);

CREATE TABLE events (
  seq bigint PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  timestamp_ms bigint NOT NULL,
  received_ms bigint NOT NULL,
  has_unsafe_integer smallint NOT NULL,
  data text NOT NULL
) PARTITION BY RANGE (seq);
CREATE INDEX events_by_tenant ON events (tenant, seq);
CREATE TABLE events_kept PARTITION OF events FOR VALUES FROM (MINVALUE) TO (0);
CREATE INDEX events_kept_by_id ON events_kept (id, tenant);
CREATE TABLE event_blocks (block bigint PRIMARY KEY, min_ms bigint NOT NULL, max_ms bigint NOT NULL) WITH (fillfactor = 50);

CREATE TABLE expansions (event_seq bigint PRIMARY KEY, matches text NOT NULL, match_count integer NOT NULL, done integer NOT NULL);

CREATE TABLE idempotency (
  tenant text COLLATE "C",
  name text COLLATE "C",
  content_hash text NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  timestamp_ms bigint NOT NULL,
  received_ms bigint NOT NULL,
  delivery_count integer NOT NULL,
  PRIMARY KEY (tenant, name)
);
CREATE INDEX idempotency_by_age ON idempotency (received_ms);
CREATE FUNCTION refuse_used_ids() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM names n JOIN waxwing.events e ON e.id = n.event_id AND e.tenant = n.tenant
        WHERE n.name = 'id:' || n.event_id GROUP BY n.tenant, n.event_id HAVING count(*) > 1)
    THEN RAISE unique_violation USING CONSTRAINT = 'events_by_id', MESSAGE = 'an event has this id already'; END IF; RETURN NULL; END $$;
CREATE TRIGGER refuse_used_ids AFTER INSERT ON idempotency REFERENCING NEW TABLE AS names
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_used_ids();

CREATE TABLE deliveries (
  seq bigint PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  event_seq bigint NOT NULL,
  endpoint_seq bigint NOT NULL,
  cause smallint NOT NULL,
  origin text COLLATE "C",
  state smallint NOT NULL,
  state_reason text,
  outcome smallint,
  attempts integer NOT NULL,
  due_ms bigint NOT NULL,
  facts text,
  created_ms bigint NOT NULL,
  finished_ms bigint,
  replay_seq bigint
) PARTITION BY RANGE (seq);
CREATE INDEX deliveries_by_event ON deliveries (event_seq, endpoint_seq);
CREATE INDEX deliveries_by_tenant ON deliveries (tenant, seq);
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_seq, seq);
CREATE INDEX deliveries_by_replay ON deliveries (replay_seq) WHERE replay_seq IS NOT NULL;
CREATE TABLE delivery_blocks (block bigint PRIMARY KEY, min_ms bigint NOT NULL, max_ms bigint NOT NULL) WITH (fillfactor = 50);

CREATE TABLE pending (
  seq bigint PRIMARY KEY,
  endpoint_seq bigint NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  due_ms bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0);
CREATE INDEX pending_by_due ON pending (endpoint_seq, due_ms, seq);
CREATE INDEX pending_by_seq ON pending (endpoint_seq, seq);
CREATE INDEX pending_by_tenant ON pending (tenant, seq);

CREATE TABLE failures (seq bigint PRIMARY KEY, endpoint_seq bigint NOT NULL, tenant text COLLATE "C" NOT NULL) PARTITION BY RANGE (seq);
CREATE INDEX failures_by_endpoint ON failures (endpoint_seq, seq);
CREATE INDEX failures_by_tenant ON failures (tenant, seq);

CREATE TABLE attempts (
  delivery_seq bigint,
  number integer,
  started_ms bigint NOT NULL,
  duration_ms integer NOT NULL,
  outcome smallint NOT NULL,
  status integer,
  next_due_ms bigint,
  record text NOT NULL,
  PRIMARY KEY (delivery_seq, number)
) PARTITION BY RANGE (delivery_seq);

CREATE TABLE ranges (no integer PRIMARY KEY, began_ms bigint, drained_ms bigint, has_deliveries boolean NOT NULL);

CREATE TABLE replays (
  seq bigint PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  finished_ms bigint,
  "row" text NOT NULL
);
CREATE UNIQUE INDEX replays_by_id ON replays (id);
CREATE INDEX replays_by_tenant ON replays (tenant, seq);
CREATE INDEX replays_running ON replays (seq) WHERE finished_ms IS NULL;
CREATE INDEX replays_by_end ON replays (finished_ms) WHERE finished_ms IS NOT NULL;
CREATE TABLE removed_seqs (name text COLLATE "C" PRIMARY KEY, seq bigint NOT NULL);

CREATE TABLE feed (source integer, no bigint, at_ms bigint NOT NULL, list text NOT NULL, PRIMARY KEY (source, no));
CREATE TABLE stat_facts (
  no bigint GENERATED ALWAYS AS IDENTITY,
  tenant text COLLATE "C",
  endpoint_seq bigint,
  at_ms bigint NOT NULL,
  outcome smallint,
  state smallint,
  value bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE TABLE stat_steps (
  resolution_ms integer,
  at_ms bigint,
  scope text COLLATE "C",
  counts text NOT NULL,
  PRIMARY KEY (resolution_ms, at_ms, scope)
) WITH (fillfactor = 70);

CREATE TABLE notices (
  id text COLLATE "C" PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  is_open boolean NOT NULL,
  mail_due_ms bigint,
  created_ms bigint NOT NULL,
  "row" text NOT NULL
);
CREATE INDEX notices_by_tenant ON notices (tenant, id);
CREATE INDEX notices_by_age ON notices (created_ms);
CREATE INDEX notices_open ON notices (id) WHERE is_open;
CREATE INDEX notices_to_mail ON notices (mail_due_ms, id) WHERE mail_due_ms IS NOT NULL;
`,
  },
  {
    version: 2,
    // Code before it would take no notice of other nodes, and leave the outbox lying.
    minCompatible: 2,
    sql: `
${SHARING_SCHEMA}
CREATE TABLE outbox (
  no bigint GENERATED ALWAYS AS IDENTITY,
  tenant text NOT NULL,
  type text NOT NULL,
  data json NOT NULL,
  id text,
  idempotency_key text,
  "timestamp" timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX outbox_in_order ON outbox (no);
CREATE FUNCTION publish(tenant text, type text, data json, id text DEFAULT NULL, idempotency_key text DEFAULT NULL, "timestamp" timestamptz DEFAULT NULL)
  RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
  AS 'INSERT INTO waxwing.outbox (tenant, type, data, id, idempotency_key, "timestamp") VALUES ($1, $2, $3, $4, $5, $6)';
REVOKE ALL ON FUNCTION publish(text, text, json, text, text, timestamptz) FROM PUBLIC;
CREATE TABLE rejected_events (
  seq bigint PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  rejected_ms bigint NOT NULL,
  "row" text NOT NULL
);
CREATE INDEX rejected_events_by_tenant ON rejected_events (tenant, seq);
CREATE INDEX rejected_events_by_age ON rejected_events (rejected_ms);
`,
  },
];

/** The schema version that this code writes. */
export const LATEST_VERSION: number = MIGRATIONS.at(-1)?.version ?? 0;

/** Rows with the same `seq >> BLOCK_BITS` share a block. */
export const BLOCK_BITS = 12;
