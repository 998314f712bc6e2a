// The registry: the configuration in memory, as last committed. Tenants, endpoints, profiles, event types, keys.
//
// The hot path asks it two things and never the store: who subscribes to this type, and what does an attempt to this
// endpoint need. Both answers are kept until what they were made from changes.

import {
  BUILT_IN_PROFILES,
  compileProfile,
  matchesEventType,
  secretsThatSign,
  WaxwingError,
  type Profile,
  type WireSettings,
} from '@waxwing/protocol';
import type { EndpointRow, EventTypeRow, KeyRow, ProfileRow, TenantRow } from './store/rows.ts';
import type { Change, StoreSnapshot } from './store/store.ts';
import type { SendTarget } from './send/order.ts';
import { isRelayUrl } from './send/relay-url.ts';
import { headersContext, secretContext, type Vault } from './vault.ts';

/** An endpoint as the engine works with it. */
export interface EndpointEntry {
  readonly row: EndpointRow;
  readonly profile: Profile;
  /** What bodies take from it: fixed in each delivery at publish. */
  readonly facts: string | null;
}

interface TenantEndpoints {
  readonly entries: Map<number, EndpointEntry>;
  /** Matches by event type, made when asked, dropped when an endpoint of the tenant changes. */
  readonly matches: Map<string, readonly EndpointEntry[]>;
}

/** Most event types remembered per tenant; an open catalogue must not grow memory. */
const MATCHES_MAX = 1_000;

export class Registry {
  readonly #vault: Vault;
  readonly #settings: WireSettings;
  readonly tenants: Map<string, TenantRow> = new Map<string, TenantRow>();
  readonly eventTypes: Map<string, EventTypeRow> = new Map<string, EventTypeRow>();
  readonly keys: Map<string, KeyRow> = new Map<string, KeyRow>();
  readonly #keysByHash = new Map<string, KeyRow>();
  readonly #profiles = new Map<string, Map<number, { readonly row: ProfileRow; readonly profile: Profile }>>();
  readonly #bySeq = new Map<number, EndpointEntry>();
  readonly #seqById = new Map<string, number>();
  readonly #byTenant = new Map<string, TenantEndpoints>();
  /** Relayed endpoints, by id, whose listener is there. */
  readonly attached: Set<string> = new Set<string>();
  /** Those that another node works for, whose listener is there. */
  readonly attachedElsewhere: Set<string> = new Set<string>();
  readonly #targets = new Map<number, { readonly target: SendTarget; readonly untilMs: number }>();

  constructor(vault: Vault, settings: WireSettings) {
    this.#vault = vault;
    this.#settings = settings;
  }

  /** Takes over what a store holds; anything held before is forgotten. */
  load(snapshot: StoreSnapshot): void {
    for (const map of [
      this.tenants,
      this.eventTypes,
      this.keys,
      this.#keysByHash,
      this.#profiles,
      this.#bySeq,
      this.#seqById,
      this.#byTenant,
      this.#targets,
    ])
      map.clear();
    for (const tenant of snapshot.tenants) this.tenants.set(tenant.id, tenant);
    for (const eventType of snapshot.eventTypes) this.eventTypes.set(eventType.name, eventType);
    for (const key of snapshot.keys) this.#putKey(key);
    for (const profile of snapshot.profiles) this.#putProfile(profile);
    for (const endpoint of snapshot.endpoints) this.#putEndpoint(endpoint);
  }

  /** Applies a committed change. */
  apply(change: Change): void {
    switch (change.kind) {
      case 'putTenant':
        this.tenants.set(change.tenant.id, change.tenant);
        return;
      case 'deleteTenant':
        this.tenants.delete(change.id);
        this.#byTenant.delete(change.id);
        return;
      case 'putEndpoint':
        this.#putEndpoint(change.endpoint);
        return;
      case 'deleteEndpoint':
        this.#removeEndpoint(change.seq);
        return;
      case 'touchEndpoint':
        this.#touch(change.seq, change.lastTriggeredMs);
        return;
      case 'putProfile':
        this.#putProfile(change.profile);
        return;
      case 'putEventType':
        this.eventTypes.set(change.eventType.name, change.eventType);
        return;
      case 'deleteEventType':
        this.eventTypes.delete(change.name);
        return;
      case 'putKey':
        this.#putKey(change.key);
        return;
      case 'deleteKey': {
        const row = this.keys.get(change.id);
        this.keys.delete(change.id);
        if (row !== undefined) this.#keysByHash.delete(row.hash);
        return;
      }
      case 'putMeta':
      case 'cancelPending':
      case 'forgetIdempotency':
      case 'putReplay':
      case 'removeDeliveries':
      case 'removeEvents':
      case 'removeEndpoints':
      case 'removeReplays':
      case 'trimFeed':
      case 'rollUp':
      case 'removeSteps':
      case 'putNotice':
      case 'rejectEvent':
      case 'removeRejected':
      case 'removeNotices':
        return;
      default:
        change satisfies never;
    }
  }

  keyByHash(hash: string): KeyRow | undefined {
    return this.#keysByHash.get(hash);
  }

  get endpointCount(): number {
    return this.#bySeq.size;
  }

  /** Whether an endpoint is relayed and has no listener: nothing can go out to it. */
  isAway(row: EndpointRow): boolean {
    return isRelayUrl(row.url) && !this.attached.has(row.id);
  }

  endpoints(): IterableIterator<EndpointEntry> {
    return this.#bySeq.values();
  }

  endpointsOf(tenant: string): readonly EndpointEntry[] {
    return [...(this.#byTenant.get(tenant)?.entries.values() ?? [])];
  }

  endpointCountOf(tenant: string): number {
    return this.#byTenant.get(tenant)?.entries.size ?? 0;
  }

  endpoint(seq: number): EndpointEntry | undefined {
    return this.#bySeq.get(seq);
  }

  endpointById(id: string): EndpointEntry | undefined {
    const seq = this.#seqById.get(id);
    return seq === undefined ? undefined : this.#bySeq.get(seq);
  }

  /** Every endpoint of the tenant that subscribes to the type, whatever its status. */
  subscribers(tenant: string, type: string): readonly EndpointEntry[] {
    const mine = this.#byTenant.get(tenant);
    if (mine === undefined) return [];
    let found = mine.matches.get(type);
    if (found === undefined) {
      found = [...mine.entries.values()].filter((entry) => matchesEventType(entry.row.eventTypes, type));
      if (mine.matches.size >= MATCHES_MAX) mine.matches.clear();
      mine.matches.set(type, found);
    }
    return found;
  }

  /** What an attempt needs of the endpoint, secrets in plain text. Made anew when the endpoint changes or a grace ends. */
  target(entry: EndpointEntry, nowMs: number): SendTarget {
    const { row } = entry;
    const kept = this.#targets.get(row.seq);
    if (kept !== undefined && nowMs < kept.untilMs) return kept.target;
    const rotation = {
      current: this.#vault.open(row.secretSealed, secretContext(row.id)),
      previous: row.previousSecretSealed === null ? null : this.#vault.open(row.previousSecretSealed, secretContext(row.id)),
      graceEndsMs: row.graceEndsMs,
    };
    const inGrace = row.graceEndsMs !== null && nowMs < row.graceEndsMs;
    const target: SendTarget = {
      endpointId: row.id,
      url: row.url,
      profile: { name: row.profile, version: row.profileVersion },
      headers: Object.entries(this.headers(row)),
      verifyTls: row.verifyTls,
      timeoutMs: row.timeoutSeconds * 1_000,
      secrets: secretsThatSign(entry.profile.definition.signature, rotation, nowMs),
    };
    this.#targets.set(row.seq, { target, untilMs: inGrace && row.graceEndsMs !== null ? row.graceEndsMs : Infinity });
    return target;
  }

  /** The endpoint's own headers in plain text. */
  headers(row: EndpointRow): { readonly [name: string]: string } {
    if (row.headersSealed === null) return {};
    const headers: unknown = JSON.parse(this.#vault.open(row.headersSealed, headersContext(row.id)));
    const plain: { [name: string]: string } = {};
    for (const [name, value] of Object.entries(headers ?? {})) plain[name] = String(value);
    return plain;
  }

  /** A profile by name and version; version 0 is a built-in one. */
  profile(name: string, version: number): Profile {
    const profile = version === 0 ? BUILT_IN_PROFILES.get(name) : this.#profiles.get(name)?.get(version)?.profile;
    if (profile === undefined) throw new WaxwingError('unknown_profile', `There is no profile ${name} (version ${version}).`);
    return profile;
  }

  /** What new endpoints of this profile get: the built-in one, or the newest version of a platform's own. Undefined where there is none. */
  latestProfile(name: string): { readonly profile: Profile; readonly version: number } | undefined {
    const builtIn = BUILT_IN_PROFILES.get(name);
    if (builtIn !== undefined) return { profile: builtIn, version: 0 };
    const latest = this.latestProfileRow(name);
    return latest === undefined ? undefined : { profile: this.profile(name, latest.version), version: latest.version };
  }

  /** The newest row of a platform's own profile that is not deleted. */
  latestProfileRow(name: string): ProfileRow | undefined {
    const versions = this.#profiles.get(name);
    if (versions === undefined) return undefined;
    const row = versions.get(Math.max(...versions.keys()))?.row;
    return row?.deletedMs === null ? row : undefined;
  }

  /** The newest version number used, deleted ones included; 0 for none. */
  newestVersion(name: string): number {
    const versions = this.#profiles.get(name);
    return versions === undefined ? 0 : Math.max(...versions.keys());
  }

  customProfileNames(): readonly string[] {
    return [...this.#profiles.keys()].filter((name) => this.latestProfileRow(name) !== undefined);
  }

  profileRows(): readonly ProfileRow[] {
    return [...this.#profiles.values()].flatMap((versions) => [...versions.values()].map(({ row }) => row));
  }

  #putKey(row: KeyRow): void {
    this.keys.set(row.id, row);
    this.#keysByHash.set(row.hash, row);
  }

  #putProfile(row: ProfileRow): void {
    let versions = this.#profiles.get(row.name);
    if (versions === undefined)
      this.#profiles.set(row.name, (versions = new Map<number, { readonly row: ProfileRow; readonly profile: Profile }>()));
    versions.set(row.version, { row, profile: compileProfile(row.definition) });
  }

  #putEndpoint(row: EndpointRow): void {
    const profile = this.profile(row.profile, row.profileVersion);
    const entry: EndpointEntry = { row, profile, facts: profile.facts(row, this.#settings) };
    this.#bySeq.set(row.seq, entry);
    this.#seqById.set(row.id, row.seq);
    this.#targets.delete(row.seq);
    let mine = this.#byTenant.get(row.tenant);
    if (mine === undefined) this.#byTenant.set(row.tenant, (mine = { entries: new Map(), matches: new Map() }));
    mine.entries.set(row.seq, entry);
    mine.matches.clear();
  }

  #removeEndpoint(seq: number): void {
    const entry = this.#bySeq.get(seq);
    if (entry === undefined) return;
    this.#bySeq.delete(seq);
    this.#seqById.delete(entry.row.id);
    this.#targets.delete(seq);
    const mine = this.#byTenant.get(entry.row.tenant);
    mine?.entries.delete(seq);
    mine?.matches.clear();
  }

  /** When an endpoint was last triggered changes often and nothing else depends on it: no match or target is dropped. */
  #touch(seq: number, lastTriggeredMs: number): void {
    const entry = this.#bySeq.get(seq);
    if (entry === undefined) return;
    const touched: EndpointEntry = { ...entry, row: { ...entry.row, lastTriggeredMs } };
    this.#bySeq.set(seq, touched);
    this.#byTenant.get(entry.row.tenant)?.entries.set(seq, touched);
  }
}
