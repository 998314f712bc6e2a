// The public surface of @waxwing/receiver where there is no Node: verifying with Web Crypto, and receivers for the adapters.
export * from './surface.ts';
export { createReceiver } from './serve/create-receiver.web.ts';
export { createVerifier, verify } from './verify/verify.web.ts';
export type { Verifier } from './verify/verify.web.ts';
