// A PostgreSQL with one user's one database, in a process of its own until SIGTERM:
//
//   node postgres-process.ts FILE USER DATABASE     writes `host:port` into FILE once it is there

import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { Client } from 'pg';
import { startPostgres } from '../../postgres-server.ts';

const [file = '', user = '', database = ''] = process.argv.slice(2);
const server = await startPostgres();
const client = new Client({ host: server.host, port: server.port, user: server.user, database: server.database });
await client.connect();
await client.query(`create role ${client.escapeIdentifier(user)} login`);
await client.query(`create database ${client.escapeIdentifier(database)} owner ${client.escapeIdentifier(user)}`);
await client.end();
writeFileSync(`${file}.part`, `${server.host}:${server.port}`);
renameSync(`${file}.part`, file);
await once(process, 'SIGTERM');
await server.stop();
