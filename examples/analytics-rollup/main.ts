// Rolls events up as they come: how many of each type an agent had in each hour, in one SQLite file.
//
//   WEBHOOK_SECRET=an-example-secret npx node examples/analytics-rollup/main.ts
//   npx node examples/analytics-rollup/main.ts --report
//
// The count and the memory of the event are one transaction, so that an event that comes twice is counted once, whenever this
// process dies.

import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

import { WebhookServer } from '@waxwing/receiver';

const database = new DatabaseSync(process.env['ROLLUP'] ?? 'rollup.db');
database.exec(`
  create table if not exists counted (key text primary key) without rowid;
  create table if not exists rollup (hour text, agent text, type text, events integer not null, primary key (hour, agent, type)) without rowid;
`);

if (process.argv.includes('--report')) {
  for (const { hour, agent, type, events } of database.prepare('select * from rollup order by hour, agent, type').all())
    console.log([hour, agent, type, events].join('  '));
} else await receive();

async function receive(): Promise<void> {
  const server = new WebhookServer({
    profile: 'joai',
    secret: process.env['WEBHOOK_SECRET'],
    host: '127.0.0.1',
    port: Number(process.env['PORT'] ?? 8080),
  });
  const remember = database.prepare('insert or ignore into counted values (?)');
  const count = database.prepare('insert into rollup values (?, ?, ?, 1) on conflict do update set events = events + 1');

  server.onAny(({ id, type, timestamp, data }) => {
    // The id is not signed here: alone it could be forged, to have an event forgotten before it comes.
    const key = `${id} ${createHash('sha256')
      .update(JSON.stringify([type, timestamp, data]))
      .digest('hex')}`;
    const hour = (timestamp ?? new Date()).toISOString().slice(0, 13);
    database.exec('begin immediate');
    try {
      if (remember.run(key).changes === 1) count.run(hour, agentOf(data), type);
      database.exec('commit');
    } catch (error) {
      database.exec('rollback');
      throw error; // 500: the sender tries again
    }
  });

  await server.start();
  console.log(`listening on ${server.url}`);
  await server.run();
}

/** Every event of the catalogue names its agent. */
function agentOf(data: object): string {
  return 'agent' in data && typeof data.agent === 'object' && data.agent !== null && 'id' in data.agent ? String(data.agent.id) : '';
}
