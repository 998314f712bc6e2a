// A database held for a move: nobody else acts on it meanwhile.

import { WaxwingError } from '@waxwing/protocol';
import { systemClock, systemRandomness } from '../../system-ports.ts';
import { migrate, openingError, placeOf, prepareSession } from './database.ts';
import { clientConfig, Session } from './session.ts';
import { PostgresTenure } from './tenure.ts';

export interface HeldDatabase {
  /** Writes as the one that holds it. */
  readonly session: Session;
  release(): Promise<void>;
}

/** Migrates it and takes it. Throws `data_folder_in_use`, `store_unavailable`, `store_too_new`. */
export async function holdDatabase(url: string): Promise<HeldDatabase> {
  const place = placeOf(url);
  const connect = async (name: string): Promise<Session> => {
    const opened = await Session.connect(clientConfig(url, name));
    await prepareSession(opened);
    return opened;
  };
  let session: Session | null = null;
  try {
    session = await connect('waxwing-move');
    await migrate(session);
    const tenure = new PostgresTenure({
      connect,
      ask: () => Promise.resolve([]),
      stuck: () => session?.abandon(),
      place,
      clock: systemClock,
      randomness: systemRandomness,
    });
    const held = session;
    if ((await tenure.claim(held, false)) === null)
      throw new WaxwingError('data_folder_in_use', `A Waxwing server runs on the database at ${place}. Stop it first.`);
    return {
      session: held,
      async release() {
        await tenure.release(held);
        await held.end();
      },
    };
  } catch (error) {
    await session?.end();
    throw openingError(error, place);
  }
}
