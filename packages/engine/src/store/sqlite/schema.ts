// The schema, as numbered migrations. Forward only: a migration that has been released is never edited.
//
// What it is shaped by:
//  - Two batched writes a delivery. A batch's cost is the pages it dirties, each written whole to the log, so what a batch
//    touches must lie together. A plain index by tenant or endpoint would dirty a page per tenant and endpoint in the
//    batch (measured at 200 rows and 50 tenants: 15 µs of commit a delivery, against 6 µs). The list indexes therefore
//    begin with the block, `seq >> 12`: all writing is in the newest block's dozen pages. A reader seeks once per block.
//  - `event_blocks` and `delivery_blocks` hold the earliest and latest time within each block, so that a list by time
//    goes straight to the blocks that can have it. Sequence numbers alone do not give time: clocks step back.
//  - Only what is pending is in the indexes of pending deliveries, by due time and by sequence (FIFO); only what failed is
//    in the indexes of failures. Neither grows with history.
//  - `attempts` is keyed by one integer, delivery and number, for the flat tree that a rowid gives (1.0 µs an insert, 1.5
//    with the pair as the key of a WITHOUT ROWID table, whose inner pages would hold whole records).
//  - `deliveries_by_event` has the endpoint too: of an event that went to a hundred thousand endpoints, the deliveries to one
//    are found at once. `removed_seqs` keeps the highest numbers that retention removed: no number is given out twice.
//  - Statistics are counted beside the batch, not in it: `fact_journal` gets one row a batch, and `stat_steps` a row per step and
//    scope in turns (rollup.ts). Steps are keyed by time first, so that what is written lies together.
//  - A deleted endpoint's row keeps no secret: rotating the master key need not look at it.
//  - `feed` has one row a batch, which lists what the batch holds: the order of commits, for streams (feed-writer.ts).
//  - Configuration rows are read whole, at opening only: JSON, beside the columns that identify them.

/** 'Wxwg': tells a Waxwing store from any other SQLite file. */
export const APPLICATION_ID = 0x57787767;

/** Rows with the same `seq >> BLOCK_BITS` share a block. Part of the schema: the indexes are built with it. */
export const BLOCK_BITS = 12;

export interface Migration {
  readonly version: number;
  /** The oldest schema version whose code can still work on a store that has this migration. */
  readonly minCompatible: number;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    minCompatible: 1,
    sql: `
CREATE TABLE store_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tallies (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (id TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE profiles (name TEXT NOT NULL, version INTEGER NOT NULL, row TEXT NOT NULL, PRIMARY KEY (name, version)) STRICT, WITHOUT ROWID;
CREATE TABLE event_types (name TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE keys (id TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE endpoints (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  profile TEXT NOT NULL,
  profile_version INTEGER NOT NULL,
  deleted_ms INTEGER,
  row TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX endpoints_by_id ON endpoints (id) WHERE deleted_ms IS NULL;
CREATE TABLE endpoint_touches (endpoint_seq INTEGER PRIMARY KEY, last_triggered_ms INTEGER NOT NULL) STRICT;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  type TEXT NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  has_unsafe_integer INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_id ON events (id, tenant);
CREATE INDEX events_by_tenant ON events (seq >> 12, tenant);
CREATE TABLE event_blocks (block INTEGER PRIMARY KEY, min_ms INTEGER NOT NULL, max_ms INTEGER NOT NULL) STRICT;

CREATE TABLE expansions (
  event_seq INTEGER PRIMARY KEY,
  matches TEXT NOT NULL,
  match_count INTEGER NOT NULL,
  done INTEGER NOT NULL
) STRICT;

CREATE TABLE idempotency (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  delivery_count INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (received_ms);

CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  event_seq INTEGER NOT NULL,
  endpoint_seq INTEGER NOT NULL,
  cause INTEGER NOT NULL,
  origin TEXT,
  state INTEGER NOT NULL,
  state_reason TEXT,
  outcome INTEGER,
  attempts INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  facts TEXT,
  created_ms INTEGER NOT NULL,
  finished_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_by_event ON deliveries (event_seq);
CREATE INDEX deliveries_by_tenant ON deliveries (seq >> 12, tenant);
CREATE INDEX deliveries_by_endpoint ON deliveries (seq >> 12, endpoint_seq);
CREATE INDEX deliveries_pending_by_due ON deliveries (endpoint_seq, due_ms) WHERE state = 0;
CREATE INDEX deliveries_pending_by_seq ON deliveries (endpoint_seq) WHERE state = 0;
CREATE INDEX deliveries_failed ON deliveries (state) WHERE state = 2;
CREATE INDEX deliveries_failed_by_tenant ON deliveries (tenant) WHERE state = 2;
CREATE INDEX deliveries_failed_by_endpoint ON deliveries (endpoint_seq) WHERE state = 2;
CREATE TABLE delivery_blocks (block INTEGER PRIMARY KEY, min_ms INTEGER NOT NULL, max_ms INTEGER NOT NULL) STRICT;

CREATE TABLE attempts (
  key INTEGER PRIMARY KEY,
  started_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  status INTEGER,
  next_due_ms INTEGER,
  record TEXT NOT NULL
) STRICT;
`,
  },
  {
    version: 2,
    // Code of version 1 would give the numbers of removed rows out again.
    minCompatible: 2,
    sql: `
CREATE TABLE replays (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  finished_ms INTEGER,
  row TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX replays_by_id ON replays (id);
CREATE INDEX replays_by_tenant ON replays (tenant);
CREATE INDEX replays_running ON replays (seq) WHERE finished_ms IS NULL;
CREATE INDEX replays_by_end ON replays (finished_ms) WHERE finished_ms IS NOT NULL;
ALTER TABLE deliveries ADD COLUMN replay_seq INTEGER;
CREATE INDEX deliveries_by_replay ON deliveries (replay_seq, state) WHERE replay_seq IS NOT NULL;
DROP INDEX deliveries_by_event;
CREATE INDEX deliveries_by_event ON deliveries (event_seq, endpoint_seq);
CREATE TABLE removed_seqs (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 3,
    // Code of version 2 would send no mails and close no notice, and lose neither.
    minCompatible: 2,
    sql: `
CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  mail_due_ms INTEGER,
  created_ms INTEGER NOT NULL,
  row TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_by_tenant ON notices (tenant, id);
CREATE INDEX notices_by_age ON notices (created_ms);
CREATE INDEX notices_open ON notices (id) WHERE is_open = 1;
CREATE INDEX notices_to_mail ON notices (mail_due_ms) WHERE mail_due_ms IS NOT NULL;
UPDATE endpoints SET row = json_set(row, '$.secretSealed', '', '$.previousSecretSealed', NULL, '$.headersSealed', NULL)
  WHERE deleted_ms IS NOT NULL;
`,
  },
  {
    version: 4,
    // Code before it would commit what no stream tells of.
    minCompatible: 4,
    sql: `
CREATE TABLE feed (no INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, list TEXT NOT NULL) STRICT;
`,
  },
  {
    version: 5,
    // Code before it would commit what the statistics never count. (They begin here: what was before is not counted.)
    minCompatible: 5,
    sql: `
CREATE TABLE fact_journal (seq INTEGER PRIMARY KEY, events TEXT NOT NULL, facts BLOB NOT NULL) STRICT;
CREATE TABLE rollup_cursors (id INTEGER PRIMARY KEY CHECK (id = 0), cursors BLOB NOT NULL) STRICT;
INSERT INTO rollup_cursors VALUES (0, zeroblob(2048));
CREATE TABLE stat_steps (
  resolution_ms INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  scope ANY NOT NULL,
  events INTEGER NOT NULL,
  ended_delivered INTEGER NOT NULL,
  ended_failed INTEGER NOT NULL,
  ended_cancelled INTEGER NOT NULL,
  ended_skipped INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  timed_out INTEGER NOT NULL,
  unreachable INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  latency_max_ms INTEGER NOT NULL,
  latencies BLOB,
  PRIMARY KEY (resolution_ms, at_ms, scope)
) STRICT, WITHOUT ROWID;
ALTER TABLE endpoints ADD COLUMN tenant TEXT GENERATED ALWAYS AS (row ->> '$.tenant') VIRTUAL;
CREATE INDEX endpoints_by_tenant ON endpoints (tenant);
`,
  },
  {
    version: 6,
    // Code before it would keep the rows of deleted endpoints, and give the numbers of removed ones out again.
    minCompatible: 6,
    sql: `
CREATE INDEX endpoints_deleted ON endpoints (deleted_ms, seq) WHERE deleted_ms IS NOT NULL;
`,
  },
];

/** The schema version that this code writes. */
export const LATEST_VERSION: number = MIGRATIONS.at(-1)?.version ?? 0;
