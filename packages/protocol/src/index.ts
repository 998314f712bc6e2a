// The public surface of @waxwing/protocol, by name.
export type * from './resources.ts';
export type * from './schemes.ts';
