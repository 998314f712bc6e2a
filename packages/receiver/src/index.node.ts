// The public surface of @waxwing/receiver on Node: verifying with node:crypto, and the server.
export * from './surface.ts';
export { createSyncVerifier, createVerifier, verify, verifySync } from './verify/verify.node.ts';
export type { SyncVerifier, Verifier } from './verify/verify.node.ts';
export { createReceiver } from './serve/create-receiver.node.ts';
export type { ListenerAddress } from './serve/listener.ts';
export { WebhookServer } from './serve/server.ts';
export type { WebhookServerOptions } from './serve/server.ts';
