// Contents: what lies in shards that a node takes up, read in one moment of the database, together with how far the sources
// had come in it: so that what is committed later arrives (arrivals.ts), and nothing that is here does so again.

import type { NoticeRow, ReplayRow } from '../rows.ts';
import { shardOf, UPKEEP_SHARD, type ShardContents } from '../sharing.ts';
import { integer, integerOrNull, json } from '../columns.ts';
import { shardSql, type Places } from './arrivals.ts';
import type { Ask } from './list-scan.ts';
import { backlogOf, EXPANSIONS, expansionOf } from './snapshot.ts';

/** How far each source has come. */
export async function readPlaces(ask: Ask): Promise<Places> {
  const rows = await ask(
    { text: 'SELECT no AS source, (SELECT max(f.no) FROM waxwing.feed f WHERE f.source = n.no) AS newest FROM waxwing.nodes n' },
    [],
  );
  return new Map(rows.map((row) => [integer(row, 'source'), integerOrNull(row, 'newest') ?? 0]));
}

export async function readContents(
  ask: Ask,
  shards: readonly number[],
): Promise<{ readonly contents: ShardContents; readonly places: Places }> {
  const places = await readPlaces(ask);
  const backlog = (await ask({ text: BACKLOG }, [shards])).map(backlogOf);
  const open = (await ask({ text: 'SELECT "row" FROM waxwing.notices WHERE is_open ORDER BY id' }, [])).map((row) =>
    json<NoticeRow>(row, 'row'),
  );
  const notices = open.filter(({ endpointSeq }) => endpointSeq !== null && shards.includes(shardOf(endpointSeq)));
  if (!shards.includes(UPKEEP_SHARD)) return { contents: { backlog, notices, expansions: [], replays: [], mailsWaiting: 0 }, places };
  const expansions = (await ask({ text: `${EXPANSIONS} ORDER BY x.event_seq` }, [])).map(expansionOf);
  const running = await ask({ text: 'SELECT "row" FROM waxwing.replays WHERE finished_ms IS NULL ORDER BY seq' }, []);
  const [mails = {}] = await ask({ text: 'SELECT count(*) AS n FROM waxwing.notices WHERE mail_due_ms IS NOT NULL' }, []);
  const replays = running.map((row) => json<ReplayRow>(row, 'row'));
  return { contents: { backlog, notices, expansions, replays, mailsWaiting: integer(mails, 'n') }, places };
}

/** From one waiting endpoint to the next, so that what waits in other shards costs nothing. */
const BACKLOG = `WITH RECURSIVE waiting(endpoint_seq) AS (
    SELECT min(endpoint_seq) FROM waxwing.pending
    UNION ALL SELECT (SELECT min(p.endpoint_seq) FROM waxwing.pending p WHERE p.endpoint_seq > w.endpoint_seq) FROM waiting w WHERE w.endpoint_seq IS NOT NULL)
  SELECT w.endpoint_seq, held.pending, held.due_ms FROM waiting w
  CROSS JOIN LATERAL (SELECT count(*) AS pending, min(p.due_ms) AS due_ms FROM waxwing.pending p WHERE p.endpoint_seq = w.endpoint_seq) AS held
  WHERE w.endpoint_seq IS NOT NULL AND ${shardSql('w.endpoint_seq')} = ANY($1::integer[]) ORDER BY w.endpoint_seq`;
