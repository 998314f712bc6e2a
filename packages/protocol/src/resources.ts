// The API's resources as TypeScript types: what the HTTP API answers, the client returns, and the engine's services give.
//
// Times are ISO 8601 UTC with milliseconds. Types only; the server holds the JSON Schemas and checks them against these.

export type { Page, Problem } from './resources/page.ts';
export type { TenantInput, Tenant } from './resources/tenant.ts';
export type { Ordering, EndpointCall, EndpointInput, EndpointPatch, Endpoint, EndpointWithSecret } from './resources/endpoint.ts';
export type { PublishResult, EventSummary, EventDetail, RejectedEvent } from './resources/event.ts';
export type { DeliverySummary, DeliveryDetail, Attempt, AttemptResponse, AttemptTimings } from './resources/delivery.ts';
export type { ReplayInput, ReplayCount, Replay, Explanation } from './resources/replay.ts';
export type { EventTypeInput, EventType, ProfileResource } from './resources/catalogue.ts';
export type { KeyScope, TenantAction, KeyFormat, KeyInput, Key, KeyWithSecret } from './resources/key.ts';
export type { LookupResult } from './resources/lookup.ts';
export type { DeletedEndpoint, StreamAttempt, StreamDelivery, StreamKind, StreamMessage, StreamResetReason } from './resources/stream.ts';
export type {
  ListenerInput,
  ListenerMessage,
  RelayAccepted,
  RelayedMessage,
  RelayError,
  RelayResponse,
  RelayResult,
} from './resources/listener.ts';
export type { PortalLink, PortalLinkInput, PortalTheme } from './resources/portal.ts';
export type { Notice, NoticeEmail } from './resources/notice.ts';
export type { AttemptCounts, EndpointStats, LatencyPercentiles, Stats, StatsPoint } from './resources/stats.ts';
export type { Cluster, ClusterNode, ClusterStore, Setting } from './resources/cluster.ts';
