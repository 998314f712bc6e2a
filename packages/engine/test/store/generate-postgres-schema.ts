// Writes postgres-schema.txt, the kept picture of what PostgreSQL's migrations make. A test holds a real database against it.
//
//   node packages/engine/test/store/generate-postgres-schema.ts
//
// Look at what changes in it before it is committed: that is what every database out there will have to become.

import { writeFileSync } from 'node:fs';
import { startPostgres } from '../../../../test/postgres-server.ts';
import { migrate } from '../../src/store/postgres/database.ts';
import { clientConfig, Session } from '../../src/store/postgres/session.ts';
import { drawSchema, PICTURE } from './postgres-schema.ts';

const server = await startPostgres();
try {
  const url = await server.newDatabase();
  const session = await Session.connect(clientConfig(url, 'waxwing'));
  await migrate(session);
  await session.end();
  writeFileSync(PICTURE, await drawSchema((sql) => server.ask(url, sql)));
} finally {
  await server.stop();
}
