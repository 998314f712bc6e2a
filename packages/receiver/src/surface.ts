// What @waxwing/receiver offers on every runtime; the index files add what differs.

export type { Catalogues, EventOf, EventsOf, ProfileLike, SenderInput } from './catalogue.ts';
export { schemeOfProfile } from './catalogue.ts';
export type { EventMap, EventUnion, ReceivedEvent } from './event.ts';
export type {
  EventPlaces,
  JwtSignature,
  Place,
  Scheme,
  SharedToken,
  Signature,
  SignatureForm,
  SignedTemplate,
  SignedTime,
  StandardSignature,
  TimeForm,
  TwilioSignature,
} from './scheme.ts';
export { SCHEMES } from './schemes/all.ts';
export type { SchemeName } from './schemes/all.ts';
export { humanconnection, joai, meetloyd, meshagent, standard } from './schemes/profiles.ts';
export type { VerifyOptions } from './verify/judge.ts';
export type { Framework } from './verify/raw-body.ts';
export type { HeadersInput, ReceivedRequest } from './verify/request.ts';
export type { Reason, Refused, Verified, VerifyResult } from './verify/result.ts';
