// The PostgreSQL store keeps the suite, on a real server.

import { after, before } from 'node:test';
import { postgres } from '../../src/store/postgres/postgres.ts';
import { conformance } from './conformance.ts';
import { postgresPlaces } from './postgres-place.ts';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

conformance(
  'postgres',
  postgresPlaces(
    () => server,
    (url) => postgres(url),
  ),
);
