// The public surface of @waxwing/client.

export { WaxwingApiError, WaxwingConnectionError } from './api-error.ts';
export type { DeliveryFilter, EventFilter, EventTypeFilter, ListOptions, NoticeFilter } from './filters.ts';
export { JsonText } from './json-text.ts';
export type { List } from './list.ts';
export type { RetryOptions } from './retry.ts';
export type { LastingOptions, LostConnection } from './lasting.ts';
export type { ListenEnd, ListenOptions, RelayAnswer } from './listen.ts';
export type { StreamOptions } from './stream.ts';
export type { StatsQuery } from './stats-call.ts';
export { TenantClient } from './tenant.ts';
export type { EventInput, PublishOptions, ReplayFilter, RotateOptions } from './tenant.ts';
export type { CallOptions } from './transport.ts';
export { Waxwing } from './waxwing.ts';
export type { Health, WaxwingOptions } from './waxwing.ts';
