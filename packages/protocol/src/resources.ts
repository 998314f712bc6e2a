// The API's resources as TypeScript types: what the HTTP API answers, the client returns, and the engine's services give.
//
// Times are ISO 8601 UTC with milliseconds. Types only; the server holds the JSON Schemas and checks them against these.

export type { Page, Problem } from './resources/page.ts';
export type { TenantInput, Tenant } from './resources/tenant.ts';
export type { Ordering, EndpointInput, EndpointPatch, Endpoint, EndpointWithSecret } from './resources/endpoint.ts';
export type { PublishResult, EventSummary, EventDetail } from './resources/event.ts';
export type { DeliverySummary, DeliveryDetail, Attempt, AttemptResponse, AttemptTimings } from './resources/delivery.ts';
export type { ReplayInput, ReplayCount, Replay, Explanation } from './resources/replay.ts';
export type { EventTypeInput, EventType, ProfileResource } from './resources/catalogue.ts';
export type { KeyScope, TenantAction, KeyInput, Key, KeyWithSecret } from './resources/key.ts';
export type { LookupResult } from './resources/lookup.ts';
export type { Notice, NoticeEmail } from './resources/notice.ts';
