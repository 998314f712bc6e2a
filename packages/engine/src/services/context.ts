// What the services share: the configuration in memory, the way to change it, and the store's readers.

import type { IdMint, Profile } from '@waxwing/protocol';
import type { Catalogue } from '../catalogue.ts';
import type { Committer } from '../commit/committer.ts';
import { commitChanges } from '../commit/change.ts';
import type { Health } from '../health.ts';
import type { Dispatcher } from '../lane/dispatcher.ts';
import type { Clock, Log, Randomness } from '../ports.ts';
import type { Numbers } from '../cluster/numbers.ts';
import type { Ownership } from '../cluster/ownership.ts';
import type { Registry } from '../registry.ts';
import type { EgressPolicy } from '../send/order.ts';
import type { RelaySender } from '../send/relay-sender.ts';
import type { Settler } from '../settle.ts';
import type { Change, Store } from '../store/store.ts';
import type { Vault } from '../vault.ts';
import type { Waits } from '../waits.ts';

export interface ServiceLimits {
  readonly endpointsPerTenantMax: number;
  readonly concurrencyMax: number;
  readonly defaultProfile: string;
  /** How long events, deliveries and attempts are kept; Infinity for ever. */
  readonly retentionDays: number;
  /** How often what has grown old is cleared away. */
  readonly upkeepMs: number;
}

export interface ServiceContext {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly ids: IdMint;
  readonly numbers: Numbers;
  readonly ownership: Ownership;
  readonly store: Store;
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly committer: Committer;
  readonly dispatcher: Dispatcher;
  readonly settler: Settler;
  readonly health: Health;
  readonly waits: Waits;
  readonly vault: Vault;
  readonly policy: EgressPolicy;
  readonly limits: ServiceLimits;
  readonly relay: RelaySender;
  /** Teaches the sender a profile of the platform's own. */
  readonly learnProfile: (version: number, profile: Profile) => void;
}

/** Commits a change of configuration and applies it. */
export function change(context: ServiceContext, key: string, prepare: () => readonly Change[]): Promise<readonly number[]> {
  return commitChanges(context.committer, context.registry, key, prepare);
}
