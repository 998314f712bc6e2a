// A database held for a move: no node is on it, and none joins meanwhile.
//
// A lock of this session keeps others out (`join_nodes` looks for it), so this connection must lead to the database itself.

import { WaxwingError } from '@waxwing/protocol';
import { integer } from '../columns.ts';
import { migrate, openingError, placeOf } from './database.ts';
import { LEASE_MS } from './membership.ts';
import { clientConfig, Session } from './session.ts';
import { LOCK_SPACE, MOVE_LOCK } from './sharing-schema.ts';

export interface HeldDatabase {
  /** Writes as the one that holds it. */
  readonly session: Session;
  release(): Promise<void>;
}

/** Migrates it and takes it. Throws `data_folder_in_use`, `store_unavailable`, `store_too_new`. */
export async function holdDatabase(url: string): Promise<HeldDatabase> {
  const place = placeOf(url);
  let session: Session | null = null;
  try {
    const held = (session = await Session.connect(clientConfig(url, 'waxwing-move')));
    await migrate(held);
    const [lock = {}] = await held.rows({ text: 'SELECT pg_try_advisory_lock($1, $2)::integer AS taken' }, [LOCK_SPACE, MOVE_LOCK]);
    if (integer(lock, 'taken') !== 1)
      throw new WaxwingError('data_folder_in_use', `Another move into the database at ${place} is under way.`);
    // One whose lease has run out is gone, and what it had under way is waited for.
    await held.rows({ text: 'SELECT waxwing.end_node(no, epoch, $1, 10000) FROM waxwing.nodes WHERE NOT is_gone' }, [LEASE_MS]);
    const [nodes = {}] = await held.rows({ text: 'SELECT count(*) AS n FROM waxwing.nodes WHERE NOT is_gone' });
    if (integer(nodes, 'n') > 0)
      throw new WaxwingError('data_folder_in_use', `A Waxwing server runs on the database at ${place}. Stop it first.`);
    return { session: held, release: () => held.end() };
  } catch (error) {
    await session?.end();
    throw openingError(error, place);
  }
}
