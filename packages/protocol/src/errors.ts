// Errors: the one registry of codes, and the one class that is thrown.
//
// Every code is stable, maps to an HTTP status here and nowhere else, and is documented in docs/errors.md (a test holds
// the two against each other both ways). A message says what was wrong, where, and what to do.

/** Where a code stands in HTTP and what it is called. `status` is the answer's status; `title` never changes. */
export interface ErrorEntry {
  readonly status: number;
  readonly title: string;
}

export const ERRORS = {
  // the request as a whole
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request does not have the expected form' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  request_too_large: { status: 413, title: 'The request body is too large' },
  headers_too_large: { status: 431, title: 'The request line and headers are too large' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  route_not_found: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The route does not take this method' },
  invalid_cursor: { status: 400, title: 'The cursor is not one that this list gave' },
  invalid_id: { status: 400, title: 'The id does not have the expected form' },
  // who asks
  unauthorized: { status: 401, title: 'No valid key was given' },
  forbidden: { status: 403, title: 'The key does not permit this' },
  // what is not there
  tenant_not_found: { status: 404, title: 'No such tenant' },
  endpoint_not_found: { status: 404, title: 'No such endpoint' },
  event_not_found: { status: 404, title: 'No such event' },
  delivery_not_found: { status: 404, title: 'No such delivery' },
  replay_not_found: { status: 404, title: 'No such replay' },
  event_type_not_found: { status: 404, title: 'No such event type' },
  profile_not_found: { status: 404, title: 'No such profile' },
  portal_link_not_found: { status: 404, title: 'No such portal link' },
  key_not_found: { status: 404, title: 'No such key' },
  nothing_found: { status: 404, title: 'Nothing has this id' },
  // publishing
  invalid_event_data: { status: 400, title: 'The event data cannot be delivered unchanged' },
  event_data_too_large: { status: 413, title: 'The event data is too large' },
  batch_too_large: { status: 413, title: 'The batch holds too many events' },
  unknown_event_type: { status: 400, title: 'The event type is not in the catalogue' },
  schema_mismatch: { status: 400, title: 'The event data does not match its schema' },
  idempotency_conflict: { status: 409, title: 'The id or key was used before with other content' },
  // endpoints and tenants
  unknown_profile: { status: 400, title: 'No such profile' },
  url_refused: { status: 400, title: 'The URL may not be delivered to' },
  https_required: { status: 400, title: 'The URL must use HTTPS' },
  invalid_secret: { status: 400, title: 'The secret cannot sign' },
  invalid_header: { status: 400, title: 'The custom header may not be sent' },
  invalid_event_types: { status: 400, title: 'The subscription cannot match' },
  limit_exceeded: { status: 400, title: 'A limit would be exceeded' },
  immutable_field: { status: 400, title: 'The field cannot change' },
  tenant_not_empty: { status: 409, title: 'The tenant still has endpoints' },
  reserved_tenant: { status: 409, title: 'The tenant is reserved' },
  not_a_listener: { status: 409, title: 'The endpoint is not relayed' },
  no_rotation: { status: 409, title: 'No secret rotation is under way' },
  // profiles and catalogues
  profile_read_only: { status: 409, title: 'Built-in profiles are read-only' },
  profile_in_use: { status: 409, title: 'The profile is in use' },
  invalid_profile: { status: 400, title: 'The profile is not a usable wire convention' },
  event_type_read_only: { status: 409, title: "Built-in profiles' event types are read-only" },
  invalid_schema: { status: 400, title: 'The JSON Schema cannot be used' },
  // deliveries
  delivery_final: { status: 409, title: 'The delivery is final' },
  replay_final: { status: 409, title: 'The replay has ended' },
  endpoint_deleted: { status: 409, title: 'The endpoint is deleted' },
  // the service
  overloaded: { status: 503, title: 'Too much is waiting to be stored' },
  rate_limited: { status: 429, title: 'Too many requests' },
  store_unavailable: { status: 503, title: 'The store cannot be reached or written' },
  disk_full: { status: 503, title: 'The disk is full' },
  disk_failing: { status: 503, title: 'The disk fails' },
  commit_unknown: { status: 503, title: 'Whether the events were stored is unknown' },
  not_ready: { status: 503, title: 'The server is not ready' },
  shutting_down: { status: 503, title: 'The server is shutting down' },
  internal: { status: 500, title: 'An unexpected error' },
  // receiving
  lease_lost: { status: 409, title: 'The lease ran out and another process has the event' },
  // starting
  invalid_setting: { status: 500, title: 'A setting is not usable' },
  data_folder_in_use: { status: 500, title: 'Another process uses the data folder' },
  wrong_master_key: { status: 500, title: 'The master key does not open this store' },
  store_too_new: { status: 500, title: 'The store was written by a newer version' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** One field that is wrong: `path` as a JSON Pointer into the request's body (or `query/name`, `header/name`, `path/name`). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface WaxwingErrorOptions {
  readonly cause?: unknown;
  readonly fields?: readonly FieldError[];
  /** When trying again makes sense: whole seconds, sent as Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** The one error that Waxwing throws. `code` is stable; `message` says what was wrong and what to do. */
export class WaxwingError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  readonly retryAfterSeconds: number | null;

  constructor(code: ErrorCode, message: string, options: WaxwingErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WaxwingError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get title(): string {
    return ERRORS[this.code].title;
  }
}
