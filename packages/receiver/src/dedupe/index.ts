// @waxwing/receiver/dedupe: stores that need nothing of Node. The one in SQLite is @waxwing/receiver/dedupe-sqlite.
export { MemoryDedupe } from './memory.ts';
export type { MemoryDedupeOptions } from './memory.ts';
export { PostgresDedupe } from './postgres.ts';
export type { PostgresClient, PostgresDedupeOptions } from './postgres.ts';
export { RedisDedupe } from './redis.ts';
export type { RedisClient, RedisDedupeOptions } from './redis.ts';
