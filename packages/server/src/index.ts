// The public surface of @waxwing/server, by name.
export { createServer } from './server.ts';
export type { ListenAddress, ServerOptions, WaxwingServer } from './server.ts';
export { createLog, engineLog } from './log.ts';
export type { LogOptions, ServerLog } from './log.ts';
