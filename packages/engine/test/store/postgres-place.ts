// Databases for the store's conformance suite, each used again when it is empty again: making one takes longer than most claims.

import type { PostgresServer } from '../../../../test/postgres-server.ts';
import type { Store } from '../../src/store/store.ts';
import type { StorePlace } from './suite.ts';

/** @param open a store on a database */
export function postgresPlaces(server: () => PostgresServer, open: (url: string) => Store): () => Promise<StorePlace> {
  const emptied: string[] = [];
  return async () => {
    const url = emptied.pop() ?? (await server().newDatabase());
    return {
      store: () => open(url),
      async dispose() {
        await server().ask(url, EMPTY);
        emptied.push(url);
      },
    };
  };
}

/** As the migrations leave it. A store that a claim has not closed is in the way, and fails it. */
const EMPTY = `DO $$ DECLARE name text; BEGIN
  SET LOCAL lock_timeout = '5s';
  FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'waxwing'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND relname NOT IN ('migrations', 'ranges', 'numbers', 'config', 'shards') LOOP
    EXECUTE format('DELETE FROM waxwing.%I', name);
  END LOOP;
  UPDATE waxwing.numbers SET next = 1;
  UPDATE waxwing.config SET version = 0, trimmed = 0;
  UPDATE waxwing.shards SET node = NULL;
  UPDATE waxwing.ranges SET began_ms = NULL, drained_ms = NULL;
END $$`;
