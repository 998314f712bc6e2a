// The PostgreSQL store keeps the suite, on a real server; and what only it can show: the database, its one writer, lost sessions.

import { after, before } from 'node:test';
import { postgres } from '../../src/store/postgres/postgres.ts';
import { conformance } from './conformance.ts';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

conformance('postgres', async () => {
  const url = await server.newDatabase();
  return { store: () => postgres(url), dispose: () => server.dropDatabase(url) };
});
