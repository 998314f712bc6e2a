// What @waxwing/receiver offers on every runtime; the index files add what differs.

export type { Catalogues, EventOf, EventsOf, ProfileLike, SenderInput } from './catalogue.ts';
export { schemeOfProfile } from './catalogue.ts';
export type { EventKey } from './dedupe/event-key.ts';
export type { DedupeOptions } from './dedupe/once.ts';
export type { Beginning, DedupeStore, Lease } from './dedupe/store.ts';
export type { EventMap, EventUnion, ReceivedEvent } from './event.ts';
export type { EventInbox, InboxMessage, InboxNotice, InboxOwner, KeptMessage } from './inbox/message.ts';
export type {
  Challenge,
  CommonSignature,
  Condition,
  EventPlaces,
  JwtSignature,
  Place,
  Scheme,
  SchemeFacts,
  SharedToken,
  Signature,
  SignatureForm,
  SignedTemplate,
  SignedTime,
  StandardSignature,
  TimeForm,
  TwilioSignature,
} from './scheme.ts';
export type { CompiledPayloadSchema, PayloadFault, PayloadSchema, PayloadSchemas, StandardPayloadSchema } from './schema/payload-schema.ts';
export { SCHEMES } from './schemes/all.ts';
export type { SchemeName } from './schemes/all.ts';
export { anthropic } from './schemes/anthropic.ts';
export { calendly } from './schemes/calendly.ts';
export { discord } from './schemes/discord.ts';
export { elevenlabs } from './schemes/elevenlabs.ts';
export { github } from './schemes/github.ts';
export { gitlab, gitlabSigned } from './schemes/gitlab.ts';
export { hubspot } from './schemes/hubspot.ts';
export { intercom } from './schemes/intercom.ts';
export { linear } from './schemes/linear.ts';
export { livekit } from './schemes/livekit.ts';
export { meshagent } from './schemes/meshagent.ts';
export { meta } from './schemes/meta.ts';
export { mux } from './schemes/mux.ts';
export { openai } from './schemes/openai.ts';
export { paddle } from './schemes/paddle.ts';
export { pagerduty } from './schemes/pagerduty.ts';
export { retell } from './schemes/retell.ts';
export { sendgrid } from './schemes/sendgrid.ts';
export { shopify } from './schemes/shopify.ts';
export { slack } from './schemes/slack.ts';
export { square } from './schemes/square.ts';
export { stripe } from './schemes/stripe.ts';
export { svix } from './schemes/svix.ts';
export { twilio } from './schemes/twilio.ts';
export { twitch } from './schemes/twitch.ts';
export { typeform } from './schemes/typeform.ts';
export { vercel } from './schemes/vercel.ts';
export { workos } from './schemes/workos.ts';
export { zendesk } from './schemes/zendesk.ts';
export { zoom } from './schemes/zoom.ts';
export { humanconnection, joai, meetloyd, standard } from './schemes/profiles.ts';
export { gone, reject, retryAfter } from './serve/answer.ts';
export type { Answer, HandlerResult } from './serve/answer.ts';
export type { ReceiverNotice } from './serve/notice.ts';
export type { EventReceiver, Handler, HandlerContext, ReceiverOptions } from './serve/receiver.ts';
export type { VerifyOptions } from './verify/judge.ts';
export type { Framework } from './verify/raw-body.ts';
export type { HeadersInput, ReceivedRequest } from './verify/request.ts';
export type { Reason, Refused, Verified, VerifyResult } from './verify/result.ts';
