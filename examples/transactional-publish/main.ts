// Publishing within a database transaction of your own: the order and its event are stored together, or neither is.
//
//   DATABASE_URL=postgres://localhost/platform npx node examples/transactional-publish/main.ts
//
// `waxwing serve --database-url` runs on the same database, and has the tenant `acme`. This program needs nothing of
// Waxwing's, only a PostgreSQL client; any language's will do. Its role needs no more than:
//
//   GRANT USAGE ON SCHEMA waxwing TO shop;
//   GRANT EXECUTE ON FUNCTION waxwing.publish TO shop;

import { Client } from 'pg';

const client = new Client({ connectionString: process.env['DATABASE_URL'] ?? 'postgres://localhost/platform' });
await client.connect();
await client.query('CREATE TABLE IF NOT EXISTS orders (id text PRIMARY KEY, cents integer NOT NULL CHECK (cents > 0))');

/** Stores an order and publishes it, in one transaction. */
async function placeOrder(id: string, cents: number): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT waxwing.publish('acme', 'order.placed', $1, id => $2)`, [{ order_id: id, cents }, `order-${id}`]);
    await client.query('INSERT INTO orders (id, cents) VALUES ($1, $2)', [id, cents]);
    await client.query('COMMIT');
    console.log(`order ${id} is stored, and its event with it`);
  } catch (error) {
    await client.query('ROLLBACK');
    console.log(`order ${id} was refused (${error instanceof Error ? error.message : String(error)}): it has no event`);
  }
}

const orders = [
  { id: '1001', cents: 4_200 },
  { id: '1002', cents: -1 }, // the table refuses it after the event was published: the event is gone with it
  { id: '1003', cents: 1_900 },
];
for (const { id, cents } of orders) await placeOrder(id, cents);
await client.end();
