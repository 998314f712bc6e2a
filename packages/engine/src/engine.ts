// The engine as others see it: what `createEngine` gives. The server, the command line and embedders hold this and nothing below it.
//
// Everything takes and gives API resources (ISO times, ids). Everything thrown is a WaxwingError. What resolves is durable.

import type { EngineStatus } from './engine-status.ts';
import type {
  Cluster,
  DeliveryCause,
  DeliveryDetail,
  DeliveryState,
  DeliverySummary,
  Endpoint,
  EndpointInput,
  EndpointPatch,
  EndpointStats,
  EndpointWithSecret,
  EventDetail,
  EventSummary,
  EventType,
  EventTypeInput,
  Explanation,
  Key,
  KeyInput,
  KeyWithSecret,
  ListenerInput,
  ListenerMessage,
  LookupResult,
  Notice,
  NoticeKind,
  OutcomeKind,
  Page,
  PortalLinkInput,
  PortalTheme,
  ProfileResource,
  PublishResult,
  RejectedEvent,
  RelayAccepted,
  RelayResult,
  Replay,
  ReplayCount,
  ReplayInput,
  ScannedJson,
  Stats,
  StatsWindow,
  StreamKind,
  StreamMessage,
  Tenant,
  TenantInput,
} from '@waxwing/protocol';

export interface PublishInput {
  readonly type: string;
  /** A JSON object: a JavaScript value, or text that the scanner has accepted already (`scanJson`), which is then used as it is. */
  readonly data: unknown | ScannedJson;
  /** Chosen by the caller: `[A-Za-z0-9_-]{1,64}`. Publishing it again within 7 days with the same content returns the first answer. */
  readonly id?: string;
  /** When it happened: ISO 8601. Defaults to now. */
  readonly timestamp?: string;
  /** As `id`, under a name of the caller's own (1–255 characters). */
  readonly idempotencyKey?: string;
}

export interface ListOptions {
  /** 1–250, default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}
export interface EventFilter extends ListOptions {
  readonly type?: string;
  /** ISO 8601, by when received: from (included), to (not). */
  readonly from?: string;
  readonly to?: string;
  /** Text in the data. */
  readonly q?: string;
}
export interface DeliveryFilter extends ListOptions {
  readonly endpoint?: string;
  readonly event?: string;
  readonly type?: string;
  readonly state?: DeliveryState;
  readonly outcome?: OutcomeKind;
  readonly cause?: DeliveryCause;
  readonly from?: string;
  readonly to?: string;
}

export interface NoticeFilter extends ListOptions {
  readonly tenant?: string;
  readonly kind?: NoticeKind;
}

export interface StreamFilter {
  /** Default: all. */
  readonly kinds?: readonly StreamKind[];
  /** Event type patterns; endpoints are told whatever they say. */
  readonly types?: readonly string[];
  /** Only what concerns this endpoint: its attempts, its changes, and events that it subscribes to. */
  readonly endpoint?: string;
  /** Goes on behind this message of an earlier stream. */
  readonly cursor?: string;
  readonly signal?: AbortSignal;
}

/** Iterate it once; it pulls, so that who is slow holds nothing up. */
export interface EventStream extends AsyncIterable<StreamMessage> {
  /** The place up to which everything was told. Moves on with what the filter leaves out, too. */
  readonly cursor: string;
}

export interface StatsOptions {
  /** Default `1h`. */
  readonly window?: StatsWindow;
}

export interface Engine {
  publish(tenant: string, event: PublishInput): Promise<PublishResult>;
  /** All or nothing; 1 to 1,000. */
  publishBatch(tenant: string, events: readonly PublishInput[]): Promise<readonly PublishResult[]>;

  readonly tenants: {
    /** Creates or replaces; `created` says which. */
    put(id: string, input: TenantInput): Promise<{ readonly tenant: Tenant; readonly created: boolean }>;
    put(input: TenantInput & { readonly id: string }): Promise<{ readonly tenant: Tenant; readonly created: boolean }>;
    get(id: string): Promise<Tenant>;
    list(options?: ListOptions): Promise<Page<Tenant>>;
    /** Refused while the tenant has endpoints. */
    delete(id: string): Promise<void>;
  };

  readonly endpoints: {
    /**
     * `createTenant` makes an unknown tenant (deployment keys), with `tenantProfile` where that is given; otherwise it is
     * `tenant_not_found`. Embedders create it by default.
     */
    create(
      tenant: string,
      input: EndpointInput,
      options?: { readonly createTenant?: boolean; readonly tenantProfile?: string },
    ): Promise<EndpointWithSecret>;
    get(tenant: string, id: string): Promise<Endpoint>;
    /** Of all tenants when null. */
    list(tenant: string | null, options?: ListOptions): Promise<Page<Endpoint>>;
    update(tenant: string, id: string, patch: EndpointPatch): Promise<Endpoint>;
    delete(tenant: string, id: string): Promise<void>;
    enable(tenant: string, id: string): Promise<Endpoint>;
    disable(tenant: string, id: string): Promise<Endpoint>;
    pause(tenant: string, id: string): Promise<Endpoint>;
    resume(tenant: string, id: string): Promise<Endpoint>;
    rotateSecret(
      tenant: string,
      id: string,
      options?: { readonly secret?: string; readonly graceSeconds?: number },
    ): Promise<EndpointWithSecret>;
    activateSecret(tenant: string, id: string): Promise<Endpoint>;
    /** Sends the catalogue's sample at once, and resolves with the delivery after its one attempt (no retries). */
    test(tenant: string, id: string, options: { readonly eventType: string }): Promise<DeliveryDetail>;
  };

  readonly events: {
    get(tenant: string, id: string): Promise<EventDetail>;
    list(tenant: string | null, filter?: EventFilter): Promise<Page<EventSummary>>;
    /** Why an endpoint, also a deleted one, did or did not get this event. */
    explain(tenant: string, id: string, endpoint: string): Promise<Explanation>;
    /** Published within database transactions, and not acceptable; of all tenants when null. */
    rejected(tenant: string | null, options?: ListOptions): Promise<Page<RejectedEvent>>;
  };

  readonly deliveries: {
    get(tenant: string, id: string): Promise<DeliveryDetail>;
    list(tenant: string | null, filter?: DeliveryFilter): Promise<Page<DeliverySummary>>;
    /** Of a final one makes a new one (`created`); of a pending one makes it due now. */
    retry(tenant: string, id: string): Promise<{ readonly delivery: DeliverySummary; readonly created: boolean }>;
    cancel(tenant: string, id: string): Promise<DeliverySummary>;
  };

  readonly replays: {
    /** Counts what the filter takes. */
    create(tenant: string, input: ReplayInput & { readonly dryRun: true }): Promise<ReplayCount>;
    /** Delivers again what the filter takes, slower than live traffic. Durable: goes on after a restart. */
    create(tenant: string, input?: ReplayInput & { readonly dryRun?: false }): Promise<Replay>;
    create(tenant: string, input?: ReplayInput): Promise<Replay | ReplayCount>;
    get(tenant: string, id: string): Promise<Replay>;
    /** Of all tenants when null. */
    list(tenant: string | null, options?: ListOptions): Promise<Page<Replay>>;
    /** Makes nothing more, and cancels what it made and is pending. */
    cancel(tenant: string, id: string): Promise<Replay>;
  };

  readonly eventTypes: {
    put(name: string, input: EventTypeInput): Promise<{ readonly eventType: EventType; readonly created: boolean }>;
    /** The name as a profile has it, where `profile` is given; else the deployment's own, else the first profile's that has it. */
    get(name: string, profile?: string): Promise<EventType>;
    list(filter?: ListOptions & { readonly profile?: string }): Promise<Page<EventType>>;
    delete(name: string): Promise<void>;
  };

  readonly profiles: {
    /** Takes an unvalidated definition: problems come as `invalid_profile` with a path each. */
    put(name: string, definition: unknown): Promise<{ readonly profile: ProfileResource; readonly created: boolean }>;
    /** As `put` would make it, with its sample message; nothing is kept. */
    preview(name: string, definition: unknown): Promise<ProfileResource>;
    get(name: string): Promise<ProfileResource>;
    list(options?: ListOptions): Promise<Page<ProfileResource>>;
    delete(name: string): Promise<void>;
  };

  readonly keys: {
    /** `key` sets the key's text (WAXWING_ADMIN_KEY); otherwise one is made. */
    create(input: KeyInput, options?: { readonly key?: string }): Promise<KeyWithSecret>;
    list(options?: ListOptions): Promise<Page<Key>>;
    revoke(id: string): Promise<void>;
    /** In memory, constant cost; null when unknown, expired or revoked. */
    authenticate(key: string): Key | null;
    /** The key of this id; null when unknown, expired or revoked. In memory, as `authenticate`. */
    usable(id: string): Key | null;
    /** Whether any key that is not expired or revoked has this scope. */
    any(scope: Key['scope']): boolean;
  };

  /**
   * What happens from now on, or from a stream's cursor on, as it is committed: of one tenant, or of all when null. Lives until
   * the signal aborts, its iteration is left, or the engine closes. Throws `tenant_not_found`, `endpoint_not_found`,
   * `invalid_event_types`, `invalid_request`, `invalid_cursor`.
   */
  stream(tenant: string | null, filter?: StreamFilter): EventStream;

  readonly listeners: {
    /**
     * An endpoint that is relayed: its deliveries wait until a listener is attached, and go to it, oldest first, one at a time.
     * `endpoints` edits, reads and deletes it as any other.
     */
    create(tenant: string, input?: ListenerInput, options?: { readonly createTenant?: boolean }): Promise<EndpointWithSecret>;
    /**
     * Attaches at once; whoever was attached before hears that it was replaced. Detaches when the signal aborts, the iteration
     * is left, or the engine closes: what was not answered then comes again. Throws `endpoint_not_found`, `not_a_listener`.
     */
    attach(tenant: string, id: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<ListenerMessage>;
    /** What became of messages. Rejects with `endpoint_not_found`, `not_a_listener`, `invalid_request`, `store_unavailable`. */
    answer(tenant: string, id: string, results: readonly RelayResult[]): Promise<RelayAccepted>;
  };

  readonly portalLinks: {
    /** A tenant's key that expires soon, for its own view of the console. `by`: who makes it, who bounds it. */
    create(
      tenant: string,
      input?: PortalLinkInput,
      by?: Key | null,
    ): Promise<{ readonly id: Key['id']; readonly token: string; readonly expiresAt: string }>;
    /** In memory; null when there is none, or none any more. One that has expired is known for a day. */
    find(id: string): { readonly theme: PortalTheme; readonly origins: readonly string[]; readonly isUsable: boolean } | null;
  };

  readonly notices: {
    /** For operators; of all tenants unless one is named. */
    list(filter?: NoticeFilter): Promise<Page<Notice>>;
  };

  readonly stats: {
    all(options?: StatsOptions): Promise<Stats>;
    tenant(tenant: string, options?: StatsOptions): Promise<Stats>;
    endpoint(tenant: string, id: string, options?: StatsOptions): Promise<Stats>;
    /** Up to 100 in brief, in the order asked for; of all tenants when null. Those that are not there are left out. */
    endpoints(tenant: string | null, ids: readonly string[], options?: StatsOptions): Promise<readonly EndpointStats[]>;
  };

  /** Takes in what other nodes have changed; whether there was anything. For what is not known here and may be new. Never rejects. */
  refresh(): Promise<boolean>;
  /** The nodes that share the store, and the store. */
  cluster(): Promise<Cluster>;
  lookup(id: string): Promise<LookupResult>;
  status(): EngineStatus;
  /** Stops accepting, finishes what is in flight (at most `graceMs`, default 30,000), commits, frees. Idempotent. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
