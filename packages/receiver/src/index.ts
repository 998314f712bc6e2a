// The public surface of @waxwing/receiver where there is no Node: verifying with Web Crypto.
export * from './surface.ts';
export { createVerifier, verify } from './verify/verify.web.ts';
export type { Verifier } from './verify/verify.web.ts';
