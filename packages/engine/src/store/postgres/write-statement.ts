// The write statement: everything that a batch writes on the hot path, as one statement.
//
//  1. Every row that it takes comes through `fence`, which fails outside of a transaction that has entered (`waxwing.enter`):
//     so what goes before it on the wire cannot be lost on its own. It also has the planner expect hundreds of rows.
//  2. A settle acts on the row that this very statement takes out of `pending` or moves in it. Two that settle one delivery
//     wait for each other there, and the second finds nothing: it is late, and keeps its attempt and the count of attempts,
//     where the delivery still exists. Otherwise all parts see the rows as they were before the statement.
//  3. What the feed tells and the statistics note follows from what was really written.
//  4. The settles' lowest and highest number say which partitions are looked at at all.

import { FINEST_MS } from '../../stats/step-counts.ts';
import { STATES } from '../codes.ts';
import { ATTEMPT_CODE, ATTEMPT_KEPT_ONLY_CODE, DELIVERY_CODE } from './feed-marks.ts';

const PENDING = STATES.code('pending');
const FAILED = STATES.code('failed');

/**
 * The source; the number and time of the feed's row, whether it is written, what it tells beside settles, the lowest and
 * highest number of what became pending, what has begun; the lowest and highest delivery that is settled. Then the columns.
 */
const HEAD_PARAMETERS = 10;

/** Gives one row: `marks`, what the feed tells of the settles; `told`, how many feed rows were written; `touched`, endpoints by number. */
export const WRITE: { readonly name: string; readonly text: string } = { name: 'waxwing_write', text: writeText() };

function writeText(): string {
  let parameter = HEAD_PARAMETERS;
  const unnest = (...casts: readonly string[]): string =>
    `(SELECT rows.* FROM unnest(${casts.map((cast) => `$${++parameter}::${cast}[]`).join(', ')}) AS rows CROSS JOIN fence)`;
  const events = unnest('bigint', 'text', 'text', 'text', 'bigint', 'bigint', 'smallint', 'text');
  const names = unnest('text', 'text', 'text', 'text', 'text', 'bigint', 'bigint', 'integer');
  const expansions = unnest('bigint', 'text', 'integer');
  const deliveries = unnest(
    'bigint',
    'text',
    'text',
    'bigint',
    'bigint',
    'smallint',
    'text',
    'smallint',
    'text',
    'smallint',
    'integer',
    'bigint',
    'text',
    'bigint',
    'bigint',
    'bigint',
  );
  const settles = unnest('bigint', 'smallint', 'text', 'smallint', 'integer', 'bigint', 'bigint', 'boolean', 'bigint', 'integer');
  const attempts = unnest('bigint', 'integer', 'bigint', 'integer', 'smallint', 'integer', 'bigint', 'text');
  const touches = unnest('bigint', 'bigint');
  const eventSpans = unnest('bigint', 'bigint', 'bigint');
  const deliverySpans = unnest('bigint', 'bigint', 'bigint');
  const widenBlocks = (
    table: string,
    spans: string,
  ): string => `INSERT INTO waxwing.${table} SELECT spans.*, $1::integer FROM ${spans} AS spans
    ON CONFLICT (block, source) DO UPDATE SET min_ms = least(${table}.min_ms, excluded.min_ms), max_ms = greatest(${table}.max_ms, excluded.max_ms)`;
  const settled = 's.seq, s.state, s.state_reason, s.outcome, s.attempts, s.due_ms, s.finished_ms, s.by_hand, p.endpoint_seq, p.tenant';
  const touchedRange = 'd.seq BETWEEN $9::bigint AND $10::bigint';
  const stateName = `(ARRAY['${[0, 1, 2, 3, 4].map((code) => STATES.name(code)).join("', '")}'])[state + 1]`;
  const attemptEnd = '(t.started_ms + t.duration_ms)';
  const settleEnd = 'coalesce(was.finished_ms, was.due_ms)';
  const isAtOnce = `${attemptEnd} / ${FINEST_MS} = ${settleEnd} / ${FINEST_MS}`;
  return `
WITH fence AS MATERIALIZED (SELECT FROM waxwing.has_entered()),
  e AS (INSERT INTO waxwing.events SELECT * FROM ${events} AS e RETURNING tenant, received_ms),
  names AS (INSERT INTO waxwing.idempotency SELECT * FROM ${names} AS n),
  expanding AS (INSERT INTO waxwing.expansions SELECT x.seq, x.matches, x.match_count, 0 FROM ${expansions} AS x(seq, matches, match_count)),
  d AS (SELECT * FROM ${deliveries} AS d(seq, id, tenant, event_seq, endpoint_seq, cause, origin, state, state_reason, outcome,
    attempts, due_ms, facts, created_ms, finished_ms, replay_seq)),
  inserted AS (INSERT INTO waxwing.deliveries SELECT * FROM d),
  now_pending AS (INSERT INTO waxwing.pending SELECT seq, endpoint_seq, tenant, due_ms, $1::integer, $2::bigint FROM d WHERE state = ${PENDING}),
  s AS (SELECT * FROM ${settles} AS s(seq, state, state_reason, outcome, attempts, due_ms, finished_ms, by_hand, endpoint_seq, ord)),
  ended AS (DELETE FROM waxwing.pending p USING s WHERE p.seq = s.seq AND s.state <> ${PENDING} RETURNING ${settled}),
  again AS (UPDATE waxwing.pending p SET due_ms = s.due_ms FROM s WHERE p.seq = s.seq AND s.state = ${PENDING} RETURNING ${settled}),
  was AS (SELECT * FROM ended UNION ALL SELECT * FROM again),
  moved AS (UPDATE waxwing.deliveries d SET state = was.state, state_reason = was.state_reason, due_ms = was.due_ms, finished_ms = was.finished_ms,
      outcome = CASE WHEN was.by_hand THEN d.outcome ELSE was.outcome END,
      attempts = CASE WHEN was.by_hand THEN d.attempts ELSE was.attempts END
    FROM was WHERE d.seq = was.seq AND ${touchedRange}),
  missed AS (SELECT seq, attempts FROM s WHERE NOT by_hand EXCEPT SELECT seq, attempts FROM was),
  late AS (UPDATE waxwing.deliveries d SET attempts = greatest(d.attempts, missed.attempts) FROM missed WHERE d.seq = missed.seq AND ${touchedRange}),
  failed AS (INSERT INTO waxwing.failures SELECT seq, endpoint_seq, tenant FROM was WHERE state = ${FAILED}
    UNION ALL SELECT seq, endpoint_seq, tenant FROM d WHERE state = ${FAILED}),
  tried AS (INSERT INTO waxwing.attempts SELECT a.* FROM ${attempts} AS a(seq, number, started_ms, duration_ms, outcome, status, next_due_ms, record)
    WHERE EXISTS (SELECT 1 FROM waxwing.deliveries d WHERE d.seq = a.seq AND ${touchedRange}) ON CONFLICT DO NOTHING
    RETURNING delivery_seq, number, started_ms, duration_ms, outcome),
  event_span AS (${widenBlocks('event_blocks', eventSpans)}),
  delivery_span AS (${widenBlocks('delivery_blocks', deliverySpans)}),
  counted AS (INSERT INTO waxwing.tallies SELECT $1::integer::text, name, sum(rows) FROM (
      SELECT 'events' AS name, count(*) AS rows FROM e
      UNION ALL SELECT ${stateName}, count(*) FROM d GROUP BY state
      UNION ALL SELECT ${stateName}, count(*) FROM was GROUP BY state
      UNION ALL SELECT 'pending', -count(*) FROM was) AS moves GROUP BY name HAVING sum(rows) <> 0
    ON CONFLICT (writer, name) DO UPDATE SET value = tallies.value + excluded.value),
  touched AS (INSERT INTO waxwing.endpoint_touches SELECT t.seq, t.ms FROM ${touches} AS t(seq, ms)
      JOIN waxwing.endpoints p ON p.seq = t.seq AND p.deleted_ms IS NULL
    ON CONFLICT (endpoint_seq) DO UPDATE SET last_triggered_ms = excluded.last_triggered_ms
      WHERE endpoint_touches.last_triggered_ms < excluded.last_triggered_ms
    RETURNING endpoint_seq),
  noted AS (INSERT INTO waxwing.stat_facts (tenant, endpoint_seq, at_ms, outcome, state, value)
    SELECT tenant, NULL::bigint, received_ms / ${FINEST_MS} * ${FINEST_MS}, NULL::smallint, NULL::smallint, count(*)
      FROM e GROUP BY tenant, received_ms / ${FINEST_MS}
    UNION ALL SELECT NULL, s.endpoint_seq, ${attemptEnd}, t.outcome, was.state, t.duration_ms
      FROM tried t JOIN s ON s.seq = t.delivery_seq LEFT JOIN was ON was.seq = s.seq AND was.state <> ${PENDING} AND ${isAtOnce}
    UNION ALL SELECT NULL, was.endpoint_seq, ${settleEnd}, NULL, was.state, 1
      FROM was LEFT JOIN tried t ON t.delivery_seq = was.seq AND ${isAtOnce} WHERE was.state <> ${PENDING} AND t.delivery_seq IS NULL
    UNION ALL SELECT NULL, endpoint_seq, coalesce(finished_ms, created_ms), NULL, state, 1 FROM d WHERE state <> ${PENDING}),
  marks AS (SELECT string_agg(mark, ',' ORDER BY ord) AS list FROM (
    SELECT s.ord, CASE
      WHEN s.by_hand AND was.seq IS NOT NULL THEN concat_ws(',', ${DELIVERY_CODE}, s.seq)
      WHEN t.number IS NOT NULL THEN concat_ws(',', CASE WHEN was.seq IS NULL THEN ${ATTEMPT_KEPT_ONLY_CODE} ELSE ${ATTEMPT_CODE} END, s.seq, t.number)
      END AS mark
    FROM s LEFT JOIN was ON was.seq = s.seq LEFT JOIN tried t ON t.delivery_seq = s.seq) AS of_settles),
  told AS (INSERT INTO waxwing.feed (source, no, at_ms, list, low, high, begun)
    SELECT $1::integer, $2::bigint, $3::bigint, list, $6::bigint, $7::bigint, $8::text
    FROM (SELECT concat_ws(',', nullif($5::text, ''), list) AS list FROM marks) AS whole
    WHERE $4::boolean AND (list <> '' OR $6::bigint IS NOT NULL OR $8::text IS NOT NULL) RETURNING no)
SELECT (SELECT count(*) FROM fence) AS entered, (SELECT list FROM marks) AS marks, (SELECT count(*) FROM told) AS told,
  (SELECT string_agg(endpoint_seq::text, ',') FROM touched) AS touched`;
}
