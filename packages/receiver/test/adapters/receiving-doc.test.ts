// docs/receiving.md, done as it says.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Client } from 'pg';
import { startPostgres } from '../../../../test/postgres-server.ts';
import { CALLS, Page, run } from './page.ts';

const page = new Page('docs/receiving.md', ['send.ts']);
const SEEN = 'mtg_1 is completed\n';
after(() => page.remove());

async function send(folder: string, id: string): Promise<string> {
  return (await run(folder, ['send.ts', id])).stdout;
}

test('every program on the page is of the types that it says', () => {
  assert.equal(page.typeErrors(), '');
});

const servers = ['receive.ts', 'express.ts', 'fastify.ts', 'hono.ts', 'koa.ts', 'nest.ts', 'dedupe.ts', 'inbox.ts'];
describe('a server on the page takes the page’s event, and refuses the tampered one', () => {
  for (const file of servers) {
    test(file, { timeout: 20_000 }, async () => {
      const { folder, end } = await page.start(file);
      let again = '';
      let sent = '';
      let ended;
      try {
        sent = await send(folder, 'whevt_1');
        if (file === 'dedupe.ts' || file === 'inbox.ts') again = await send(folder, 'whevt_1');
      } finally {
        ended = await end();
      }
      assert.equal(sent, page.printed.get('send.ts'), ended.log);
      if (again !== '') assert.match(again, /^200 .*"duplicate":true/);
      assert.equal(ended.seen, page.printed.get('receive.ts'));
      assert.match(ended.log, /webhook refused \(no_match\)/);
    });
  }
});

const handlers = { 'route.ts': 'route', 'worker.ts': 'worker', 'lambda.ts': 'lambda', 'pages.ts': 'pages' } as const;
describe('a handler on the page takes the page’s event, and refuses the tampered one', () => {
  for (const [file, kind] of Object.entries(handlers)) {
    test(file, async () => assert.deepEqual(await page.handle(file, CALLS[kind]), { statuses: [200, 401], seen: SEEN }));
  }
});

test('a handler on the page refuses data that does not match its schema', async () => {
  const { statuses, seen } = await page.handle('schemas.ts', CALLS.route);
  assert.deepEqual([statuses, seen], [[422, 401], '']);
});

test('the program that answers otherwise runs', async () => {
  assert.deepEqual(await run(page.folderOf('results.ts'), ['results.ts']), { stdout: '', stderr: '' });
});

test('the program that commits its work with the event does it once for an event that comes twice', { timeout: 30_000 }, async () => {
  const server = await startPostgres();
  const database = new Client({ host: server.host, port: server.port, user: server.user, database: server.database });
  try {
    await database.connect();
    await database.query('create table completed_meetings (id text primary key)');
    const at = { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGDATABASE: server.database };
    const { folder, end } = await page.start('exactly-once.ts', at);
    try {
      assert.match(await send(folder, 'whevt_1'), /^200 /);
      assert.match(await send(folder, 'whevt_1'), /^200 .*"duplicate":true/);
    } finally {
      await end();
    }
    assert.deepEqual((await database.query('select id from completed_meetings')).rows, [{ id: 'mtg_1' }]);
  } finally {
    await database.end();
    await server.stop();
  }
});

test('every program on the page is started or called here', () => {
  const others = ['send.ts', 'schemas.ts', 'results.ts', 'exactly-once.ts'];
  assert.deepEqual([...page.programs.keys()].toSorted(), [...servers, ...Object.keys(handlers), ...others].toSorted());
});
