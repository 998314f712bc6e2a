// Numbers: one counter for events, deliveries, endpoints and replays, which every node takes runs from.
//
// Taking is a transaction of its own that does not wait for the disk: a commit that uses the numbers is flushed after it, and
// so brings it along. Numbers that a crash takes back were used by nothing that is kept; a node drops what it holds of them
// with its connection (postgres.ts).

import { integer } from '../columns.ts';
import type { Session } from './session.ts';

/** The first of so many numbers, `floor` or above. */
export async function takeNumbers(session: Session, count: number, floor: number): Promise<number> {
  const [row = {}] = await session.rows(TAKE, [count, floor]);
  return integer(row, 'first');
}

const TAKE = {
  name: 'waxwing_numbers',
  text: `WITH quick AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true) AS commits, set_config('lock_timeout', '2000', true) AS waits)
  UPDATE waxwing.numbers SET next = greatest(next, $2::bigint) + $1::bigint FROM quick WHERE quick.commits <> quick.waits
  RETURNING next - $1::bigint AS first`,
};
